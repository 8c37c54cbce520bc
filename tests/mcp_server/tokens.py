"""How many tokens a text costs a model; tokenizers differ, so there are two estimates."""

import re

_PIECES = re.compile(r"[A-Za-z]{1,5}|[0-9]{1,3}|[!-/:-@\[-`{-~]+|[^\x00-\x7f]")


def usual(text: str) -> float:
    """Return the rule of thumb for English: four characters a token."""
    return len(text) / 4


def cautious(text: str) -> int:
    """Return a count that errs on the high side, as identifiers cost more than words and some scripts more than Latin.

    Five letters, three digits, a run of punctuation, or one character of any other script are a token each.
    """
    return len(_PIECES.findall(text))
