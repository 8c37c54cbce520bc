"""The way to the platforms: what happened on the hub goes out, in order, once."""
