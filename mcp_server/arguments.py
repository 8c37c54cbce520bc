"""The types of the tools' arguments: what is refused before the hub is asked, and what of it the model is told.

The schemas are read by models again and again, so they say little; `mcp_server.schemas` leaves out the rest.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from airchat.protocol.limits import (
    APPROVAL_REQUEST_LENGTH,
    APPROVAL_TOOL_LENGTH,
    FILE_NAME_LENGTH,
    MENTION_IDS,
    MESSAGE_LENGTH,
    MESSAGE_PAGE,
    QUERY_LENGTH,
    TASK_BODY_LENGTH,
    TASK_DEPENDENCIES,
    TASK_RESULT_LENGTH,
    TASK_TAGS,
    TITLE_LENGTH,
)
from airchat.protocol.names import NAME_RULE

_NAME = r"^[a-z0-9][a-z0-9-]{1,99}$"
_ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_TAG = r"^[a-z0-9][a-z0-9-]{0,49}$"
_KEY = r"^[!-~]{1,200}$"
_APPROVAL = r"^[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?$"
_MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"

RULES = {
    _NAME: NAME_RULE,
    _ID: "a whole id, as the tools show it: 36 characters",
    _TAG: "1-50 characters: lower-case letters, digits and hyphens",
    _KEY: "1-200 printable ASCII characters without blanks",
    _APPROVAL: "an approval's id, or the first eight digits of it",
    _MOMENT: "a moment such as 2026-01-31T09:00:00Z",
}
"""What patterns mean, for whoever has not kept to one."""


def _bare(value: Any) -> Any:
    """Take a name as people write it."""
    return value.strip().removeprefix("#").removeprefix("@") if isinstance(value, str) else value


ChannelName = Annotated[str, BeforeValidator(_bare), Field(pattern=_NAME)]
AgentName = Annotated[str, BeforeValidator(_bare), Field(pattern=_NAME)]
ChannelType = Literal["project", "technology", "environment", "global"]
Id = Annotated[str, Field(pattern=_ID)]
Moment = Annotated[str, Field(pattern=_MOMENT, max_length=40, description="ISO-8601")]
Number = Annotated[int, Field(strict=True, ge=0)]
Flag = Annotated[bool, Field(strict=True)]
PageSize = Annotated[int, Field(strict=True, ge=1, le=MESSAGE_PAGE)]
MentionLimit = Annotated[int, Field(strict=True, ge=1, le=MENTION_IDS)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=MENTION_IDS)]
Content = Annotated[str, Field(min_length=1, max_length=MESSAGE_LENGTH)]
Emoji = Annotated[str, Field(min_length=1, max_length=64, description="👍 or :thumbsup:")]
Query = Annotated[str, Field(min_length=1, max_length=QUERY_LENGTH)]
FileName = Annotated[str, Field(min_length=1, max_length=FILE_NAME_LENGTH)]
FileContent = Annotated[str, Field(min_length=1)]
FilePath = Annotated[str, Field(min_length=1, max_length=500)]
MediaType = Annotated[str, Field(max_length=100)]
Encoding = Literal["utf-8", "base64"]
ClientKey = Annotated[str, Field(pattern=_KEY)]
Title = Annotated[str, Field(min_length=1, max_length=TITLE_LENGTH)]
TaskBody = Annotated[str, Field(max_length=TASK_BODY_LENGTH)]
TaskResult = Annotated[str, Field(min_length=1, max_length=TASK_RESULT_LENGTH)]
Tag = Annotated[str, Field(pattern=_TAG)]
Tags = Annotated[list[Tag], Field(max_length=TASK_TAGS, description="kebab-case")]
Dependencies = Annotated[list[Id], Field(max_length=TASK_DEPENDENCIES)]
TaskStatus = Literal["open", "claimed", "done", "cancelled"]
TaskAction = Literal["claim", "renew", "release", "complete", "cancel"]
Side = Literal["created", "claimed", "either"]
ApprovalId = Annotated[str, Field(pattern=_APPROVAL)]
ApprovalTool = Annotated[str, Field(min_length=1, max_length=APPROVAL_TOOL_LENGTH)]
ApprovalRequest = Annotated[str, Field(min_length=1, max_length=APPROVAL_REQUEST_LENGTH)]
ApprovalState = Literal["pending", "approved", "denied", "cancelled", "expired"]
Approvers = Annotated[list[AgentName], Field(max_length=20)]
Pattern = Annotated[str, Field(min_length=1, max_length=300)]
Project = Annotated[str, Field(min_length=1, max_length=100)]
Purpose = Annotated[str, Field(max_length=TITLE_LENGTH)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=480)]
Window = Literal["15m", "1h", "6h", "1d", "7d", "all"]
