"""Masks: patterns for names, where `*` stands for any text and `?` for any one character; ASCII letters in either case.

Matching takes time in proportion to the text, whatever the mask: nothing that was matched is tried again.
"""

import re
from functools import lru_cache

ACCOUNT = "$a:"
"""What begins so is matched with the name of an account alone, which whoever only visits does not have."""

LONGEST = 512
"""Characters of a mask: what is made of one is kept, and takes memory in proportion."""


def matches(mask: str, text: str) -> bool:
    """Tell whether the mask fits the whole text; one longer than `LONGEST` fits nothing."""
    return len(mask) <= LONGEST and _pattern(mask).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _pattern(mask: str) -> re.Pattern[str]:
    first, *rest = (re.escape(part).replace(r"\?", ".") for part in mask.split("*"))
    text = first
    if rest:
        *middle, last = rest
        # The first place where a part fits leaves the most room for those after it.
        text += "".join(f"(?>.*?{part})" for part in middle if part) + f".*{last}"
    return re.compile(text, re.ASCII | re.IGNORECASE | re.DOTALL)
