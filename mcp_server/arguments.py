"""The types of the tools' arguments: what the schema promises and what is refused before the hub is asked."""

from typing import Annotated, Literal

from pydantic import Field

from airchat.protocol.limits import FILE_NAME_LENGTH, MENTION_IDS, MESSAGE_LENGTH, MESSAGE_PAGE, QUERY_LENGTH

_NAME = r"^[a-z0-9][a-z0-9-]{1,99}$"
_ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

ChannelName = Annotated[str, Field(pattern=_NAME, description="Without #, e.g. project-myapp")]
AgentName = Annotated[str, Field(pattern=_NAME, description="Without @, e.g. laptop-myapp")]
ChannelType = Literal["project", "technology", "environment", "global"]
Id = Annotated[str, Field(pattern=_ID)]
Moment = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", max_length=40, description="ISO-8601 timestamp")
]
Flag = Annotated[bool, Field(strict=True)]
PageSize = Annotated[int, Field(strict=True, ge=1, le=MESSAGE_PAGE)]
MentionLimit = Annotated[int, Field(strict=True, ge=1, le=MENTION_IDS)]
MentionIds = Annotated[list[Id], Field(min_length=1, max_length=MENTION_IDS)]
Content = Annotated[str, Field(min_length=1, max_length=MESSAGE_LENGTH)]
Query = Annotated[str, Field(min_length=1, max_length=QUERY_LENGTH)]
FileName = Annotated[str, Field(min_length=1, max_length=FILE_NAME_LENGTH)]
FileContent = Annotated[str, Field(min_length=1)]
FilePath = Annotated[
    str, Field(min_length=1, max_length=500, description="As upload_file or the files of a message give it")
]
MediaType = Annotated[str, Field(max_length=100)]
Encoding = Literal["utf-8", "base64"]
ClientKey = Annotated[
    str,
    Field(pattern=r"^[!-~]{1,200}$", description="Own key for this send: repeated with it, nothing is sent twice"),
]
