"""The runner's settings: what `runner.toml` can say. Unknown keys are errors."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from airchat.protocol.names import NAME_RULE, is_name
from airchat.protocol.trust import Trust
from runner.cron import parse_cron, parse_zone
from runner.harness.port import PermissionMode


def _listed(value: Any) -> Any:
    """Let a list be written in one variable: as JSON, or separated by commas."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return [item.strip() for item in value.split(",") if item.strip()]
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError("must be items with commas between them, or a list as in JSON") from error


HarnessName = Literal["claude", "codex", "gemini", "acp", "command"]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Folder = Annotated[Path, BeforeValidator(lambda value: Path(str(value)).expanduser())]

_URL = r"^https?://[^\s/]+(/[^\s]*)?$"
_SCHEDULE = r"^[a-z0-9][a-z0-9-]{0,39}$"
_AGENT = r"^[a-z0-9][a-z0-9-]{0,63}$"
RULES = {
    _URL: "must be an address such as https://hub.example.org",
    _SCHEDULE: "must have 1-40 lower-case letters, digits and hyphens, and begin with a letter or digit",
    _AGENT: "must have 1-64 lower-case letters, digits and hyphens, and begin with a letter or digit",
}
"""What patterns say, for people."""

_MODEL_HARNESSES = frozenset({"claude", "codex", "gemini"})
_TOOL_HARNESSES = frozenset({"claude", "gemini"})


class Section(BaseModel):
    """Base of the sections: what is not declared is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RunnerSection(Section):
    """The runner itself. When it is stopped, turns have `stop_seconds` to end."""

    state_dir: Folder = Field(default_factory=lambda: platformdirs.user_state_path("airchat-runner"))
    stop_seconds: Seconds = 30.0


class HubSection(Section):
    """The hub. Without a `url`, that of `~/.airchat/config`; `ca_file` has certificates to trust beside the usual."""

    url: str | None = Field(default=None, pattern=_URL)
    ca_file: Folder | None = None


class LimitsSection(Section):
    """What an agent may take: seconds, calls of tools and US dollars a turn, attempts at the same, programs at once."""

    turn_seconds: Seconds = 900.0
    tool_calls: int = Field(default=100, ge=1, le=10_000)
    cost: float | None = Field(default=None, gt=0)
    attempts: int = Field(default=5, ge=1, le=100)
    parallel: int = Field(default=1, ge=1, le=20)
    sessions: int = Field(default=4, ge=1, le=50)
    rest_seconds: Seconds = 600.0


class ServerSection(Section):
    """An MCP server that the agent can use beside the hub's."""

    command: str
    args: Words = ()
    env: dict[str, str] = Field(default_factory=dict)


class ScheduleSection(Section):
    """A prompt at times: by `cron` (five fields) or `every` so many seconds. Its answer goes to `channel`."""

    name: str = Field(pattern=_SCHEDULE)
    prompt: str = Field(min_length=1, max_length=8_000)
    channel: str
    cron: str | None = None
    every: Annotated[float, Field(ge=60)] | None = None
    timezone: str = ""
    missed: Literal["once", "skip"] = "once"

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, value: str | None) -> str | None:
        if value is not None:
            parse_cron(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        parse_zone(value)
        return value

    @field_validator("channel")
    @classmethod
    def _is_channel(cls, value: str) -> str:
        return _channel(value)

    @model_validator(mode="after")
    def _has_times(self) -> Self:
        if (self.cron is None) == (self.every is None):
            raise ValueError("cron or every says when, and one of them must be there")
        return self


class AgentSection(Section):
    """An agent. It is called `<machine>-<project>`, the project being the section's name if not said otherwise.

    With a `token` it is whoever that belongs to.
    """

    project: str | None = None
    token: SecretStr | None = None
    harness: HarnessName = "claude"
    program: Words = ()
    model: str = ""
    working_dir: Folder
    instructions: str = Field(default="", max_length=20_000)
    channels: Words = ()
    listens_to: Annotated[tuple[Trust, ...], BeforeValidator(_listed)] = (
        Trust.HUB,
        Trust.AGENT,
        Trust.VERIFIED,
        Trust.UNVERIFIED,
    )
    session: Literal["thread", "channel"] = "thread"
    permission_mode: PermissionMode = "dontAsk"
    allowed_tools: Words = ()
    disallowed_tools: Words = ()
    setting_sources: Annotated[tuple[Literal["user", "project", "local"], ...], BeforeValidator(_listed)] = ()
    approvals: bool = True
    approvers: Words = ()
    approval_seconds: int = Field(default=600, ge=10, le=86_400)
    capabilities: Words = ()
    airchat_tools: bool = True
    progress: bool = True
    env: dict[str, str] = Field(default_factory=dict)
    limits: LimitsSection = Field(default_factory=LimitsSection)
    mcp_servers: dict[str, ServerSection] = Field(default_factory=dict)
    schedules: tuple[ScheduleSection, ...] = ()

    @field_validator("channels")
    @classmethod
    def _are_channels(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_channel(name) for name in value)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.harness in {"acp", "command"} and not self.program:
            raise ValueError(f'program must name what the harness "{self.harness}" is to start')
        if self.harness == "claude" and len(self.program) > 1:
            raise ValueError("program takes no arguments for claude; they come from the other settings")
        for name, harnesses in (
            ("model", _MODEL_HARNESSES),
            ("allowed_tools", _TOOL_HARNESSES),
            ("disallowed_tools", {"claude"}),
            ("setting_sources", {"claude"}),
        ):
            if getattr(self, name) and self.harness not in harnesses:
                raise ValueError(f'{name} means nothing to the harness "{self.harness}"')
        if self.limits.cost is not None and self.harness != "claude":
            raise ValueError(f'limits.cost means nothing to the harness "{self.harness}"')
        names = [schedule.name for schedule in self.schedules]
        if len(set(names)) < len(names):
            raise ValueError("schedules must have names of their own")
        return self


class Settings(Section):
    """All settings of a runner."""

    runner: RunnerSection = Field(default_factory=RunnerSection)
    hub: HubSection = Field(default_factory=HubSection)
    agents: dict[Annotated[str, Field(pattern=_AGENT)], AgentSection] = Field(default_factory=dict)


def _channel(value: str) -> str:
    name = value.removeprefix("#")
    if not is_name(name):
        raise ValueError(f"{value!r} is no channel ({NAME_RULE})")
    return name
