"""Changes of modes as MODE writes them, such as `+ov-b alice bob *!*@host`.

https://modern.ircdocs.horse/#mode-message
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """The letters of a kind of modes, by what they take.

    Lists (type A) take a value, and are shown without one; `always` (B) take one to be set and to be unset, `on_set`
    (C) only to be set, and flags (D) never. Prefixes are the ranks of members with their signs, highest first.
    """

    lists: str = ""
    always: str = ""
    on_set: str = ""
    flags: str = ""
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @property
    def chanmodes(self) -> str:
        """The value of CHANMODES in numeric 005."""
        return f"{self.lists},{self.always},{self.on_set},{self.flags}"

    @property
    def prefix(self) -> str:
        """The value of PREFIX in numeric 005."""
        return f"({''.join(self.prefixes)}){''.join(self.prefixes.values())}"

    @property
    def letters(self) -> str:
        """Every letter, sorted, as numeric 004 shows them."""
        return "".join(sorted({*self.lists, *self.always, *self.on_set, *self.flags, *self.prefixes}))

    @property
    def valued(self) -> str:
        """Every letter that takes a value, sorted, as the end of numeric 004 shows them."""
        return "".join(sorted({*self.lists, *self.always, *self.on_set, *self.prefixes}))


CHANNEL = Table(
    lists="Ibe",
    always="k",
    on_set="l",
    flags="CRUimnstu",
    prefixes={"q": "~", "a": "&", "o": "@", "h": "%", "v": "+"},
)

USER = Table(flags="BRiow")

WORDS = {
    "I": "invitation",
    "b": "ban",
    "e": "exception",
    "k": "key",
    "l": "limit",
    "C": "no_ctcp",
    "R": "registered_only",
    "U": "op_moderated",
    "i": "invite_only",
    "m": "moderated",
    "n": "members_only",
    "s": "secret",
    "t": "topic_locked",
    "u": "auditorium",
    "q": "founder",
    "a": "admin",
    "o": "operator",
    "h": "halfop",
    "v": "voice",
}
"""The hub's words for the letters of channels. A `ban` of a mask that starts with `m:` is a `mute` there."""

LETTERS = {word: letter for letter, word in WORDS.items()} | {"mute": "b"}


@dataclass(frozen=True, slots=True)
class Change:
    """One mode that is set or unset; `value` is None for flags, and where a value may be left out."""

    add: bool
    letter: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What MODE asked for: `changes` in order, lists to show, letters nobody knows and letters without their value."""

    changes: tuple[Change, ...] = ()
    shown: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def parse(words: Sequence[str], table: Table) -> Request:
    """Return what the parameters behind MODE's target ask for.

    Letters before any sign are set. A key is also unset without its value. Values beyond those that are needed are
    ignored; each letter stands once in `shown`, `unknown` and `missing`.
    """
    changes = []
    shown: dict[str, None] = {}
    unknown: dict[str, None] = {}
    missing: dict[str, None] = {}
    values = iter(words[1:])
    add = True
    for letter in words[0] if words else "":
        if letter in "+-":
            add = letter == "+"
        elif letter in table.flags or (letter in table.on_set and not add):
            changes.append(Change(add, letter))
        elif letter not in table.valued:
            unknown[letter] = None
        elif value := next(values, ""):
            changes.append(Change(add, letter, value))
        elif letter in table.lists:
            shown[letter] = None
        elif letter in table.always and not add:
            changes.append(Change(add, letter))
        else:
            missing[letter] = None
    return Request(tuple(changes), tuple(shown), tuple(unknown), tuple(missing))


def format(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return the parameters that say these changes in their order: `("+o-v", "alice", "bob")`; none for none."""
    letters = ""
    sign = ""
    values = []
    for change in changes:
        wanted = "+" if change.add else "-"
        letters += change.letter if wanted == sign else wanted + change.letter
        sign = wanted
        if change.value is not None:
            values.append(change.value)
    return (letters, *values) if letters else ()
