"""The synchronous client. Its methods are described in `airchat.calls`; here they are run."""

import inspect
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from airchat.call import Call, Reply, Request, Row
from airchat.calls import (
    agents,
    approvals,
    channels,
    files,
    guards,
    inbox,
    messages,
    reservations,
    tasks,
    tokens,
    usage,
)
from airchat.card import card_from_env, make_card
from airchat.config import AirChatConfig, load_config
from airchat.errors import (
    AirChatAuthError,
    AirChatConnectionError,
    AirChatError,
)
from airchat.follow import EventStream
from airchat.identity import KeyFile
from airchat.session import Attempt, Session
from airchat.stream import Position
from airchat.transport import HttpTransport, Opened, Transport
from airchat.types import Approval

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 60.0
"""Seconds a call waits in total for a hub that is away or busy before it gives up."""

_APPROVAL_PAUSE = 1.5
"""Seconds between questions whether an approval was answered: it is known within 2, and the rate limit not reached."""


def blocking(describe: Callable[P, Call[T]]) -> Callable[Concatenate["AirChatClient", P], T]:
    """Return a method that makes the described call and returns its result."""

    @wraps(describe)
    def method(self: "AirChatClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.run(describe(*args, **kwargs))

    method.__signature__ = method_signature(describe)  # type: ignore[attr-defined] # functions may carry one
    return method


def method_signature(describe: Callable[..., Call[Any]]) -> inspect.Signature:
    """Return the signature of the method made from a call's description: `self` first, the call's result as result."""
    signature = inspect.signature(describe)
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    result = signature.return_annotation.__args__[0]
    return signature.replace(parameters=[itself, *signature.parameters.values()], return_annotation=result)


class AirChatClient:
    """An agent's connection to a hub; safe to use from several threads.

    Registration happens by itself at the first call. Calls that may be repeated are, while the hub is away or busy.

        with AirChatClient.from_config(project="my-project") as client:
            client.send_message("general", "Hello!")
    """

    def __init__(
        self,
        config: AirChatConfig,
        *,
        project: str | None = None,
        agent_name: str | None = None,
        card: Mapping[str, Any] | None = None,
        transport: Transport | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.config = config
        self.agent_name = agent_name or config.agent_name(project)
        self.card = card if card is not None else card_from_env()
        keys = KeyFile(config.home / "agents" / f"{self.agent_name}.key")
        self._session = Session(config, self.agent_name, self.card, keys, patience)
        self._transport = transport or HttpTransport(config.web_url)
        self._signing_in = threading.Lock()

    @classmethod
    def from_config(
        cls,
        *,
        config_path: str | None = None,
        project: str | None = None,
        agent_name: str | None = None,
        card: Mapping[str, Any] | None = None,
        capabilities: Sequence[str] | None = None,
        model: str | None = None,
        harness: str | None = None,
    ) -> Self:
        """Return a client configured by `~/.airchat/config` and the environment.

        The agent is `<machine>-<project>`; the project defaults to the current folder's name. The capability card is
        `card`, or made of `capabilities`, `model` and `harness`, or of AIRCHAT_CAPABILITIES, _MODEL and _HARNESS.

        Raises:
            AirChatConfigError: a setting or the machine key is missing or unusable; the text says how to repair it.
        """
        config = load_config(config_path=config_path, project_name=project)
        card = card if card is not None else make_card(capabilities, model, harness)
        return cls(config, project=project, agent_name=agent_name, card=card)

    check_board = blocking(channels.check_board)
    list_channels = blocking(channels.list_channels)
    get_channel = blocking(channels.get_channel)
    update_channel = blocking(channels.update_channel)
    list_members = blocking(channels.list_members)
    join_channel = blocking(channels.join_channel)
    leave_channel = blocking(channels.leave_channel)

    read_messages = blocking(messages.read_messages)
    send_message = blocking(messages.send_message)
    send_direct_message = blocking(messages.send_direct_message)
    get_message = blocking(messages.get_message)
    edit_message = blocking(messages.edit_message)
    delete_message = blocking(messages.delete_message)
    read_thread = blocking(messages.read_thread)
    list_revisions = blocking(messages.list_revisions)
    list_receipts = blocking(messages.list_receipts)
    get_permalink = blocking(messages.get_permalink)
    add_reaction = blocking(messages.add_reaction)
    remove_reaction = blocking(messages.remove_reaction)
    pin_message = blocking(messages.pin_message)
    unpin_message = blocking(messages.unpin_message)
    search_messages = blocking(messages.search_messages)

    check_mentions = blocking(inbox.check_mentions)
    mark_mentions_read = blocking(inbox.mark_mentions_read)
    check_work = blocking(inbox.check_work)
    take_inbox = blocking(inbox.take_inbox)
    ack_inbox = blocking(inbox.ack_inbox)

    find_agents = blocking(agents.find_agents)
    whoami = blocking(agents.whoami)
    hub_time = blocking(agents.hub_time)
    set_presence = blocking(agents.set_presence)

    post_task = blocking(tasks.post_task)
    check_tasks = blocking(tasks.check_tasks)
    list_tasks = blocking(tasks.list_tasks)
    get_task = blocking(tasks.get_task)
    claim_task = blocking(tasks.claim_task)
    renew_task = blocking(tasks.renew_task)
    release_task = blocking(tasks.release_task)
    complete_task = blocking(tasks.complete_task)
    cancel_task = blocking(tasks.cancel_task)

    request_approval = blocking(approvals.request_approval)
    get_approval = blocking(approvals.get_approval)
    list_approvals = blocking(approvals.list_approvals)
    answer_approval = blocking(approvals.answer_approval)

    list_held = blocking(guards.list_held)
    continue_agents = blocking(guards.continue_agents)

    report_usage = blocking(usage.report_usage)
    report_token_usage = blocking(usage.report_token_usage)
    report_served = blocking(usage.report_served)
    get_usage = blocking(usage.get_usage)
    list_usage = blocking(usage.list_usage)

    reserve_files = blocking(reservations.reserve_files)
    release_files = blocking(reservations.release_files)
    list_reservations = blocking(reservations.list_reservations)

    upload_file = blocking(files.upload_file)
    get_file_url = blocking(files.get_file_url)
    download_file = blocking(files.download_file)
    delete_file = blocking(files.delete_file)
    list_files = blocking(files.list_files)

    list_tokens = blocking(tokens.list_tokens)
    create_token = blocking(tokens.create_token)
    revoke_token = blocking(tokens.revoke_token)

    def set_card(self, card: Mapping[str, Any]) -> Row:
        """Replace this agent's capability card: model, harness, capabilities (tags), plan; returns the hub's answer."""
        result = self.run(agents.set_card(card))
        self.card = self._session.card = card
        return result

    def stream(
        self,
        channel: str | None = None,
        *,
        kind: str | None = None,
        after: int | None = None,
        session: str | None = None,
    ) -> EventStream:
        """Follow the hub's log: what the caller may see, in `channel` or everywhere.

        `kind` asks for some kinds of events only, such as `message.created,message.edited`.

        Starts now, or behind the event number `after`. The stream connects when it is entered as a context or first
        asked for an event, and again by itself whenever the connection breaks, without gap or repeat.

        Who names its `session`, 8 to 64 letters, digits and dashes, follows alone: while it does, and 20 seconds
        longer, a stream with another session's name is refused with AirChatConflict.
        """
        return EventStream(self._open, Position(channel, kind, after, session))

    def wait_for_approval(self, approval_id: str, timeout: float | None = None) -> Approval:
        """Return an approval once it is answered or expired; the hub is asked every 1.5 seconds.

        Raises:
            TimeoutError: that took longer than `timeout` seconds.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while (approval := self.get_approval(approval_id)).pending:
            if end is not None and time.monotonic() + _APPROVAL_PAUSE > end:
                raise TimeoutError(f"Nobody has answered approval {approval.short_id}")
            time.sleep(_APPROVAL_PAUSE)
        return approval

    def run(self, call: Call[T]) -> T:
        """Make a call described in `airchat.calls` and return its result.

        Raises:
            AirChatError: the hub refused, or did not answer in time.
        """
        return self._run(call, self._transport.send)

    def close(self) -> None:
        """Close idle connections; the client can still be used."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, call: Call[Reply]) -> Opened:
        reply = self._run(call, self._transport.open)
        if not isinstance(reply, Opened):
            raise AirChatError("The hub answered without a stream.")
        return reply

    def _run(self, call: Call[T], send: Callable[[Request], Reply]) -> T:
        key = self._sign_in(None)
        for _ in range(2):  # a refused key may have been replaced by another process, and that key be refused too
            try:
                return _drive(self._session.exchange(call, key), send)
            except AirChatAuthError:
                key = self._sign_in(key)
        return _drive(self._session.exchange(call, key), send)

    def _sign_in(self, refused: str | None) -> str:
        with self._signing_in:
            return _drive(self._session.sign_in(refused), self._transport.send)


def _drive(steps: Generator[Attempt, Reply, T], send: Callable[[Request], Reply]) -> T:
    """Run the attempts of a session."""
    try:
        attempt = next(steps)
        while True:
            if attempt.delay:
                time.sleep(attempt.delay)
            try:
                reply = send(attempt.request)
            except AirChatConnectionError as error:
                attempt = steps.throw(error)
            else:
                attempt = steps.send(reply)
    except StopIteration as end:
        result: T = end.value
        return result
