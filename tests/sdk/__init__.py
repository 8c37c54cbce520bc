"""The client library, over real sockets wherever it talks to a hub."""
