"""Following the hub's event stream: the synchronous shell around `airchat.stream`, which connects again by itself."""

import logging
import time
from collections.abc import Callable, Generator, Iterator
from types import TracebackType
from typing import Self

from airchat.call import Call, Reply
from airchat.errors import AirChatConnectionError, AirChatError
from airchat.stream import EventParser, Position, StreamEvent
from airchat.transport import Opened

_log = logging.getLogger(__name__)


class EventStream(Iterator[StreamEvent]):
    """The events of a stream, for ever. Close it, or use it as a context, to end the connection."""

    def __init__(self, connect: Callable[[Call[Reply]], Opened], position: Position) -> None:
        self._connect = connect
        self._position = position
        self._connection: Opened | None = None
        self._events = self._follow()

    @property
    def position(self) -> int | None:
        """The number of the last event seen: pass it as `after` to go on later. None before the first connection."""
        return self._position.seq

    def __next__(self) -> StreamEvent:
        return next(self._events)

    def __enter__(self) -> Self:
        self._connection = self._connection or self._connect(self._position.call())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._events.close()
        if self._connection is not None:
            self._connection.close()

    def _follow(self) -> Generator[StreamEvent, None, None]:
        connection = self._connection or self._connect(self._position.call())
        while True:
            self._connection = connection
            parser = EventParser()
            try:
                for chunk in connection.chunks:
                    for event in parser.feed(chunk):
                        if (news := self._position.take(event)) is not None:
                            yield news
            except AirChatConnectionError as error:
                _log.debug("the stream resumes: %s", error)
            finally:
                connection.close()
            connection = self._reconnect()

    def _reconnect(self) -> Opened:
        while True:
            time.sleep(self._position.pause())
            try:
                return self._connect(self._position.call())
            except AirChatError as error:
                if not error.transient:
                    raise
