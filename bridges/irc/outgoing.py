"""A line on its way to clients, and the one place where tags are filtered by what a client negotiated."""

from collections.abc import Mapping, Sequence
from enum import IntFlag

from airchat.protocol.timestamps import SECOND
from bridges.irc.wire.lines import tags_prefix
from bridges.irc.wire.timestamps import format_time

_NO_TAGS: Mapping[str, str] = {}


class Signature(IntFlag):
    """What of a client's capabilities decides how a line looks; clients with the same share its bytes."""

    TAGS = 1
    TIME = 2
    ACCOUNT = 4
    BATCH = 8
    AIRCD = 16


_CAPABILITIES = {
    "message-tags": Signature.TAGS,
    "server-time": Signature.TIME,
    "account-tag": Signature.ACCOUNT,
    "batch": Signature.BATCH,
}
_TAGS, _TIME, _AIRCD = int(Signature.TAGS), int(Signature.TIME), int(Signature.AIRCD)
_OWN_CAPABILITY = {"account": int(Signature.ACCOUNT), "batch": int(Signature.BATCH), "time": _TIME}
_HIDDEN = [
    tuple(name for name, flag in _OWN_CAPABILITY.items() if not signature & flag) for signature in range(2 * _AIRCD)
]
"""By signature: the tags that clients of it do not get though they get tags."""


def signature_of(capabilities: set[str], *, aircd: bool = False) -> int:
    """Return the signature of a client with these capabilities, or of one that speaks aircd's dialect.

    It is a plain number, since flags are slow to look up.
    """
    found = Signature.AIRCD if aircd else Signature(0)
    for name, flag in _CAPABILITIES.items():
        if name in capabilities:
            found |= flag
    return int(found)


class Outgoing:
    """One line: `body` is its text without tags and CR LF, free of line ends.

    `tags` are all it could carry; `at` is its moment in microseconds, `seq` its place in the hub's log. `aircd` are the
    tags that clients of aircd's dialect see after `seq`, `msg-id` and `time`. Each client gets what it negotiated.
    """

    __slots__ = ("_encoded", "aircd", "at", "body", "seq", "tags")

    def __init__(
        self,
        body: str,
        tags: Mapping[str, str] = _NO_TAGS,
        *,
        at: int | None = None,
        seq: int | None = None,
        aircd: Mapping[str, str] = _NO_TAGS,
    ) -> None:
        self.body = body
        self.tags = tags
        self.at = at
        self.seq = seq
        self.aircd = aircd
        self._encoded: dict[int, bytes] = {}

    def encode(self, signature: int) -> bytes:
        """Return the bytes for clients of this signature; rendered once for all of them."""
        encoded = self._encoded.get(signature)
        if encoded is None:
            encoded = self._encoded[signature] = self._render(signature, {})
        return encoded

    def encode_with(self, signature: int, extra: Mapping[str, str]) -> bytes:
        """Return the bytes for one client, with tags that it alone sees: a label or a batch."""
        return self._render(signature, extra)

    def _render(self, signature: int, extra: Mapping[str, str]) -> bytes:
        if not signature and not extra:
            return f"{self.body}\r\n".encode()
        tags = self._aircd_tags() if signature & _AIRCD else self._visible_tags(signature)
        return f"{tags_prefix({**extra, **tags} if extra else tags)}{self.body}\r\n".encode()

    def _visible_tags(self, signature: int) -> dict[str, str]:
        tags = {"time": format_time(self.at)} if self.at is not None and signature & _TIME else {}
        if signature & _TAGS:
            tags.update(self.tags)
            for name in _HIDDEN[signature]:
                tags.pop(name, None)
        else:
            tags |= {name: text for name, text in self.tags.items() if signature & _OWN_CAPABILITY.get(name, 0)}
        return tags

    def _aircd_tags(self) -> dict[str, str]:
        """Return the dialect's tags in its fixed order."""
        tags = {}
        if self.seq is not None and self.at is not None:
            tags = {"seq": str(self.seq), "msg-id": self.tags.get("msgid", ""), "time": str(self.at // SECOND)}
        return tags | dict(self.aircd)


class Lines:
    """Lines that follow one another at once, for clients that get all of them; `seq` is that of the last."""

    __slots__ = ("_encoded", "outs", "seq")

    def __init__(self, outs: Sequence[Outgoing]) -> None:
        self.outs = outs
        self.seq = outs[-1].seq
        self._encoded: dict[int, bytes] = {}

    def encode(self, signature: int) -> bytes:
        """Return the bytes for clients of this signature; joined once for all of them."""
        encoded = self._encoded.get(signature)
        if encoded is None:
            encoded = self._encoded[signature] = b"".join([out.encode(signature) for out in self.outs])
        return encoded
