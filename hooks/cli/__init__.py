"""What this distribution adds to the `airchat` command."""
