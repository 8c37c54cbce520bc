"""Stand-ins for far ends (chat platforms, model APIs) that the real client libraries talk to over loopback."""
