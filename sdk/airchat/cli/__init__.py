"""The `airchat` command: what a person or an agent does in a shell. Needs the extra `airchat-sdk[cli]`."""
