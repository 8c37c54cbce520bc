"""The service behind the nick `hub`: what people can ask of the hub in plain words."""
