"""The `airchat` command."""
