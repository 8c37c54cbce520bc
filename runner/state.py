"""What an agent's runner must remember over restarts, in one JSON file that is replaced in one step.

`sessions` go on where they were, `finished` are answers that may not be posted or acknowledged yet, `schedules` say
when each was last due and dealt with (Unix time), `claims` are the tasks that are worked on, `asked` the approvals that
a turn waits for, `reports` what turns have taken that the hub does not know yet. It lies in a folder of the agent's
own, readable by its owner alone.
"""

import json
import logging
import os
import secrets
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from airchat.identity import make_private_folder, write_private
from runner.harness.port import Usage

_VERSION = 1
_SESSIONS = 500
"""How many conversations are remembered; of more, those that rested longest are begun anew."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer goes: a channel, there below `parent` if given; or, with `to`, somebody directly."""

    channel: str
    parent: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A task that the agent has claimed; the `fence` tells this claim from others."""

    task_id: str
    fence: int
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A turn that ended well: the inbox items it dealt with, and its answer.

    `key` makes posting the answer again harmless; `message_id` is the message that told of progress, if there is one.
    `cause` is the message that is answered; with a `claim`, the text is the result of that task.
    """

    key: str
    items: tuple[str, ...]
    target: Target
    text: str
    message_id: str | None = None
    cause: str | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What one turn of a session has taken; what caused it (a message or inbox item), or else the channel it was for.

    Under its `key` the hub counts it once, however often it is told.
    """

    usage: Usage
    cause: str | None
    channel: str | None
    session: str | None = None
    key: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(slots=True)
class State:
    """The state of one agent. Change it, then `save`. By its `name` the hub knows a runner again that was restarted."""

    path: Path
    name: str = field(default_factory=lambda: str(uuid.uuid4()))
    sessions: dict[str, str] = field(default_factory=dict)
    finished: dict[str, Finished] = field(default_factory=dict)
    schedules: dict[str, float] = field(default_factory=dict)
    claims: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    def remember_session(self, conversation: str, session_id: str) -> None:
        """Note the session of a conversation, as the one used last."""
        self.sessions.pop(conversation, None)
        self.sessions[conversation] = session_id
        while len(self.sessions) > _SESSIONS:
            del self.sessions[next(iter(self.sessions))]

    def save(self) -> None:
        """Write it down. On a full disk the old file stays, and the runner goes on: it may then repeat a turn."""
        values = {
            "version": _VERSION,
            "name": self.name,
            "sessions": self.sessions,
            "finished": [asdict(each) for each in self.finished.values()],
            "schedules": self.schedules,
            "claims": self.claims,
            "asked": self.asked,
            "reports": [asdict(each) for each in self.reports],
        }
        try:
            write_private(self.path, json.dumps(values, indent=1) + "\n")
        except OSError as error:
            _log.error("the state cannot be written to %s: %s", self.path, error)


def load_state(folder: Path) -> State:
    """Return the state kept in a folder, which is made if need be; what cannot be read is put aside."""
    make_private_folder(folder)
    path = folder / "state.json"
    try:
        return _parse(path, json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        state = State(path)
        state.save()
        return state
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        aside = path.with_suffix(".unreadable")
        os.replace(path, aside)  # noqa: PTH105 - of two paths, one being a method of the other reads worse
        _log.warning("%s is no state of this release (%s); it is now %s, and sessions begin anew", path, error, aside)
        return State(path)


def peek_state(folder: Path) -> State:
    """Return the state kept in a folder, changing nothing; an empty one when there is none to be read."""
    path = folder / "state.json"
    try:
        return _parse(path, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return State(path)


def _parse(path: Path, values: dict[str, Any]) -> State:
    if values["version"] != _VERSION:
        raise ValueError(f"version {values['version']}")
    finished = [_finished(row) for row in values["finished"]]
    schedules = {name: float(last) for name, last in values["schedules"].items()}
    return State(
        path,
        str(values["name"]),
        dict(values["sessions"]),
        {each.key: each for each in finished},
        schedules,
        claims=[str(task_id) for task_id in values["claims"]],
        asked=[str(approval_id) for approval_id in values.get("asked", [])],
        reports=[Report(**{**row, "usage": Usage(**row["usage"])}) for row in values.get("reports", [])],
    )


def _finished(row: dict[str, Any]) -> Finished:
    claim = Claim(**row["claim"]) if row.get("claim") else None
    return Finished(**{**row, "items": tuple(row["items"]), "target": Target(**row["target"]), "claim": claim})
