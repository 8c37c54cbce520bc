"""What clients say, on its way into the hub."""
