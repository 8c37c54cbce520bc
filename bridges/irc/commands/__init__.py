"""What clients can say, one file per noun; each registers its handlers in `table`."""
