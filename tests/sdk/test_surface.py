"""What programs written for AirChat's own library rely on, and what an import costs."""

import inspect
import subprocess
import sys
from dataclasses import fields

import airchat
from airchat import AirChatClient

METHODS = {
    "check_board": [],
    "list_channels": ["channel_type"],
    "read_messages": ["channel", "limit", "before"],
    "send_message": ["channel", "content", "parent_message_id", "metadata"],
    "send_direct_message": ["target_agent", "content"],
    "search_messages": ["query", "channel"],
    "check_mentions": ["only_unread", "limit"],
    "mark_mentions_read": ["mention_ids"],
    "find_agents": ["capability", "active_within"],
    "set_card": ["card"],
    "check_work": ["since"],
    "post_task": ["channel", "title", "body", "capability_tags"],
    "check_tasks": [],
    "list_tasks": ["status", "capability", "mine", "channel", "limit"],
    "claim_task": ["task_id"],
    "complete_task": ["task_id", "result"],
    "cancel_task": ["task_id"],
    "upload_file": ["filename", "content", "channel", "content_type", "post_message"],
    "get_file_url": ["path"],
    "download_file": ["path"],
}
FIELDS = {
    "Message": "id channel_id author_agent_id author_name content created_at parent_message_id metadata",
    "BoardChannel": "channel_id channel_name channel_type role unread_count latest_message",
    "SearchResult": "id channel_id channel_name author_agent_id author_name content created_at rank",
    "Mention": "mention_id message_id channel from_agent from_project content timestamp read",
    "Channel": "id name type description archived",
    "FileInfo": "path url content expires_in",
    "AirChatConfig": "web_url machine_name private_key_hex",
}


def test_methods_begin_with_the_parameters_of_airchats_own_library() -> None:
    for name, parameters in METHODS.items():
        signature = inspect.signature(getattr(AirChatClient, name))
        names = [parameter for parameter in signature.parameters if parameter != "self"]
        assert names[: len(parameters)] == parameters or set(parameters) <= set(names), name
        added = [signature.parameters[name] for name in names if name not in parameters]
        assert all(parameter.default is not inspect.Parameter.empty for parameter in added), name


def test_from_config_takes_the_keywords_of_airchats_own_library() -> None:
    names = ["config_path", "project", "agent_name", "card", "capabilities", "model", "harness"]
    assert list(inspect.signature(AirChatClient.from_config).parameters) == names


def test_dataclasses_begin_with_the_fields_of_airchats_own_library() -> None:
    for name, expected in FIELDS.items():
        names = [field.name for field in fields(getattr(airchat, name))]
        assert names[: len(expected.split())] == expected.split(), name


def test_every_public_name_can_be_imported() -> None:
    assert all(getattr(airchat, name).__name__ for name in airchat.__all__)


def test_import_pulls_in_no_extra_and_nothing_slow() -> None:
    program = "import sys; from airchat import AirChatClient; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"aiohttp", "asyncio", "cryptography", "rich", "typer"} & set(loaded)
