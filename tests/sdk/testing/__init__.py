"""The fake hub."""
