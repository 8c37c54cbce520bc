"""How a message of the hub looks to IRC clients: one line, several lines, or a multiline batch, live and in history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridges.irc.outgoing import Outgoing, Signature
from bridges.irc.wire import lines
from bridges.irc.wire.split import pieces

if TYPE_CHECKING:  # sessions are only looked at
    from bridges.irc.session import Session

LINE_BYTES = 510
_AIRCD_BYTES = 8_000
_MULTILINE = "draft/multiline"
_CONCAT = "draft/multiline-concat"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as somebody said it: who (`nick!user@host`), to whom, with which tags; `text` may have many lines."""

    source: str
    command: str
    target: str
    text: str
    tags: dict[str, str]
    at: int
    seq: int | None = None
    aircd: dict[str, str] | None = None


class Rendering:
    """A message made ready for all clients; each shape is made once, when the first client needs it."""

    def __init__(self, spoken: Spoken) -> None:
        self._spoken = spoken
        self._lines: list[Outgoing] | None = None
        self._batch: list[Outgoing] | None = None
        self._aircd: list[Outgoing] | None = None
        self._single: Outgoing | None = None
        room = LINE_BYTES - len(f":{spoken.source} {spoken.command} {spoken.target} :".encode())
        self._room = max(room, 64)
        if self._fits():
            self._single = self._line(spoken.text, spoken.tags)

    def _fits(self) -> bool:
        text = self._spoken.text
        if "\n" in text or "\r" in text:
            return False
        return len(text) * 4 <= self._room or len(text.encode()) <= self._room

    def lines_for(self, session: Session) -> Sequence[Outgoing]:
        """Return what this client gets to see of the message."""
        if self._single is not None:
            return (self._single,)
        if session.signature & Signature.AIRCD:
            return self._for_aircd()
        if session.has(_MULTILINE) and session.has("batch"):
            return self._as_batch()
        return self._as_lines()

    def _line(self, text: str, tags: dict[str, str], at: int | None = None) -> Outgoing:
        spoken = self._spoken
        body = lines.text(spoken.command, spoken.target, text, source=spoken.source)
        return Outgoing(body, tags, at=spoken.at if at is None else at, seq=spoken.seq, aircd=spoken.aircd or {})

    def _as_lines(self) -> list[Outgoing]:
        """One line each, blank ones dropped; only the first carries the message's id."""
        if self._lines is None:
            rest = {name: text for name, text in self._spoken.tags.items() if name in ("account", "bot", "batch")}
            texts = [piece for row in self._spoken.text.split("\n") if row for piece in pieces(row, self._room)]
            self._lines = [self._line(text, self._spoken.tags if not i else rest) for i, text in enumerate(texts)]
        return self._lines

    def _for_aircd(self) -> list[Outgoing]:
        """Lines of any length that such clients take; each has an id of its own, as they drop what repeats one."""
        if self._aircd is None:
            texts = [piece for row in self._spoken.text.split("\n") if row for piece in pieces(row, _AIRCD_BYTES)]
            msgid = self._spoken.tags.get("msgid", "")
            self._aircd = [
                self._line(text, self._spoken.tags | {"msgid": msgid if not i else f"{msgid}.{i + 1}"})
                for i, text in enumerate(texts)
            ]
        return self._aircd

    def _as_batch(self) -> list[Outgoing]:
        if self._batch is None:
            spoken = self._spoken
            name = f"m{spoken.tags.get('msgid', '').replace('-', '')}"
            opening = lines.text("BATCH", f"+{name}", _MULTILINE, spoken.target, source=spoken.source)
            closing = lines.text("BATCH", f"-{name}", source=spoken.source)
            out = [Outgoing(opening, spoken.tags, at=spoken.at, seq=spoken.seq)]
            for row in spoken.text.split("\n"):
                for number, piece in enumerate(pieces(row, self._room) or [""]):
                    tags = {"batch": name} | ({_CONCAT: ""} if number else {})
                    out.append(Outgoing(lines.text(spoken.command, spoken.target, piece, source=spoken.source), tags))
            out.append(Outgoing(closing))
            self._batch = out
        return self._batch


def spoken_tags(row: dict[str, Any], *, account: str | None, bot: bool) -> dict[str, str]:
    """Return the tags that a message's row gives: its id, author, and the client-only tags that came with it."""
    tags = {"msgid": row["id"]}
    if account is not None:
        tags["account"] = account
    if bot:
        tags["bot"] = ""
    tags |= details(row).get("tags", {})
    parent_id = row.get("parent_message_id")
    if parent_id and "+draft/reply" not in tags and "+reply" not in tags:
        tags |= {"+reply": parent_id, "+draft/reply": parent_id}
    return tags


def details(row: dict[str, Any]) -> dict[str, Any]:
    """Return what the message keeps for IRC clients alone."""
    found = (row.get("metadata") or {}).get("irc")
    return found if isinstance(found, dict) else {}


def spoken_text(row: dict[str, Any], recipient: str | None) -> str:
    """Return the text as said on IRC: a direct message without the name it begins with, an action in its CTCP dress."""
    text: str = row["content"]
    if recipient is not None:
        text = text.removeprefix(f"@{recipient} ")
    ctcp = details(row).get("ctcp")
    return f"\x01{ctcp} {text}\x01" if ctcp == "ACTION" else text
