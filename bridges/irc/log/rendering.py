"""How a message of the hub looks to IRC clients: one line, several lines, or a multiline batch, live and in history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bridges.irc.outgoing import Outgoing, Signature
from bridges.irc.speech.said import parts
from bridges.irc.wire import lines
from bridges.irc.wire.split import pieces

if TYPE_CHECKING:  # sessions are only looked at
    from bridges.irc.session import Session

LINE_BYTES = 510
MOST_LINES = 1_000
"""How many lines of one message are shown; more would fill what may wait for a client."""

_AIRCD_BYTES = 8_000
MULTILINE = "draft/multiline"
CONCAT = "draft/multiline-concat"


@dataclass(slots=True)
class Spoken:
    """A message as somebody said it: who (`nick!user@host`), to whom, with which tags; `text` may have many lines.

    An `action` is shown in its CTCP dress. `cuts` are the places in the text where its author cut a line in two.
    Nothing changes it; it is not frozen since every message has one, and freezing it would cost as much as sending it.
    """

    source: str
    command: str
    target: str
    text: str
    tags: dict[str, str]
    at: int
    seq: int | None = None
    aircd: dict[str, str] | None = None
    action: bool = False
    cuts: Sequence[int] = ()


class Rendering:
    """A message made ready for all clients; each shape is made once, when the first client needs it."""

    def __init__(self, spoken: Spoken) -> None:
        self._spoken = spoken
        self._lines: list[Outgoing] | None = None
        self._batch: list[Outgoing] | None = None
        self._aircd: list[Outgoing] | None = None
        self._single: Outgoing | None = None
        self._opening, room = _opening(spoken.source, spoken.command, spoken.target)
        self._room = max(room - len(_dressed("")) if spoken.action else room, 64)
        if self._fits():
            self._single = self._line(spoken.text, spoken.tags)

    def _fits(self) -> bool:
        text = self._spoken.text
        if "\n" in text or "\r" in text or self._spoken.cuts:
            return False
        return len(text) * 4 <= self._room or len(text.encode()) <= self._room

    @property
    def single(self) -> Outgoing | None:
        """The one line that everybody gets, None when clients get several or not the same."""
        return self._single

    def lines_for(self, session: Session) -> Sequence[Outgoing]:
        """Return what this client gets to see of the message."""
        if self._single is not None:
            return (self._single,)
        if session.signature & Signature.AIRCD:
            return self._for_aircd()
        if session.has(MULTILINE) and session.has("batch"):
            return self._as_batch()
        return self._as_lines()

    def _body(self, text: str) -> str:
        spoken = self._spoken
        if spoken.command == "TAGMSG":
            return lines.text(spoken.command, spoken.target, source=spoken.source)
        return self._opening + lines.one_line(_dressed(text) if spoken.action else text)

    def _line(self, text: str, tags: dict[str, str]) -> Outgoing:
        spoken = self._spoken
        return Outgoing(self._body(text), tags, at=spoken.at, seq=spoken.seq, aircd=spoken.aircd or {})

    def _rows(self) -> list[list[str]]:
        """Return the lines of the text, each in the parts that fit a line, at the author's own cuts first."""
        spoken, found, start = self._spoken, [], 0
        for row in split_lines(spoken.text):
            cuts = [place - start for place in spoken.cuts]
            found.append([piece for part in parts(row, cuts) for piece in pieces(part, self._room)])
            start += len(row) + 1
        return found

    def _as_lines(self) -> list[Outgoing]:
        """One line each, blank ones dropped; only the first carries the message's id."""
        if self._lines is None:
            rest = {name: text for name, text in self._spoken.tags.items() if name != "msgid"}
            texts = [piece for row in self._rows() for piece in row if piece]
            self._lines = [self._line(text, rest if number else self._spoken.tags) for number, text in enumerate(texts)]
        return self._lines

    def _for_aircd(self) -> list[Outgoing]:
        """Lines of any length that such clients take; each has an id of its own, as they drop what repeats one."""
        if self._aircd is None:
            texts = [piece for row in split_lines(self._spoken.text) if row for piece in pieces(row, _AIRCD_BYTES)]
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
            opening = lines.text("BATCH", f"+{name}", MULTILINE, spoken.target, source=spoken.source)
            out = [Outgoing(opening, spoken.tags, at=spoken.at, seq=spoken.seq)]
            for row in self._rows():
                for number, piece in enumerate(row):
                    tags = {"batch": name} | ({CONCAT: ""} if number else {})
                    out.append(Outgoing(self._body(piece), tags))
            out.append(Outgoing(lines.text("BATCH", f"-{name}", source=spoken.source)))
            self._batch = out
        return self._batch


@lru_cache(maxsize=4096)
def _opening(source: str, command: str, target: str) -> tuple[str, int]:
    """Return how somebody's lines to a target begin, and how many bytes of text fit behind that."""
    opening = lines.opening(command, target, source=source)
    return opening, LINE_BYTES - len(opening.encode())


def corrected(spoken: Spoken, msgid: str) -> Spoken:
    """Return the line that tells the new text of an edited message, marked as such and as a reply to the message."""
    original = spoken.tags["msgid"]
    kept = {name: text for name, text in spoken.tags.items() if name in ("account", "bot")}
    tags = {"msgid": msgid, **kept, "+reply": original, "+draft/reply": original}
    return replace(spoken, text=f"* {spoken.text} (edited)", tags=tags, action=False, cuts=())


def split_lines(text: str) -> list[str]:
    """Return the lines of a text, blank ones too; of very many the first, and how many more there are."""
    found = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(found) <= MOST_LINES:
        return found
    return [*found[: MOST_LINES - 1], f"[{len(found) - MOST_LINES + 1} more lines]"]


def _dressed(text: str) -> str:
    return f"\x01ACTION {text}\x01"


def spoken_tags(row: dict[str, Any], own: dict[str, Any], *, account: str | None, bot: bool) -> dict[str, str]:
    """Return the tags that a message's row and details give: its id, author, and the client-only tags it came with."""
    tags = {"msgid": row["id"]}
    if account is not None:
        tags["account"] = account
    if bot:
        tags["bot"] = ""
    if own:
        tags |= own.get("tags", {})
    parent_id = row.get("parent_message_id")
    if parent_id and "+draft/reply" not in tags and "+reply" not in tags:
        tags |= {"+reply": parent_id, "+draft/reply": parent_id}
    return tags


def details(row: dict[str, Any]) -> dict[str, Any]:
    """Return what the message keeps for IRC clients alone."""
    found = (row.get("metadata") or {}).get("irc")
    return found if isinstance(found, dict) else {}


def spoken_text(row: dict[str, Any], recipient: str | None) -> str:
    """Return the text as said on IRC: a direct message without the name it begins with."""
    text: str = row["content"]
    return text if recipient is None else text.removeprefix(f"@{recipient} ")


def spoken_cuts(row: dict[str, Any]) -> Sequence[int]:
    """Return where the author cut lines of the text in two; nowhere when the text was edited since."""
    found = details(row).get("cuts")
    return found if isinstance(found, list) and row.get("updated_at") is None else ()
