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
from airchat.types import Approval, InboxItem
from mcp_server.push.session import Session
from mcp_server.push.text import ITEMS, addressed, answered, code_of
from mcp_server.push.transcript import Transcript

IDLE = 60.0
"""Seconds between looks into the inbox that nothing gave rise to: for what somebody else took and did not deal with."""
LOOK = 1.0
"""Seconds between looks for signs that what was pushed was seen."""
AGAIN = (120.0, 600.0, 1_800.0)
"""Seconds after which what was pushed and not seen is pushed again."""
OUTSTANDING = 10
"""Texts that may wait in the session unread; the agent is busy then anyway."""
KNOWN = 2_000
"""Messages the agent has seen that are kept in mind."""
_MOST = 200


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

    `asked` are the approvals whose answers the session still waits for. What was waiting before an `interactive`
    session began is pushed, as far as it is new; any other began for something else.
    """

    client: AirChatClient
    session: Session
    transcript: Transcript
    interactive: bool = True
    asked: set[str] = field(default_factory=set)
    clock: Callable[[], float] = time.monotonic
    wake: threading.Event = field(default_factory=threading.Event)
    _pushed: dict[str, Pushed] = field(init=False, default_factory=dict)
    _known: OrderedDict[str, None] = field(init=False, default_factory=OrderedDict)
    _old: set[str] | None = field(init=False, default=None)
    _look_at: float = field(init=False, default=0.0)
    _heard: threading.Event = field(init=False, default_factory=threading.Event)
    _shown: "queue.SimpleQueue[frozenset[str]]" = field(init=False, default_factory=queue.SimpleQueue)
    _ended: "queue.SimpleQueue[Approval]" = field(init=False, default_factory=queue.SimpleQueue)

    def shown(self, ids: frozenset[str]) -> None:
        """Note that the agent has seen these messages or items."""
        self._shown.put(ids)
        self.wake.set()

    def ended(self, approval: Approval) -> None:
        """Note that an approval was answered or expired."""
        if approval.id in self.asked:
            self._ended.put(approval)
            self.wake.set()

    def heard(self) -> None:
        """Note that something may have come into the inbox."""
        self._heard.set()
        self.wake.set()

    def step(self) -> float:
        """Do what there is to do now and return after how many seconds to look again, if nothing wakes us before.

        Raises:
            AirChatError: the hub does not answer, or refuses.
            OSError: the session does not take anything.
        """
        self._acknowledge()
        self._tell_answers()
        if self._heard.is_set() or self.clock() >= self._look_at:
            self._heard.clear()
            try:
                self._look()
            except BaseException:
                self._heard.set()
                raise
            self._look_at = self.clock() + IDLE
        return LOOK if self._pushed else IDLE

    def _acknowledge(self) -> None:
        """Acknowledge what the agent has seen since the last step."""
        seen = self.transcript.seen({one.code for one in self._pushed.values()})
        while not self._shown.empty():
            ids = self._shown.get()
            seen |= ids
            self._remember(ids)
        done = [id for id, one in self._pushed.items() if not seen.isdisjoint((one.code, one.message_id, id))]
        if done:
            self.client.ack_inbox(done)
            self._heard.set()  # there is room again
        for id in done:
            del self._pushed[id]

    def _look(self) -> None:
        """Push what is in the inbox; nothing is written when it is not worth a turn."""
        waiting = self.client.take_inbox(_MOST, peek=True)
        if self._old is None:
            ids = [item.id for item in waiting]
            self._old = set(ids[:-ITEMS] if self.interactive else ids)
        if known := [item.id for item in waiting if item.message is not None and item.message.id in self._known]:
            self.client.ack_inbox(known)
            waiting = [item for item in waiting if item.id not in known]
        if not any(map(self._is_worth, waiting)):
            return
        items = list(filter(self._is_worth, self.client.take_inbox(_MOST)))
        while items and self._outstanding() < OUTSTANDING:
            self._push(items[:ITEMS])
            items = items[ITEMS:]

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
        return pushed.times <= len(AGAIN) and self.clock() - pushed.at >= AGAIN[pushed.times - 1]

    def _push(self, items: list[InboxItem]) -> None:
        text = addressed(self.client.agent_name, items)
        self.session.push(text)
        now, code = self.clock(), code_of(text)
        for item in items:
            earlier = self._pushed.get(item.id)
            message = item.message.id if item.message else ""
            self._pushed[item.id] = Pushed(message, code, now, earlier.times + 1 if earlier else 1)

    def _outstanding(self) -> int:
        return len({one.code for one in self._pushed.values()})

    def _tell_answers(self) -> None:
        """Push the answers to approvals that no tool has told meanwhile."""
        ended = []
        while not self._ended.empty():
            ended.append(self._ended.get())
        news = [approval for approval in ended if approval.id in self.asked]
        if not news:
            return
        try:
            self.session.push(answered(news))
        except OSError:
            for approval in news:
                self._ended.put(approval)
            raise
        self.asked.difference_update(approval.id for approval in news)
