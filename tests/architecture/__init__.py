"""Rules about the source tree itself: who imports whom, how long things are, what must not be written down."""
