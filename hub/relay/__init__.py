"""What bridges plug into: inbound events become canonical messages, the log's changes go out to linked channels.

A platform's own protocol lives in its bridge; everything that decides what is lost, doubled or reordered lives here.
"""
