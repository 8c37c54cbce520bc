"""Handlers, one file per noun: from a checked request to a use-case, and from its result to rows."""
