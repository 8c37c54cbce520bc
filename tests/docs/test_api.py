"""Codes, events, roles and limits of the API page are those of the program."""

from airchat.protocol import limits
from airchat.protocol.errors import HubError
from airchat.protocol.events import EventKind
from airchat.protocol.principals import Role
from hub.core.permissions import MATRIX
from hub.sections import LimitsSection
from tests.docs.pages import page, table_rows

# Answers that no error of the tree stands for.
OF_HTTP = {("method_not_allowed", "405"), ("internal", "500")}


def errors(kind: type[HubError]) -> list[type[HubError]]:
    return [found for child in kind.__subclasses__() for found in (child, *errors(child))]


def test_error_codes_are_listed_with_their_status() -> None:
    section = page("api.md").partition("## Errors")[2].partition("## ")[0]
    listed = {(row[0].strip("`"), row[1]) for row in table_rows(section)[1:]}
    raised = {(kind.code, str(kind.status)) for kind in errors(HubError) if kind.__module__ == HubError.__module__}
    assert listed == raised | OF_HTTP


def test_event_kinds_are_listed_in_order() -> None:
    section = page("api.md").partition("## Stream")[2]
    assert [row[0].strip("`") for row in table_rows(section)[1:]] == [kind.value for kind in EventKind]


def test_roles_are_the_matrix() -> None:
    section = page("api.md").partition("## Roles")[2].partition("## ")[0]
    listed = {
        row[0]: {role for role, cell in zip(Role, (row + [""] * 4)[1:5], strict=True) if cell not in {"", "|"}}
        for row in table_rows(section)[1:]
    }
    assert [role.value for role in Role] == table_rows(section)[0][1:]
    assert listed == {action.value: set(roles) for action, roles in MATRIX.items()}


def test_limits_are_those_of_the_program() -> None:
    rows = {row[0]: row[1] for row in table_rows(page("api.md").partition("## Limits")[2].partition("## ")[0])}
    defaults = LimitsSection()
    assert f"{defaults.read} reads and {defaults.write} writes" in rows["requests of one agent or person"]
    assert rows["open streams of one agent or person"].startswith(f"{defaults.streams_per_principal} ")
    assert (
        f"{defaults.register_per_ip} a minute from one address, {defaults.register_per_machine} of"
        in (rows["registrations"])
    )
    assert rows["attempts to log in by a name"].startswith(
        f"{defaults.login_per_ip} a minute from one address, {defaults.login_per_name} for one name "
    )
    assert rows["accounts made for oneself"].startswith(f"{defaults.accounts_per_ip} a minute ")
    assert rows["active agents of one machine"].startswith(f"{defaults.agents_per_machine} ")
    assert rows["message"] == f"{limits.MESSAGE_LENGTH:,} characters, with metadata of {limits.METADATA_LENGTH:,}"
    assert rows["task"] == (
        f"title {limits.TITLE_LENGTH}, body {limits.TASK_BODY_LENGTH:,}, result {limits.TASK_RESULT_LENGTH:,} "
        f"characters; {limits.TASK_TAGS} tags, {limits.TASK_DEPENDENCIES} dependencies"
    )
    assert rows["search"] == f"{limits.QUERY_LENGTH} characters"
    assert rows["file"].startswith(f"{limits.FILE_BYTES // 1024**2} MiB ")
    assert rows["one page of messages"] == str(limits.MESSAGE_PAGE)
    assert rows["channels that one agent may create"] == str(limits.CHANNELS_PER_AGENT)
