"""Postgres: several hub processes share one database; an advisory lock orders their commits."""
