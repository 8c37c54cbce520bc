"""Envelopes: one per event, command or interaction, with its attempts and acknowledgements."""

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Literal

from .apps import App
from .settings import Json


@dataclass(slots=True, frozen=True)
class Attempt:
    """One try at delivering; ``socket`` is None when nobody was connected."""

    envelope_id: str
    retry_attempt: int
    retry_reason: str
    socket: int | None


@dataclass(slots=True, frozen=True)
class Ack:
    """An acknowledgement as it came in; ``payload`` is the response some kinds may carry."""

    envelope_id: str
    payload: Json | None
    in_time: bool


@dataclass(slots=True, kw_only=True, eq=False)
class Delivery:
    """One envelope on its way to an app."""

    app: App
    kind: Literal["events_api", "slash_commands", "interactive"]
    subscription: str
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)
    live: set[str] = field(default_factory=set)
    """Envelope ids whose ack would still count."""
    state: Literal["pending", "acked", "failed"] = "pending"
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def response(self) -> Json | None:
        """The payload of the first ack that was in time."""
        return next((ack.payload for ack in self.acks if ack.in_time), None)

    def attempt(self, socket: int | None, reason: str = "") -> Attempt:
        """Record a further try under a new envelope id (redeliveries keep only the event_id)."""
        attempt = Attempt(str(uuid.uuid4()), len(self.attempts), reason, socket)
        self.attempts.append(attempt)
        self.live = {attempt.envelope_id}
        return attempt

    def acknowledge(self, envelope_id: str, payload: Json | None) -> None:
        """Record an ack; one that is in time ends the delivery."""
        in_time = envelope_id in self.live
        self.acks.append(Ack(envelope_id, payload, in_time))
        if in_time and self.state == "pending":
            self.finish("acked")

    def frame(self, attempt: Attempt) -> Json:
        """What goes over the socket for this try."""
        frame: Json = {
            "envelope_id": attempt.envelope_id,
            "type": self.kind,
            "payload": self.payload,
            "accepts_response_payload": self.kind != "events_api",
        }
        if self.kind == "events_api":
            frame |= {"retry_attempt": attempt.retry_attempt, "retry_reason": attempt.retry_reason}
        return frame

    def finish(self, state: Literal["acked", "failed"]) -> None:
        """No further attempt will be made."""
        self.state = state
        self.done.set()
