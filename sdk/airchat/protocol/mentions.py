"""Mentions: which names a text addresses.

`@name` anywhere except inside a word, an e-mail address, a link or code. The name ends at the first character that
cannot be in a name; hyphens and underscores at its end do not count, nor does a possessive `'s`.
"""

import re

_CODE = re.compile(r"(?P<fence>```|~~~).*?(?:(?P=fence)|\Z)|(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
# Nobody may stop the hub with a long text: schemes are bounded, and what was read as a name is not read again.
LINK = re.compile(r"(?<![^\W_])[a-z][a-z0-9+.-]{0,30}://[^\s<>\"`\\|]+", re.IGNORECASE)
"""An address in a text that is no code; nobody is mentioned in it."""

# It begins with what is rare and looks back from there, which is found quickly.
MENTION = re.compile(r"@(?<![\w.+@-]@)@*+([A-Za-z0-9][A-Za-z0-9_-]*+)(?!\w*@)")
"""A mention in a text that holds neither code nor links; the name is what follows the last `@`."""


def mentioned_names(text: str) -> list[str]:
    """Return the names that `text` mentions, lower case, each once, in order of appearance.

    Whether a name belongs to somebody is for the caller to find out.
    """
    bare = _CODE.sub(" ", text) if "`" in text or "~~~" in text else text
    bare = LINK.sub(" ", bare) if "://" in bare else bare
    names = (match.group(1).rstrip("-_").lower() for match in MENTION.finditer(bare))
    return list(dict.fromkeys(name for name in names if name))
