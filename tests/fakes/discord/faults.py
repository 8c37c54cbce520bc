"""Faults of Discord: what can go wrong with calls of the REST API, with the gateway's events and with files."""

from dataclasses import dataclass

from tests.fakes.faults import CallFaults, Kind
from tests.fakes.faults import Fault as AnyFault


@dataclass(slots=True, kw_only=True)
class Fault(AnyFault):
    """One armed fault: of a call, or of an event."""

    code: int = 0
    everywhere: bool = False


class Faults(CallFaults[Fault]):
    """The faults; a call is a pattern over "METHOD /path", such as "POST /webhooks/*"."""

    def __init__(self) -> None:
        super().__init__(Fault)

    def rate_limit(
        self, call: str, *, retry_after: float = 1.0, everywhere: bool = False, times: int = 1, skip: int = 0
    ) -> None:
        """Answer 429, of this bucket or (``everywhere``) of all calls; a call before its time is a violation."""
        self.arm(Kind.RATE_LIMIT, call, times=times, skip=skip, seconds=retry_after, everywhere=everywhere)

    def cloudflare(self, call: str, *, retry_after: float = 1.0, times: int = 1) -> None:
        """Answer the 429 of the proxy in front: no ``Via`` header, and a page instead of JSON."""
        self.arm(Kind.CLOUDFLARE, call, times=times, seconds=retry_after)

    def refuse(self, call: str, code: int, *, status: int = 403, times: int = 1, skip: int = 0) -> None:
        """Answer an error of this JSON code."""
        self.arm(Kind.REFUSE, call, times=times, skip=skip, status=status, code=code)

    def echo_first(self, call: str = "POST /*", *, times: int = 1, skip: int = 0) -> None:
        """Send the dispatches a while before answering the call that caused them."""
        self.arm(Kind.ECHO_FIRST, call, times=times, skip=skip, seconds=0.2)

    def html_file(self, name: str = "*", *, times: int = 1) -> None:
        """Serve an error page, with status 404, instead of the file of this name."""
        self.arm(Kind.HTML_FILE, name, times=times)

    # -- gateway: `event` is a name such as "MESSAGE_CREATE", or a pattern ---------------------

    def duplicate(self, event: str = "*", *, times: int = 1) -> None:
        """Dispatch an event twice, under two sequence numbers."""
        self.arm(Kind.DUPLICATE, event, times=times)

    def drop(self, event: str = "*", *, times: int = 1) -> None:
        """Never dispatch an event."""
        self.arm(Kind.DROP, event, times=times)

    def malform(self, event: str = "*", *, times: int = 1) -> None:
        """Dispatch an event with a body that the client does not expect."""
        self.arm(Kind.MALFORM, event, times=times)

    def edit_first(self, *, times: int = 1) -> None:
        """Hold a MESSAGE_CREATE back until the message was changed."""
        self.arm(Kind.EDIT_FIRST, "MESSAGE_CREATE", times=times)

    def refuse_socket(self, *, status: int = 503, times: int = 1) -> None:
        """Refuse the next WebSocket connections."""
        self.arm(Kind.REFUSE_SOCKET, "gateway", times=times, status=status)
