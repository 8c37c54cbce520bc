"""The schema as numbered steps: `<number>_<name>.sql` is shared, `<number>_<name>.<dialect>.sql` follows it."""
