"""Bridges: one folder per platform; bridges never import each other."""
