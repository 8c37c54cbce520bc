"""The IRC server: IRC clients connect to it and are in the hub's channels.

`server.IrcServer` ties it together; `wire/` is the pure protocol, `transport/` moves bytes, `commands/` answers
clients, `feed` turns the hub's log into what clients see.
"""
