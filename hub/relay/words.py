"""Words for changes that a platform cannot show: what is posted in their stead, in CommonMark."""

import re
from collections.abc import Sequence

from hub.relay.contract.outbound import Author, Change, Delete, Edit, React, Topic

_NAMES_AT_MOST = 5
_SPECIAL = re.compile(r"([\\`*_~\[\]<>|#])")
_MENTION = re.compile(r"@(\w?)")
_BREAK = "\u200b"
_JOINER = "\u200d"


def plainly(changes: Sequence[Change]) -> str | None:
    """Return plain words for one change, or for several reactions to the same message; None for what needs none."""
    match changes[0]:
        case Edit(text=text):
            return f"corrected: {text}"
        case Delete(target=target):
            return f"deleted: {target.excerpt}" if target.excerpt else "deleted a message"
        case Topic(text=text):
            return f"set the topic: {text}" if text else "removed the topic"
        case React(target=target):
            reactions = [change for change in changes if isinstance(change, React) and change.added]
            if not reactions:
                return None
            listed = ", ".join(f"{change.emoji} {_names(change.authors)}".rstrip() for change in reactions)
            return f"{plain(target.author_name)}: {target.excerpt}\n{listed}"


def one_line(text: str) -> str:
    """Return a text in one line, without what cannot be seen but for what joins emoji."""
    shown = "".join(one if one.isprintable() or one == _JOINER else " " for one in text)
    return " ".join(shown.split()).strip(f" {_JOINER}")


def plain(name: str) -> str:
    """Return a name in CommonMark, where it is nothing but words, and calls nobody."""
    return calling_nobody(_SPECIAL.sub(r"\\\1", name))


def calling_nobody(text: str) -> str:
    """Return a text in which no name is a mention any more, nor one that an IRC client looks for: they are broken."""
    return _MENTION.sub(rf"@{_BREAK}\1{_BREAK}", text)


def _names(authors: Sequence[Author]) -> str:
    names = [plain(author.name) for author in authors[:_NAMES_AT_MOST]]
    more = len(authors) - len(names)
    return ", ".join([*names, f"{more} more"] if more > 0 else names)
