"""aircd's dialect, for its unmodified clients."""
