"""Discord: events come over the gateway, posts go out through one webhook per channel. No public address is needed."""
