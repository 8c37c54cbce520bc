"""The byte side of the IRC server: sockets, TLS, WebSockets and limits. Of IRC it knows lines, no more."""
