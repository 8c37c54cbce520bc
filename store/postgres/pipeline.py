"""Statements that are all sent before the first is answered. Blocks its thread, but not the interpreter.

The driver has pipelines, too, but takes several times as long about them, in which the event loop has to wait.
"""

import select

from psycopg import DatabaseError, Error, OperationalError
from psycopg.errors import lookup
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult


class Pipeline:
    """Statements over one connection, each prepared when it is first seen."""

    def __init__(self, connection: PGconn) -> None:
        self._connection = connection
        self._names: dict[bytes, bytes] = {}

    def run(self, *statements: tuple[bytes, tuple[str, ...]]) -> None:
        """Execute statements with their arguments; after one that fails, none is executed.

        Raises:
            Error: one failed, or the connection is lost.
        """
        sent = [(self._prepared(sql), [argument.encode() for argument in arguments]) for sql, arguments in statements]
        connection = self._connection
        connection.enter_pipeline_mode()
        try:
            for name, arguments in sent:
                connection.send_query_prepared(name, arguments)
            connection.pipeline_sync()
            while connection.flush():
                self._wait(select.POLLIN | select.POLLOUT)
            failure = self._failure()
        finally:
            if connection.status == ConnStatus.OK:
                connection.exit_pipeline_mode()
        if failure is not None:
            raise failure

    def _prepared(self, sql: bytes) -> bytes:
        name = self._names.get(sql)
        if name is None:
            name = b"statement %d" % len(self._names)
            result = self._connection.prepare(name, sql)
            if result.status != ExecStatus.COMMAND_OK:
                raise _error(result)
            self._names[sql] = name
        return name

    def _failure(self) -> Error | None:
        """Take all results, and return what the first failure was."""
        failure: Error | None = None
        while True:
            while self._connection.is_busy():
                self._wait(select.POLLIN)
            result = self._connection.get_result()
            if result is None:  # that was all of one statement
                if self._connection.status != ConnStatus.OK:
                    return failure or OperationalError("the connection is lost")
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return failure
            elif result.status == ExecStatus.FATAL_ERROR:
                failure = failure or _error(result)

    def _wait(self, events: int) -> None:
        poll = select.poll()
        poll.register(self._connection.socket, events)
        if poll.poll()[0][1] & ~select.POLLOUT:
            self._connection.consume_input()


def _error(result: PGresult) -> Error:
    state = result.error_field(DiagnosticField.SQLSTATE)
    text = result.error_message.decode(errors="replace").strip()
    if state is None:
        return OperationalError(text)
    try:
        return lookup(state.decode())(text)
    except KeyError:
        return DatabaseError(text)
