"""The always-on runner: wakes agents when they are addressed, at any hour."""
