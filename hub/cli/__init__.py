"""The `airchat-hub` command: run the server and administer it on the machine where its data is.

Whoever may read the hub's data may use it: it acts as the hub's own `system` principal.
"""
