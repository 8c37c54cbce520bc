"""Slack, over Socket Mode: no public address is needed."""
