"""A platform in memory: the smallest complete bridge, for tests and for learning the contract."""
