"""The tools, one file per noun. A tool's docstring is what the model reads about it."""
