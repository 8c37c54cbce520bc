"""Following the hub's event stream: the asynchronous shell around `airchat.stream`, which connects again by itself."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Self

from airchat.async_transport import AsyncOpened
from airchat.call import Call, Reply
from airchat.errors import AirChatConnectionError, AirChatError
from airchat.stream import EventParser, Position, StreamEvent

_log = logging.getLogger(__name__)


class AsyncEventStream(AsyncIterator[StreamEvent]):
    """The events of a stream, for ever. Close it, or use it as a context, to end the connection."""

    def __init__(self, connect: Callable[[Call[Reply]], Awaitable[AsyncOpened]], position: Position) -> None:
        self._connect = connect
        self._position = position
        self._connection: AsyncOpened | None = None
        self._events = self._follow()

    @property
    def position(self) -> int | None:
        """The number of the last event seen: pass it as `after` to go on later. None before the first connection."""
        return self._position.seq

    async def __anext__(self) -> StreamEvent:
        return await anext(self._events)

    async def __aenter__(self) -> Self:
        self._connection = self._connection or await self._connect(self._position.call())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection."""
        await self._events.aclose()
        if self._connection is not None:
            await self._connection.close()

    async def _follow(self) -> AsyncGenerator[StreamEvent, None]:
        connection = self._connection or await self._connect(self._position.call())
        while True:
            self._connection = connection
            parser = EventParser()
            try:
                async for chunk in connection.chunks:
                    for event in parser.feed(chunk):
                        if (news := self._position.take(event)) is not None:
                            yield news
            except AirChatConnectionError as error:
                _log.debug("the stream resumes: %s", error)
            finally:
                await connection.close()
            connection = await self._reconnect()

    async def _reconnect(self) -> AsyncOpened:
        while True:
            await asyncio.sleep(self._position.pause())
            try:
                return await self._connect(self._position.call())
            except AirChatError as error:
                if not error.transient:
                    raise
