"""Stories over real processes and sockets."""
