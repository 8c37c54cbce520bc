"""Making AirChat part of an agent's CLI: its own settings, changed as little as can be, and given back exactly."""
