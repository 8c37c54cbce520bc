"""The way from the platforms: events are stored, put in order, and become what people did on the hub."""
