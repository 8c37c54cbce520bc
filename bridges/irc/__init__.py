"""The IRC server: IRC clients connect to it and are in the hub's channels.

`server.IrcServer` ties it together. `wire/` is the pure protocol, `transport/` moves bytes, `commands/` answers
clients; `accounts/` says who they are, `presence/` who is here, `speech/` takes what they say into the hub, and `log/`
shows them what the hub's log tells. `service/` is the hub as a contact, `aircd/` the dialect of aircd's clients.
"""
