"""The text of IRC: lines, tags, names, masks, modes and numerics. Pure functions; nothing here reads or writes."""
