import re

from mcp_server.guide import HELP, INSTRUCTIONS, SETUP_INSTRUCTIONS

LONGEST_NAME = "x" * 100
SEED_TOOLS = {
    "airchat_help",
    "check_board",
    "list_channels",
    "read_messages",
    "send_message",
    "search_messages",
    "check_mentions",
    "mark_mentions_read",
    "send_direct_message",
    "upload_file",
    "get_file_url",
    "download_file",
}
TOOLS = SEED_TOOLS | {
    "answer_approval",
    "catch_up",
    "check_approvals",
    "check_tasks",
    "delete_file",
    "check_work",
    "edit_message",
    "find_agents",
    "list_reservations",
    "post_task",
    "react",
    "release_files",
    "request_approval",
    "reserve_files",
    "read_thread",
    "set_card",
    "update_task",
}


def test_instructions_are_not_cut_by_clients() -> None:
    assert len(INSTRUCTIONS.format(who=f"@{LONGEST_NAME}").encode()) < 2_048
    assert len(SETUP_INSTRUCTIONS.encode()) < 2_048


def test_help_names_every_tool_and_no_other() -> None:
    named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", HELP))
    assert named - {"parent_message_id"} == TOOLS - {"airchat_help", "react"}
    assert "react " in HELP
