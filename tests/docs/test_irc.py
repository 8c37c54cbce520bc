"""The IRC page names every capability, mode, task command and question to the hub that there is, and no other."""

import re

from bridges.irc.accounts import enrolment
from bridges.irc.capabilities import NOTIFY, PLAIN, STS
from bridges.irc.commands import tasks
from bridges.irc.config import AccountRegistration
from bridges.irc.log import metadata
from bridges.irc.service import answers  # fills the table
from bridges.irc.service.table import COMMANDS
from bridges.irc.wire.modes import CHANNEL
from tests.docs.pages import page, table_rows
from tests.irctest import score


def section(title: str) -> str:
    """Return what stands under a heading, up to the next one of its rank."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", page("irc.md"), re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def words(title: str) -> list[str]:
    """Return the first cells of a section's tables without their marks, but for the head."""
    rows = table_rows(section(title).replace(r"\|", "¦"))[1:]
    return [word.replace("¦", "|") for row in rows for word in re.findall(r"`([^`]+)`", row[0])]


def test_capabilities_are_listed() -> None:
    assert enrolment.offered(AccountRegistration.OPEN) is not None
    others = {"sasl", "draft/multiline", "draft/account-registration", metadata.OLDER, metadata.CURRENT, NOTIFY, STS}
    assert sorted(words("Capabilities")) == sorted({*PLAIN, *others})


def test_questions_to_the_hub_are_listed() -> None:
    assert answers.NICK == "hub"
    usages = [entry.usage for entry in COMMANDS.values()]
    assert sorted(words("The hub as a contact")) == sorted([*usages, "more"])


def test_modes_of_channels_are_listed() -> None:
    assert "".join(sorted(re.findall(r"\+(\w)\b", " ".join(words("Channels"))))) == CHANNEL.letters


def test_task_commands_are_listed() -> None:
    listed = {word.split(" ")[1] for word in words("Tasks")}
    documented = set(re.findall(r"TASK ([A-Z|]+)", (tasks.__doc__ or "")))
    assert listed == {name for names in documented for name in names.split("|")}


def test_a_run_of_the_suite_finds_its_place() -> None:
    assert "0 passed" in score.inserted(page("irc.md"), [])
