"""One file per noun: ports implemented over a `Session`, for both databases."""
