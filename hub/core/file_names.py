"""What files may be called, at what paths they can be, and what type they have."""

import mimetypes
import re

from airchat.protocol.errors import InvalidInput
from airchat.protocol.limits import FILE_NAME_LENGTH
from hub.core.text import checked_text

OCTETS = "application/octet-stream"
_SAYS_NOTHING = ("", OCTETS, "application/x-www-form-urlencoded")
"""The last one is what `curl --data-binary` says of everything."""

_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}(; ?[a-z0-9_.+=-]{1,50})?")
_UNSAFE_PATH = re.compile("[\0\ud800-\udfff]")

mimetypes.init()  # reads files, which must not happen while the loop runs


def check_path(path: str) -> None:
    """Do nothing when a file could have that path.

    Raises:
        InvalidInput: none can.
    """
    if not path or path.startswith("/") or _UNSAFE_PATH.search(path) or ".." in re.split(r"[/\\]", path):
        raise InvalidInput("Invalid file path", "path")


def type_by_name(filename: str, otherwise: str) -> str:
    """Return the type that the name's ending stands for, or `otherwise`."""
    found, compression = mimetypes.guess_type(filename)
    return found if found and not compression else otherwise


def checked_name(name: str) -> str:
    """Return the name without blanks at its ends.

    Raises:
        InvalidInput: it is empty or too long, or holds control characters.
    """
    name = checked_text(name, "filename", FILE_NAME_LENGTH)
    if any(ord(char) < 32 or ord(char) == 127 for char in name):
        raise InvalidInput("filename must not hold control characters", "filename")
    return name


def checked_type(content_type: str | None, filename: str) -> str:
    """Return the type in lower case; where it is missing, improper or says nothing, that of the name, else octets."""
    wanted = (content_type or "").strip().lower()
    return wanted if wanted not in _SAYS_NOTHING and _CONTENT_TYPE.fullmatch(wanted) else type_by_name(filename, OCTETS)
