"""Delivers events to apps: who gets them, the ack window, redelivery, duplicates, held-back messages."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Literal

from tests.fakes.faults import Kind

from .apps import App
from .deliveries import Delivery
from .events import Event
from .faults import Faults
from .request_urls import RequestUrls
from .settings import Json, Settings
from .sockets import Socket, Sockets
from .timers import Timers
from .workspace import Workspace


class Courier:
    """Turns what happens in the workspace into envelopes; ``deliveries`` remembers every one."""

    def __init__(self, workspace: Workspace, faults: Faults, settings: Settings) -> None:
        self.deliveries: list[Delivery] = []
        self.pools: dict[str, Sockets] = {}
        self._workspace = workspace
        self._faults = faults
        self._settings = settings
        self._timers = Timers()
        self._request_urls = RequestUrls(settings, self._acknowledged)
        self._envelopes: dict[str, Delivery] = {}
        self._held: dict[tuple[str, str], Event] = {}
        self._collected: list[Delivery] | None = None
        workspace.listeners.append(self.announce)
        faults.on_clear.append(self.release_held)

    def sockets(self, app: App) -> Sockets:
        """The connections of one app."""
        return self.pools.setdefault(app.id, Sockets(app.id, self._settings))

    async def stop(self) -> None:
        """Give up on everything that is pending."""
        self._timers.cancel()
        await self._request_urls.stop()
        for delivery in self.pending():
            delivery.finish("failed")

    def pending(self) -> list[Delivery]:
        """Envelopes that may still be sent, resent or acknowledged."""
        return [delivery for delivery in self.deliveries if delivery.state == "pending"]

    # -- events ------------------------------------------------------------------------------

    def announce(self, event: Event) -> None:
        """Send an event to every app that may see it, unless a fault holds it back."""
        if not event.subscription.startswith("message.") or event.channel is None:
            self._deliver(event)
            return
        key, fresh = (event.channel.id, event.subject), "hidden" not in event.body
        if fresh and self._faults.take(Kind.EDIT_FIRST, event.subscription):
            self._held[key] = event
            return
        self._deliver(event)
        if not fresh and (held := self._held.pop(key, None)):
            self._deliver(held)

    def release_held(self) -> None:
        """Deliver messages that were held back for an edit that never came."""
        while self._held:
            self._deliver(self._held.pop(next(iter(self._held))))

    @contextmanager
    def collecting(self) -> Iterator[list[Delivery]]:
        """Gather the deliveries of a (synchronous) change instead of sending them; see ``send``."""
        collected: list[Delivery] = []
        self._collected = collected
        try:
            yield collected
        finally:
            self._collected = None

    def send(self, deliveries: Iterable[Delivery]) -> None:
        """Start deliveries that were gathered; those under way already are left alone."""
        for delivery in deliveries:
            if not delivery.attempts:
                self._start(delivery)

    def dispatch(self, app: App, kind: Literal["slash_commands", "interactive"], payload: Json) -> Delivery:
        """Send a command or interaction: tried once, never redelivered."""
        delivery = Delivery(app=app, kind=kind, subscription=kind, payload=payload)
        self.deliveries.append(delivery)
        self._attempt(delivery)
        return delivery

    def _deliver(self, event: Event) -> None:
        for app in self._workspace.apps.values():
            if not _sees(app, event):
                continue
            delivery = Delivery(
                app=app, kind="events_api", subscription=event.subscription, payload=self._payload(app, event)
            )
            self.deliveries.append(delivery)
            if self._collected is None:
                self._start(delivery)
            else:
                self._collected.append(delivery)

    def _payload(self, app: App, event: Event) -> Json:
        bot = {"team_id": self._workspace.team_id, "user_id": app.user.id, "is_bot": True}
        return {
            "type": "event_callback",
            "token": "verification-token",
            "team_id": self._workspace.team_id,
            "api_app_id": app.id,
            "event_id": self._workspace.new_id("Ev"),
            "event_time": int(self._settings.clock()),
            "event": event.body,
            "is_ext_shared_channel": False,
            "authorizations": [bot | {"is_enterprise_install": False, "enterprise_id": None}],
        }

    # -- attempts and acks -------------------------------------------------------------------

    def _start(self, delivery: Delivery) -> None:
        self._attempt(delivery)
        fault = self._faults.take(Kind.DUPLICATE, delivery.subscription)
        socket = self.sockets(delivery.app).choose() if fault else None
        if fault is None or socket is None:
            return
        frame = delivery.frame(delivery.attempts[-1])
        if not fault.same_envelope:
            frame["envelope_id"] = self._workspace.new_id("duplicate-")
            self._envelopes[frame["envelope_id"]] = delivery
            delivery.live.add(frame["envelope_id"])
        if fault.retry_flag:
            frame |= {"retry_attempt": 1, "retry_reason": "timeout"}
        socket.send(frame)

    def _attempt(self, delivery: Delivery, reason: str = "") -> None:
        by_http = bool(delivery.app.request_url)
        socket = None if by_http else self.sockets(delivery.app).choose()
        attempt = delivery.attempt(socket.number if socket else None, reason)
        self._envelopes[attempt.envelope_id] = delivery
        if by_http:
            self._request_urls.send(delivery, attempt)
        elif socket:
            socket.send(delivery.frame(attempt))
        reached = by_http or socket is not None
        window = self._settings.ack_window if reached else 0.0
        self._timers.later(window, partial(self._expire, delivery, "timeout" if reached else "connection_failed"))

    def _expire(self, delivery: Delivery, reason: str) -> None:
        if delivery.state != "pending":
            return
        delivery.live.clear()
        retries = self._settings.retry_delays if delivery.kind == "events_api" else ()
        number = len(delivery.attempts)
        if number > len(retries):
            delivery.finish("failed")
            return
        self._timers.later(retries[number - 1], partial(self._attempt, delivery, reason))

    def receive(self, socket: Socket, text: str) -> None:
        """Take a frame from a client: an ack, possibly lost or late by a fault."""
        frame = json.loads(text)
        self._acknowledged(frame.get("envelope_id", ""), frame.get("payload"))

    def _acknowledged(self, envelope_id: str, payload: Json | None) -> None:
        delivery = self._envelopes.get(envelope_id)
        if delivery is None or self._faults.take(Kind.IGNORE_ACK, delivery.subscription):
            return
        acknowledge = partial(delivery.acknowledge, envelope_id, payload)
        if fault := self._faults.take(Kind.DELAY_ACK, delivery.subscription):
            self._timers.later(fault.seconds, acknowledge)
        else:
            acknowledge()


def _sees(app: App, event: Event) -> bool:
    mine = not event.app_id or event.app_id == app.id
    inside = event.channel is None or app.user.id in event.channel.members
    return mine and inside and not app.revoked and event.subscription in app.events
