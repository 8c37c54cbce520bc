"""Every call of the REST API, described once, one file per noun.

Both clients take their methods, with signatures and docstrings, from here.
"""
