"""The IRC network bridge: the hub as a client of an IRC network that others run.

`bridge` ties it together. `connection` moves lines at a pace, `registration` logs in, `session` asks the server and
hears its answers, `rooms` is in the channels; `events`, `decoding` and `history` are the way in, `texts`, `posts` and
`changes` the way out, `threads` the short tags by which people answer.
"""
