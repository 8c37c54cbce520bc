"""Stories that go through the whole hub and several platforms."""
