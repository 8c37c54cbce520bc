"""Tools for approvals: asking people whether something may run, and letting the person at this client answer."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import AcceptedElicitation, Context, Elicit, ElicitationResult, Resolve
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from airchat.boundary import fenced, quoted
from airchat.text import TASK_CUT, approval_row, fitting
from airchat.types import Approval
from mcp_server.arguments import (
    ApprovalId,
    ApprovalRequest,
    ApprovalState,
    ApprovalTool,
    Approvers,
    ChannelName,
    ClientKey,
    Id,
)
from mcp_server.desk import Desk, Desks

ROUNDS = 5
ROUND_SECONDS = 10.0
"""How often the one who waits for an answer is told that there is none yet, and after how long each time."""
SHOWN = 20


class ApprovalTools:
    """What may run."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def request_approval(
        self,
        context: Context[Any, Any],
        channel: ChannelName,
        tool: ApprovalTool,
        request: ApprovalRequest,
        *,
        parent_message_id: Id | None = None,
        approvers: Approvers | None = None,
        client_key: ClientKey | None = None,
    ) -> str:
        """Ask people whether tool may run exactly request (a command, a change); waits up to 50 s for the answer.

        Only the state approved means yes. While it is pending, do not run it: check_approvals tells later.
        """
        desk = self._desk()
        what = [channel, tool, request, parent_message_id, *(approvers or ())]
        with desk.keys.key(client_key, "approval", *what) as key:
            approval = await desk.client.request_approval(
                channel, tool, request, parent_message_id=parent_message_id, approvers=approvers, client_key=key
            )
        return fenced(approval_row(await _answer(desk, approval, context)))

    async def check_approvals(self, approval_id: ApprovalId | None = None, state: ApprovalState | None = None) -> str:
        """See what came of an approval, or list those you can see, newest first."""
        desk = self._desk()
        if approval_id is None:
            found = await desk.client.list_approvals(state, limit=SHOWN)
        else:
            found = [await desk.client.get_approval(approval_id)]
        desk.asked.difference_update(approval.id for approval in found if not approval.pending)
        return fitting(lambda limit: {"approvals": [approval_row(one, limit) for one in found]}, TASK_CUT, len(found))


class Answer(BaseModel):
    """What the person at the client is asked."""

    answer: Literal["approve", "deny"] = Field(description="May it run?")
    reason: str = Field(default="", description="A word to whoever asked, if you like", max_length=500)


def approval_answerer(desk: Desks) -> Callable[..., Awaitable[str]]:
    """Return the tool by which a person answers: the model can only ask for the question to be put."""

    async def ask(approval_id: str, context: Context[Any, Any]) -> Elicit[Answer]:
        client, capabilities = desk().client, context.client_capabilities
        if capabilities is None or capabilities.elicitation is None:
            raise ToolError("This client cannot ask the person before it. They can answer in the chat or a shell.")
        approval = await client.get_approval(approval_id)
        if not approval.pending:
            raise ToolError(f"It was answered already: {approval.state}")
        if (await client.whoami())["agent"]["name"] not in approval.approvers:
            raise ToolError(f"Only {', '.join(approval.approvers)} can answer, with a token of their own.")
        who, tool = approval.requested_by_name or "somebody", quoted(approval.tool, 200)
        return Elicit(f"@{who} asks in #{approval.channel}: may {tool} run this?\n{quoted(approval.request)}", Answer)

    async def answer_approval(
        approval_id: ApprovalId, answer: Annotated[ElicitationResult[Answer], Resolve(ask)]
    ) -> str:
        """Put a pending approval before the person at this client, who answers it; you cannot."""
        if not isinstance(answer, AcceptedElicitation):
            raise ToolError("The person has not answered; it stays pending.")
        given = answer.data
        return fenced(
            approval_row(await desk().client.answer_approval(approval_id, given.answer, given.reason or None))
        )

    return answer_approval


async def _answer(desk: Desk, approval: Approval, context: Context[Any, Any]) -> Approval:
    """Wait for the answer as long as a tool can; what is still pending then is told when it comes."""
    for number in range(ROUNDS):
        if not approval.pending:
            return approval
        waiting = f"waiting for {', '.join(approval.approvers)}"
        await context.report_progress(number, ROUNDS, waiting)
        try:
            return await desk.client.wait_for_approval(approval.id, timeout=ROUND_SECONDS)
        except TimeoutError:
            continue
    desk.asked.add(approval.id)
    approval = await desk.client.get_approval(approval.id)
    if not approval.pending:
        desk.asked.discard(approval.id)
    return approval
