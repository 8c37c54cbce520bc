"""The asynchronous client: the same methods as `AirChatClient`, awaited. Needs the extra `airchat-sdk[async]`."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from airchat.async_follow import AsyncEventStream
from airchat.async_transport import AiohttpTransport, AsyncOpened, AsyncTransport
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
from airchat.client import PATIENCE, method_signature
from airchat.config import AirChatConfig, load_config
from airchat.errors import (
    AirChatAuthError,
    AirChatConnectionError,
    AirChatError,
)
from airchat.identity import KeyFile
from airchat.session import Attempt, Session
from airchat.stream import Position
from airchat.types import Approval

P = ParamSpec("P")
T = TypeVar("T")


def awaited(
    describe: Callable[P, Call[T]],
) -> Callable[Concatenate["AsyncAirChatClient", P], Coroutine[Any, Any, T]]:
    """Return a method that makes the described call and returns its result."""

    @wraps(describe)
    async def method(self: "AsyncAirChatClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.run(describe(*args, **kwargs))

    method.__signature__ = method_signature(describe)  # type: ignore[attr-defined] # functions may carry one
    return method


class AsyncAirChatClient:
    """An agent's connection to a hub, for one event loop; many calls may run at once.

    Registration happens by itself at the first call. Calls that may be repeated are, while the hub is away or busy.

        async with AsyncAirChatClient.from_config(project="my-project") as client:
            await client.send_message("general", "Hello!")
    """

    def __init__(
        self,
        config: AirChatConfig,
        *,
        project: str | None = None,
        agent_name: str | None = None,
        card: Mapping[str, Any] | None = None,
        transport: AsyncTransport | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.config = config
        self.agent_name = agent_name or config.agent_name(project)
        self.card = card if card is not None else card_from_env()
        keys = KeyFile(config.home / "agents" / f"{self.agent_name}.key")
        self._session = Session(config, self.agent_name, self.card, keys, patience)
        self._transport = transport or AiohttpTransport(config.web_url)
        self._signing_in = asyncio.Lock()

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
        """Return a client configured like `AirChatClient.from_config`.

        Raises:
            AirChatConfigError: a setting or the machine key is missing or unusable; the text says how to repair it.
        """
        config = load_config(config_path=config_path, project_name=project)
        card = card if card is not None else make_card(capabilities, model, harness)
        return cls(config, project=project, agent_name=agent_name, card=card)

    check_board = awaited(channels.check_board)
    list_channels = awaited(channels.list_channels)
    get_channel = awaited(channels.get_channel)
    update_channel = awaited(channels.update_channel)
    list_members = awaited(channels.list_members)
    join_channel = awaited(channels.join_channel)
    leave_channel = awaited(channels.leave_channel)

    read_messages = awaited(messages.read_messages)
    send_message = awaited(messages.send_message)
    send_direct_message = awaited(messages.send_direct_message)
    get_message = awaited(messages.get_message)
    edit_message = awaited(messages.edit_message)
    delete_message = awaited(messages.delete_message)
    read_thread = awaited(messages.read_thread)
    list_revisions = awaited(messages.list_revisions)
    list_receipts = awaited(messages.list_receipts)
    get_permalink = awaited(messages.get_permalink)
    add_reaction = awaited(messages.add_reaction)
    remove_reaction = awaited(messages.remove_reaction)
    pin_message = awaited(messages.pin_message)
    unpin_message = awaited(messages.unpin_message)
    search_messages = awaited(messages.search_messages)

    check_mentions = awaited(inbox.check_mentions)
    mark_mentions_read = awaited(inbox.mark_mentions_read)
    check_work = awaited(inbox.check_work)
    take_inbox = awaited(inbox.take_inbox)
    ack_inbox = awaited(inbox.ack_inbox)

    find_agents = awaited(agents.find_agents)
    whoami = awaited(agents.whoami)
    hub_time = awaited(agents.hub_time)
    set_presence = awaited(agents.set_presence)

    post_task = awaited(tasks.post_task)
    check_tasks = awaited(tasks.check_tasks)
    list_tasks = awaited(tasks.list_tasks)
    get_task = awaited(tasks.get_task)
    claim_task = awaited(tasks.claim_task)
    renew_task = awaited(tasks.renew_task)
    release_task = awaited(tasks.release_task)
    complete_task = awaited(tasks.complete_task)
    cancel_task = awaited(tasks.cancel_task)

    request_approval = awaited(approvals.request_approval)
    get_approval = awaited(approvals.get_approval)
    list_approvals = awaited(approvals.list_approvals)
    answer_approval = awaited(approvals.answer_approval)

    list_held = awaited(guards.list_held)
    continue_agents = awaited(guards.continue_agents)

    report_usage = awaited(usage.report_usage)
    report_token_usage = awaited(usage.report_token_usage)
    report_served = awaited(usage.report_served)
    get_usage = awaited(usage.get_usage)
    list_usage = awaited(usage.list_usage)

    reserve_files = awaited(reservations.reserve_files)
    release_files = awaited(reservations.release_files)
    list_reservations = awaited(reservations.list_reservations)

    upload_file = awaited(files.upload_file)
    get_file_url = awaited(files.get_file_url)
    download_file = awaited(files.download_file)
    delete_file = awaited(files.delete_file)
    list_files = awaited(files.list_files)

    list_tokens = awaited(tokens.list_tokens)
    create_token = awaited(tokens.create_token)
    revoke_token = awaited(tokens.revoke_token)

    async def set_card(self, card: Mapping[str, Any]) -> Row:
        """Replace this agent's capability card: model, harness, capabilities (tags), plan; returns the hub's answer."""
        result = await self.run(agents.set_card(card))
        self.card = self._session.card = card
        return result

    def stream(
        self,
        channel: str | None = None,
        *,
        kind: str | None = None,
        after: int | None = None,
        session: str | None = None,
    ) -> AsyncEventStream:
        """Follow the hub's log: what the caller may see, in `channel` or everywhere.

        `kind` asks for some kinds of events only, such as `message.created,message.edited`.

        Starts now, or behind the event number `after`. The stream connects when it is entered as a context or first
        asked for an event, and again by itself whenever the connection breaks, without gap or repeat.

        Who names its `session`, 8 to 64 letters, digits and dashes, follows alone: while it does, and 20 seconds
        longer, a stream with another session's name is refused with AirChatConflict.
        """
        return AsyncEventStream(self._open, Position(channel, kind, after, session))

    async def wait_for_approval(
        self,
        approval_id: str,
        timeout: float | None = None,  # noqa: ASYNC109 - callers of a library expect it
    ) -> Approval:
        """Return an approval once it is answered or expired, which the hub's stream tells at once.

        Raises:
            TimeoutError: that took longer than `timeout` seconds.
        """
        async with asyncio.timeout(timeout), self.stream(kind=approvals.ENDED) as events:
            approval = await self.get_approval(approval_id)
            while approval.pending:
                event = await anext(events)
                if event.data["id"] == approval.id:
                    approval = Approval.from_row({**event.data, "trust": approval.trust})
        return approval

    async def run(self, call: Call[T]) -> T:
        """Make a call described in `airchat.calls` and return its result.

        Raises:
            AirChatError: the hub refused, or did not answer in time.
        """
        return await self._run(call, self._transport.send)

    async def close(self) -> None:
        """Close all connections; the client can still be used."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _open(self, call: Call[Reply]) -> AsyncOpened:
        reply = await self._run(call, self._transport.open)
        if not isinstance(reply, AsyncOpened):
            raise AirChatError("The hub answered without a stream.")
        return reply

    async def _run(self, call: Call[T], send: Callable[[Request], Awaitable[Reply]]) -> T:
        key = await self._sign_in(None)
        for _ in range(2):  # a refused key may have been replaced by another process, and that key be refused too
            try:
                return await _drive(self._session.exchange(call, key), send)
            except AirChatAuthError:
                key = await self._sign_in(key)
        return await _drive(self._session.exchange(call, key), send)

    async def _sign_in(self, refused: str | None) -> str:
        async with self._signing_in:
            return await _drive(self._session.sign_in(refused), self._transport.send)


async def _drive(steps: Generator[Attempt, Reply, T], send: Callable[[Request], Awaitable[Reply]]) -> T:
    """Run the attempts of a session."""
    try:
        attempt = next(steps)
        while True:
            if attempt.delay:
                await asyncio.sleep(attempt.delay)
            try:
                reply = await send(attempt.request)
            except AirChatConnectionError as error:
                attempt = steps.throw(error)
            else:
                attempt = steps.send(reply)
    except StopIteration as end:
        result: T = end.value
        return result
