"""Who and what is here: users, channels, and who watches or mutes whom."""
