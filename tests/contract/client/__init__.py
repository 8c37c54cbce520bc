"""What a client may expect of a hub, checked on a real one and on the fake one, so that the fake one stays honest."""
