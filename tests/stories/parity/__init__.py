"""Parity: what somebody does in one place is seen in every other."""
