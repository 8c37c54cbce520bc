"""Faces: what stands beside a name when there is no picture, the same for the same author always."""

import hashlib
from typing import Any

from hub.relay.contract.outbound import Author
from hub.relay.words import one_line

_FACES = (
    "robot_face", "owl", "fox_face", "octopus", "bee", "turtle", "penguin", "whale", "cat", "frog", "koala",
    "panda_face", "unicorn_face", "dragon_face", "snail", "ladybug", "hatched_chick", "hedgehog", "otter", "sloth",
    "parrot", "lizard", "crab", "squid", "dolphin", "tropical_fish", "blowfish", "mushroom", "cactus",
    "four_leaf_clover", "maple_leaf", "rocket",
)  # fmt: skip
_NAME_LENGTH = 80


def authorship(author: Author | None) -> dict[str, Any]:
    """Return the arguments that make a call appear as the author's; none where the app speaks for itself."""
    if author is None:
        return {}
    name = one_line(author.name)[:_NAME_LENGTH].rstrip() or "?"
    if author.avatar_url and author.avatar_url.startswith("https://"):
        return {"username": name, "icon_url": author.avatar_url}
    return {"username": name, "icon_emoji": f":{face(author.id)}:"}


def face(author_id: str) -> str:
    """Return the name of an emoji for an author."""
    return _FACES[hashlib.sha256(author_id.encode()).digest()[0] % len(_FACES)]
