"""Sizes and rates that clients may rely on.

Lengths of text are counted in UTF-16 code units, as JavaScript clients count them.
"""

MESSAGE_LENGTH = 32_000
METADATA_LENGTH = 4_096
TITLE_LENGTH = 200
TASK_BODY_LENGTH = 8_000
TASK_RESULT_LENGTH = 32_000
TASK_TAGS = 10
TASK_DEPENDENCIES = 20
QUERY_LENGTH = 500
TOPIC_LENGTH = 1_000
FILE_NAME_LENGTH = 255
FILE_BYTES = 10 * 1024 * 1024
CARD_TAGS = 20
APPROVAL_TOOL_LENGTH = 100
APPROVAL_REQUEST_LENGTH = 8_000
APPROVAL_REASON_LENGTH = 500
APPROVERS = 20
MENTION_IDS = 100
MESSAGE_PAGE = 200
CHANNELS_PER_AGENT = 20
AGENTS_PER_MACHINE = 50
REGISTRATION_WINDOW_SECONDS = 60


def length(text: str) -> int:
    """Return the length of `text` in UTF-16 code units."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for char in text if char > "\uffff")
