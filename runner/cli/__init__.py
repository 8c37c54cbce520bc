"""The `airchat-runner` command, one file per command."""
