"""Approvals: what an agent may not do unasked becomes a question to people, in the thread it works for."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from airchat import AirChatError, AsyncAirChatClient
from airchat.boundary import plain, quoted
from airchat.protocol.limits import APPROVAL_REQUEST_LENGTH, APPROVAL_TOOL_LENGTH, length
from airchat.protocol.names import DIRECT_MESSAGES
from runner.harness.port import PermissionRequest, Verdict
from runner.state import State, Target

CANCEL_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
"""How much longer than until its end an approval is waited for, should the hub be away."""


class Approvals:
    """Asks for one agent. `approvers` are the people who may answer; empty for those whom the hub asks by default."""

    def __init__(self, client: AsyncAirChatClient, state: State, approvers: Sequence[str], seconds: int) -> None:
        self._client = client
        self._state = state
        self._approvers = approvers
        self._seconds = seconds

    async def settle(self) -> None:
        """Take back what a runner that was killed has asked: its turn is over, and no answer would reach anybody.

        Raises:
            AirChatError: the hub does not answer.
        """
        for approval_id in list(self._state.asked):
            try:
                await self._client.answer_approval(approval_id, "cancel")
            except AirChatError as error:
                if error.transient:
                    raise
            self._keep(approval_id, asked=False)

    async def ask(self, target: Target, cause: str | None, request: PermissionRequest) -> Verdict:
        """Ask where the agent works, and wait for the answer. Who gives none in time says no, and so does a failure.

        When this is cancelled, the question is taken back.
        """
        text = shown(request)
        if length(text) > APPROVAL_REQUEST_LENGTH:
            return Verdict(allowed=False, reason="It is too long to be shown to people. Do it in smaller steps.")
        try:
            approval = await self._client.request_approval(
                target.channel,
                request.tool[:APPROVAL_TOOL_LENGTH],
                text,
                parent_message_id=cause if target.channel == DIRECT_MESSAGES else target.parent,
                approvers=self._approvers or None,
                expires_seconds=self._seconds,
            )
            self._keep(approval.id, asked=True)
            try:
                return await self._wait(approval.id)
            finally:
                self._keep(approval.id, asked=False)
        except (AirChatError, TimeoutError) as error:
            return Verdict(allowed=False, reason=f"Nobody could be asked: {error}")

    def _keep(self, approval_id: str, *, asked: bool) -> None:
        if asked:
            self._state.asked.append(approval_id)
        else:
            self._state.asked.remove(approval_id)
        self._state.save()

    async def _wait(self, approval_id: str) -> Verdict:
        try:
            approval = await self._client.wait_for_approval(approval_id, self._seconds + PATIENCE_SECONDS)
        except asyncio.CancelledError:
            with suppress(AirChatError, TimeoutError):
                async with asyncio.timeout(CANCEL_SECONDS):
                    await self._client.answer_approval(approval_id, "cancel")
            raise
        if approval.approved:
            return Verdict(allowed=True)
        who = f" by {approval.answered_by_name}" if approval.answered_by_name else ""
        why = f": {quoted(approval.reason)}" if approval.reason else ""
        return Verdict(allowed=False, reason=f"This was {approval.state}{who}{why}. Do not try it in another way.")


def shown(request: PermissionRequest) -> str:
    """Return exactly what would run, one field after the other. What the agent says that it is for is left out."""
    fields = {name: value for name, value in request.input.items() if name != "description"}
    return (
        "\n".join(f"{name if name.isidentifier() else plain(name)}: {_value(value)}" for name, value in fields.items())
        or "(without arguments)"
    )


def _value(value: Any) -> str:
    """Return text as it is, further lines indented; what is not text, or holds what cannot be seen, as JSON."""
    if not isinstance(value, str) or not value.replace("\n", "").replace("\t", "").isprintable():
        return plain(value)
    return value if "\n" not in value else "\n" + "\n".join(f"    {line}" for line in value.split("\n"))
