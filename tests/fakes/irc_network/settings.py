"""What the fake network is like."""

from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.hold import Hold

CAPABILITIES = frozenset({
    "account-tag", "batch", "draft/chathistory", "draft/event-playback", "draft/message-redaction", "echo-message",
    "labeled-response", "message-tags", "server-time", "standard-replies",
})  # fmt: skip

Moment = Literal["before saying", "after saying", "history"]


@dataclass(slots=True)
class Settings:
    """`capabilities` are offered; `accounts` log in by SASL; `per_second` and `burst` are what is no flood."""

    capabilities: frozenset[str] = CAPABILITIES
    accounts: dict[str, str] = field(default_factory=dict)
    password: str = ""
    per_second: float = 100.0
    burst: int = 40
    kills_floods: bool = False
    page: int = 50
    taken: set[str] = field(default_factory=set)
    relayers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Faults:
    """What goes wrong next; each counts down."""

    cut_before_answer: int = 0
    cut_before_reading: int = 0
    deaf: bool = False
    lag: float = 0.0
    refuse_words: int = 0
    refuse_redactions: bool = False
    _holds: dict[Moment, tuple[Hold, int]] = field(default_factory=dict)

    def hold(self, moment: Moment, *, skip: int = 0) -> Hold:
        """Leave a client without any answer from that moment on: what it says is not said, said, or never answered."""
        hold = Hold()
        self._holds[moment] = hold, skip
        return hold

    def take_hold(self, moment: Moment) -> Hold | None:
        """Use up the hold of a moment, if it is its turn."""
        hold, skip = self._holds.pop(moment, (None, 0))
        if hold is not None and skip:
            self._holds[moment] = hold, skip - 1
            return None
        return hold
