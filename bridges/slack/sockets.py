"""Sockets: two Socket Mode connections of one app, so that Slack's refresh of one leaves no gap.

An envelope is acknowledged only after its event is stored: one that is not is delivered again.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import ClientError, ClientWebSocketResponse, WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from hub.relay.contract.errors import NotReady

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ears:
    """What hears of everything that comes in.

    `take` stores one event durably, `interact` answers a command, a button press or the like, `seen` is told of every
    frame that shows that Slack delivers, and `listening` that events arrive from now on.
    """

    take: Callable[[Json], Awaitable[None]]
    interact: Callable[[str, Json], Awaitable[Json | None]]
    seen: Callable[[], None]
    listening: Callable[[], None]


_SOCKETS = 2
_OPENING_SECONDS = 30.0
_CLOSING_SECONDS = 5.0
_PATIENCE_PINGS = 6
_PATIENCE_SECONDS = 3.0

_log = logging.getLogger(__name__)


async def listen(app: AsyncApp, app_token: str, ping_seconds: float, ears: Ears) -> None:
    """Listen until cancelled; `ears.listening` is called once both sockets are open, and after whatever left a gap.

    Slack's refresh of one leaves none while the other one is there: what is not acknowledged comes over that.

    Raises:
        NotReady: a socket stayed closed or silent for some pings; slack_sdk does not get over every failure by itself.
    """
    async with _open(app, app_token, ping_seconds, ears) as handlers:
        for handler in handlers:
            others = [it for it in handlers if it is not handler]
            handler.back = partial(_back, handler, others, ears.listening)
        ears.listening()
        patience = max(_PATIENCE_PINGS * ping_seconds, _PATIENCE_SECONDS)
        while True:
            await asyncio.sleep(ping_seconds)
            for handler in handlers:
                if await handler.silent_for() > patience:
                    raise NotReady("a connection to Slack went silent")


def _back(handler: "_Handler", others: Sequence["_Handler"], gap: Callable[[], None]) -> None:
    """Call `gap` after a connection was made anew, unless another one stood all the while, or stands since it was lost.

    When both were lost, the first that is back makes up for both.
    """
    made_up_for = handler.made_up_for and any(other.stands for other in others)
    if not made_up_for and not any(other.stood_since(handler.told_to_go_at) for other in others):
        gap()
        for other in others:
            other.made_up_for = not other.stands
    handler.made_up_for = False


@asynccontextmanager
async def _open(app: AsyncApp, app_token: str, ping_seconds: float, ears: Ears) -> AsyncIterator[list["_Handler"]]:
    """Give two handlers that Slack has greeted, and close them afterwards, whatever became of them."""
    handlers = [_Handler(app, app_token, ping_seconds, ears) for _ in range(_SOCKETS)]
    try:
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                for handler in handlers:
                    await handler.connect_async()  # type: ignore[no-untyped-call]
                for handler in handlers:
                    await handler.hello.wait()
        except TimeoutError as error:
            raise NotReady("Slack opens no connection") from error
        yield handlers
    finally:
        await asyncio.gather(*(handler.end() for handler in handlers), return_exceptions=True)


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler, except that events are stored before they are acknowledged, and that everything is acknowledged.

    `back` is called, before any further frame is looked at, when Slack greets a connection after the first one;
    `told_to_go_at` is when it told the one before to make room for that, None when that broke. `made_up_for` is whether
    what the one before missed is read up already.
    """

    def __init__(self, app: AsyncApp, app_token: str, ping_seconds: float, ears: Ears) -> None:
        super().__init__(app, app_token, ping_interval=ping_seconds)
        self.hello = asyncio.Event()
        self.back: Callable[[], None] = _nobody
        self.told_to_go_at: float | None = None
        self.made_up_for = False
        self._greeted: ClientWebSocketResponse | None = None
        self._greeted_at = 0.0
        self._ears = ears
        self._alive_at = time.monotonic()
        self.client.on_message_listeners.append(self._frame)

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Store an event, then acknowledge it; what is not stored is not acknowledged."""
        answer = None
        if req.type == "events_api":
            await self._ears.take(req.payload.get("event") or {})
        else:
            answer = await self._ears.interact(req.type, req.payload)
        try:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id, payload=answer))
        except (ClientError, OSError) as error:
            _log.info("Slack did not get an acknowledgement: %s", error)

    async def silent_for(self) -> float:
        """Return for how many seconds the connection has not been in order; slack_sdk counts unanswered pings."""
        if await self.client.is_connected():
            self._alive_at = time.monotonic()
        return time.monotonic() - self._alive_at

    @property
    def stands(self) -> bool:
        """Whether Slack has greeted the connection and not told it to go since, and it is open, as far as is known."""
        session = self.client.current_session
        return self.told_to_go_at is None and session is self._greeted and session is not None and not session.closed

    def stood_since(self, moment: float | None) -> bool:
        """Tell whether Slack has greeted this connection before that moment, and not told it to go since."""
        return moment is not None and self.told_to_go_at is None and self._greeted_at < moment

    async def end(self) -> None:
        """Close the connection, its session, and wait for slack_sdk's tasks."""
        client = self.client
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self.close_async()  # type: ignore[no-untyped-call]
        finally:
            await client.aiohttp_client_session.close()
            tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
            running = [task for task in tasks if task is not None]
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _frame(self, frame: WSMessage) -> None:
        self._ears.seen()
        match json.loads(frame.data).get("type"):
            case "hello":
                self.hello.set()
                self.back()
                self.told_to_go_at, self._greeted_at = None, time.monotonic()
                self._greeted = self.client.current_session
            case "disconnect":
                self.told_to_go_at = time.monotonic()


def _nobody() -> None:
    """Stand in for a listener before there is one."""
