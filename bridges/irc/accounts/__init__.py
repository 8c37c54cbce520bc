"""Who clients are: how they prove it, make accounts, and what they may."""
