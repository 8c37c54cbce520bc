"""Brings what waits for an agent into its session, each once, and acknowledges it when the agent has seen it.

An item is taken from the hub's inbox, pushed, and kept in mind until the session's transcript or a tool shows that the
agent saw it; only then is it acknowledged. What is not seen in time is pushed again, a few times; after that it waits
in the inbox for whoever looks. Nothing of this costs the agent anything while nobody addresses it.
"""

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from airchat import AirChatClient
from airchat.protocol.timestamps import SECOND, from_iso
from airchat.types import Approval, InboxItem
from airchat.wake import Wakes
from mcp_server.push.answers import Answers
from mcp_server.push.session import Session
from mcp_server.push.text import ITEMS, addressed, answered, code_of
from mcp_server.push.transcript import Transcript

IDLE = 60.0
"""Seconds between looks into the inbox that nothing gave rise to: for what somebody else took and did not deal with."""
LEASE = 30.0
"""Seconds after which the hub hands out again what was taken and not acknowledged."""
OURS = 25.0
"""Seconds for which nobody else gets what we have taken, seen from before it was asked for."""
LOOK = 1.0
"""Seconds between looks for signs that what was pushed was seen."""
AGAIN = (120.0, 600.0, 1_800.0)
"""Seconds after which what was pushed and not seen is pushed again."""
SILENCE = 15.0
"""Seconds within which a way that may drop what it is given must show that it has not, before another is taken."""
NOTED = 90.0
"""Seconds for which other sessions leave alone what was pushed into this one, unless it says so again."""
OUTSTANDING = 10
"""Texts that may wait in the session unread; the agent is busy then anyway."""
KNOWN = 2_000
"""Messages the agent has seen that are kept in mind."""
PAGE = 200
"""Items that the hub is asked for at a time."""


class SessionSilent(Exception):
    """The session takes nothing by the way that there is, and there is no other."""


@dataclass(slots=True)
class Pushed:
    """An item that was pushed: what it is about, the code in its text, how often and when last."""

    message_id: str
    code: str
    at: float
    times: int


@dataclass(slots=True)
class Pusher:
    """Pushes into one session, step by step; `shown`, `ended` and `heard` may be called from any thread.

    `answers` are those to approvals that the session still waits for; by `wakes`, of several sessions of the agent only
    one is woken with an item. `began` is when the session did, by `clock`:
    of what waited before, the newest is pushed if it is `interactive`; any other began for something else. `instead` is
    another way into the session, for when it takes nothing by the first, which is then the one that was `dropped`.
    """

    client: AirChatClient
    session: Session
    transcript: Transcript
    began: float
    interactive: bool = True
    instead: Session | None = None
    answers: Answers = field(default_factory=Answers)
    wakes: Wakes | None = None
    dropped: str = field(init=False, default="")
    gave_up: bool = field(init=False, default=False)
    clock: Callable[[], float] = time.monotonic
    wake: threading.Event = field(default_factory=threading.Event)
    _pushed: dict[str, Pushed] = field(init=False, default_factory=dict)
    _done: dict[str, str] = field(init=False, default_factory=dict)
    _known: OrderedDict[str, None] = field(init=False, default_factory=OrderedDict)
    _old: list[str] | None = field(init=False, default=None)
    _ours: dict[str, float] = field(init=False, default_factory=dict)
    _look_at: float = field(init=False, default=0.0)
    _all_at: float = field(init=False, default=0.0)
    _rest: float = field(init=False, default=IDLE)
    _tried_at: float | None = field(init=False, default=None)
    _noted: frozenset[str] = field(init=False, default=frozenset())
    _noted_at: float = field(init=False, default=0.0)
    _heard: threading.Event = field(init=False, default_factory=threading.Event)
    _released: threading.Event = field(init=False, default_factory=threading.Event)
    _shown: "queue.SimpleQueue[frozenset[str]]" = field(init=False, default_factory=queue.SimpleQueue)

    def shown(self, ids: frozenset[str]) -> None:
        """Note that the agent has seen these messages or items."""
        if not self.gave_up:
            self._shown.put(ids)
            self.wake.set()

    def ended(self, approval: Approval) -> None:
        """Note that an approval was answered or expired."""
        if self.answers.ended(approval):
            self.wake.set()

    def heard(self, *, among_old: bool = False) -> None:
        """Note that something may have come into the inbox; `among_old`, that it may stand before what is new."""
        if among_old:
            self._released.set()
        self._heard.set()
        self.wake.set()

    def step(self) -> float:
        """Do what there is to do now and return after how many seconds to look again, if nothing wakes us before.

        Raises:
            AirChatError: the hub does not answer, or refuses.
            OSError: the session does not take anything.
            SessionSilent: it never did, and there is no other way.
        """
        try:
            return self._step()
        finally:
            self._tell_others()

    def _step(self) -> float:
        self._acknowledge()
        self._change_way()
        self._tell_answers()
        if self._heard.is_set() or self.clock() >= self._look_at:
            everything = self._released.is_set() or self.clock() >= self._all_at
            self._heard.clear()
            self._released.clear()
            try:
                self._rest = self._look(everything=everything)
            except BaseException:
                self.heard(among_old=everything)
                raise
            self._look_at = self.clock() + self._rest
        return LOOK if self._pushed or self.answers.codes() else self._rest

    def _change_way(self) -> None:
        """Go over to the other way into the session when there is no sign that it takes what comes by the first."""
        silent = self.session.silent and not self.transcript.taken and self._tried_at is not None
        if not silent or self.clock() - (self._tried_at or 0.0) < SILENCE:
            return
        if self.instead is None:
            self.gave_up = True
            raise SessionSilent(f"nothing reaches the session by {self.session.way}")
        self.dropped = self.session.way
        self.session, self.instead = self.instead, None
        self._pushed.clear()
        self.answers.tell_again()
        self._heard.set()

    def _hand_over(self, text: str) -> None:
        self._tried_at = self.clock() if self._tried_at is None else self._tried_at
        self.session.push(text)

    def _acknowledge(self) -> None:
        """Acknowledge what the agent has seen since the last step."""
        seen = self.transcript.seen({one.code for one in self._pushed.values()} | self.answers.codes())
        self.answers.seen(seen)
        while not self._shown.empty():
            ids = self._shown.get()
            seen |= ids
            self._remember(ids)
        done = [id for id, one in self._pushed.items() if not seen.isdisjoint((one.code, one.message_id, id))]
        self._done.update({id: self._pushed.pop(id).message_id for id in done})
        self._remember(frozenset(self._done.values()))
        if self._done:
            self.client.ack_inbox(list(self._done))
            self._done.clear()
            self._heard.set()  # there is room again

    def _look(self, *, everything: bool) -> float:
        """Push what is in the inbox and return after how many seconds to look again.

        Nothing is written when it is not worth a turn. Unless everything is to be looked at, what is old is passed
        over: of an inbox with much in it, that is asked for seldom.
        """
        start = None if everything or not self._old else self._old[-1]
        waiting = self._waiting(start)
        if everything:
            self._all_at = self.clock() + IDLE * (1 + len(waiting) // PAGE)
        if self._old is None:
            self._old = self._waited_before(waiting)
        if known := [item.id for item in waiting if item.message is not None and item.message.id in self._known]:
            self.client.ack_inbox(known)
            waiting = [item for item in waiting if item.id not in known]
        worth = list(filter(self._is_worth, waiting))
        elsewhere = self.wakes.elsewhere() if worth and self.wakes is not None else set()
        ours = [item for item in worth if item.id not in elsewhere]
        items = self._take(ours, start, [item.id for item in waiting])
        rest = IDLE if len(items) == len(worth) else LEASE
        while items and (items[0].id in self._pushed or self._outstanding() < OUTSTANDING):
            self._push(items[:ITEMS])
            items = items[ITEMS:]
        return rest

    def _waiting(self, start: str | None) -> list[InboxItem]:
        """Return what is in the inbox, each page behind the one before, from behind the item `start` if given."""
        found: dict[str, InboxItem] = {}
        while True:
            page = self.client.take_inbox(PAGE, peek=True, after=start)
            found |= {item.id: item for item in page}
            if len(page) < PAGE:
                return list(found.values())
            start = page[-1].id

    def _waited_before(self, waiting: list[InboxItem]) -> list[str]:
        """Return which items are too old to be pushed; when the session began is told by the hub's clock, as they are.

        What came since the session began is none of them, however late the first look is.
        """
        if not waiting:
            return []
        began = self.client.hub_time() - (self.clock() - self.began)
        before = [item.id for item in waiting if from_iso(item.created_at) < began * SECOND]
        return before[:-ITEMS] if self.interactive else before

    def _take(self, items: list[InboxItem], start: str | None, waiting: list[str]) -> list[InboxItem]:
        """Return those of the items that are for us to push: taken from the hub now, or lately and not pushed yet.

        They stand among `waiting`, which is behind `start`.
        """
        now = self.clock()
        self._ours = {id: until for id, until in self._ours.items() if now < until}
        first = next((item.id for item in items if item.id not in self._ours), None)
        if first is not None:
            before = [start, *waiting][waiting.index(first)]
            self._ours.update({item.id: now + OURS for item in self.client.take_inbox(PAGE, after=before)})
        return [item for item in items if item.id in self._ours]

    def _remember(self, ids: frozenset[str]) -> None:
        """Keep in mind what the agent has seen, so that it is not pushed as well; not all of it for ever."""
        self._known.update(dict.fromkeys(ids))
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)

    def _is_worth(self, item: InboxItem) -> bool:
        """Tell whether an item is worth a turn: no task, which waits for the next look at work, and not just pushed."""
        if item.message is None or item.kind == "task" or item.id in (self._old or ()):
            return False
        pushed = self._pushed.get(item.id)
        if pushed is None:
            return True
        if pushed.times > len(AGAIN):
            return False
        waits = pushed.code in self.transcript.waiting  # the session is busy, and has it
        return self.clock() - pushed.at >= AGAIN[-1 if waits else pushed.times - 1]

    def _push(self, items: list[InboxItem]) -> None:
        text = addressed(self.client.agent_name, items)
        self._hand_over(text)
        now, code = self.clock(), code_of(text)
        for item in items:
            earlier = self._pushed.get(item.id)
            message = item.message.id if item.message else ""
            self._pushed[item.id] = Pushed(message, code, now, earlier.times + 1 if earlier else 1)

    def _tell_others(self) -> None:
        """Tell other sessions what this one is dealing with, as long as it may still see it."""
        since = self.clock() - AGAIN[-1]
        marks = [(id, one.message_id) for id, one in self._pushed.items() if one.at > since]
        noted = frozenset(mark for pair in (*marks, *self._done.items()) for mark in pair)
        renewed = noted and self.clock() - self._noted_at >= NOTED / 3
        if self.wakes is not None and (renewed or noted != self._noted):
            self.wakes.note(noted, NOTED)
            self._noted, self._noted_at = noted, self.clock()

    def _outstanding(self) -> int:
        """Return how many texts wait to be seen; one that is not seen for long does not stand in the way for ever."""
        return len({one.code for one in self._pushed.values() if self.clock() - one.at < AGAIN[-1]})

    def _tell_answers(self) -> None:
        """Push the answers to approvals that no tool has told meanwhile."""
        due = self.answers.due(self.clock(), AGAIN)
        if not due:
            return
        text = answered([one.approval for one in due])
        self._hand_over(text)
        for one in due:
            one.code, one.at, one.times = code_of(text), self.clock(), one.times + 1
