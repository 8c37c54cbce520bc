"""Answers to approvals that a session waits for, each told until the agent has seen it."""

import queue
from dataclasses import dataclass, field

from airchat.types import Approval


@dataclass(slots=True)
class Told:
    """An answer: the code of the text that has told it last, when that was, and how often."""

    approval: Approval
    code: str = ""
    at: float = 0.0
    times: int = 0


@dataclass(slots=True)
class Answers:
    """`asked` are the approvals whose answers are waited for; what a tool has told is taken out of it, at any time."""

    asked: set[str] = field(default_factory=set)
    _ended: "queue.SimpleQueue[Approval]" = field(init=False, default_factory=queue.SimpleQueue)
    _told: dict[str, Told] = field(init=False, default_factory=dict)

    def ended(self, approval: Approval) -> bool:
        """Note that an approval was answered or expired, from any thread; tells whether that is waited for."""
        waited_for = approval.id in self.asked
        if waited_for:
            self._ended.put(approval)
        return waited_for

    def codes(self) -> set[str]:
        """Return the codes of the texts that were not seen yet."""
        return {one.code for one in self._told.values() if one.times}

    def seen(self, codes: set[str]) -> None:
        """Forget what stood in texts with these codes."""
        for one in list(self._told.values()):
            if one.code in codes:
                del self._told[one.approval.id]
                self.asked.discard(one.approval.id)

    def due(self, now: float, again: tuple[float, ...]) -> list[Told]:
        """Return what is to be told now: for the first time, or again, as many seconds after the last time as given."""
        while not self._ended.empty():
            approval = self._ended.get()
            self._told.setdefault(approval.id, Told(approval))
        self._told = {id: one for id, one in self._told.items() if id in self.asked}
        waits = (0.0, *again)
        return [one for one in self._told.values() if one.times < len(waits) and now - one.at >= waits[one.times]]

    def tell_again(self) -> None:
        """Tell all that was not seen once more."""
        for one in self._told.values():
            one.code, one.at, one.times = "", 0.0, 0
