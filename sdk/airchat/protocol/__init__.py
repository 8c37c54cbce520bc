"""The words every part of AirChat speaks: ids, names, messages, events, tasks, errors.

Layer 0. Standard library only, no I/O, no clock: whatever depends on time takes it as an argument.
Times are integers in microseconds since the Unix epoch (UTC); `timestamps` turns them into ISO-8601 text at the edge.
"""
