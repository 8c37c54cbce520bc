"""The hub's settings: `hub.toml`, and environment variables over it.

A variable is called `AIRCHAT_HUB__SECTION__KEY`; it wins over the file. A secret can live in a file of its own: the key
`<secret>_file` names it. Unknown keys are errors, so that a misspelt one cannot go unnoticed.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import ErrorDetails

from hub.patterns import RULES
from hub.sections import (
    ApprovalsSection,
    AuthSection,
    BudgetSection,
    DiscordSection,
    FilesSection,
    GuardsSection,
    HttpSection,
    HubSection,
    IrcNetworkSection,
    IrcSection,
    LimitsSection,
    LinkSection,
    MailSection,
    RedactionSection,
    Section,
    SlackSection,
    StoreSection,
)

ENV_PREFIX = "AIRCHAT_HUB__"

_TAKEN = frozenset({"hub", "slack", "discord", "loopback"})
"""Names of places where messages come from, which nothing else may have."""


class SettingsError(Exception):
    """The settings cannot be used; the text names the key and where it was set."""


class Settings(Section):
    """All settings of a hub."""

    hub: HubSection = Field(default_factory=HubSection)
    http: HttpSection = Field(default_factory=HttpSection)
    store: StoreSection = Field(default_factory=StoreSection)
    limits: LimitsSection = Field(default_factory=LimitsSection)
    auth: AuthSection = Field(default_factory=AuthSection)
    files: FilesSection = Field(default_factory=FilesSection)
    mail: MailSection = Field(default_factory=MailSection)
    slack: SlackSection = Field(default_factory=SlackSection)
    discord: DiscordSection = Field(default_factory=DiscordSection)
    irc: IrcSection = Field(default_factory=IrcSection)
    irc_networks: tuple[IrcNetworkSection, ...] = ()
    approvals: ApprovalsSection = Field(default_factory=ApprovalsSection)
    redaction: RedactionSection = Field(default_factory=RedactionSection)
    guards: GuardsSection = Field(default_factory=GuardsSection)
    budgets: tuple[BudgetSection, ...] = ()
    links: tuple[LinkSection, ...] = ()
    bridges: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @field_validator("irc_networks")
    @classmethod
    def _networks_differ(cls, networks: tuple[IrcNetworkSection, ...]) -> tuple[IrcNetworkSection, ...]:
        taken = set(_TAKEN)
        for network in networks:
            if network.name in taken:
                raise ValueError(f"another platform is called {network.name} already")
            taken.add(network.name)
        return networks

    @field_validator("bridges")
    @classmethod
    def _bridges_differ(cls, bridges: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        networks = {network.name for network in info.data.get("irc_networks", ())}
        if taken := (networks | _TAKEN) & bridges.keys():
            raise ValueError(f"another platform is called {min(taken)} already")
        return bridges

    @model_validator(mode="after")
    def _mail_is_there(self) -> Self:
        if self.irc.registration == "email" and (self.mail.host is None or self.mail.sender is None):
            raise ValueError('[irc] registration = "email" sends codes by mail: set [mail] host and [mail] sender')
        return self

    @property
    def store_url(self) -> str:
        """The URL of the store in use."""
        return self.store.url or f"sqlite:///{self.hub.state_dir.absolute() / 'hub.db'}"


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the file (when given), the environment, and the files that hold secrets.

    Raises:
        SettingsError: the file cannot be read, or a key is unknown or has a value that cannot be.
    """
    raw = _from_file(path) if path else {}
    variables = _from_environ(os.environ if environ is None else environ)
    origins: dict[tuple[str, ...], str] = {}
    for section, keys in variables.items():
        values = raw.setdefault(section, {})
        if not isinstance(values, dict):
            raise SettingsError(
                f"{ENV_PREFIX}{section.upper()}__…: [[{section}]] is a list; it can only be set in a file"
            )
        for key, (variable, text) in keys.items():
            origins[section, key] = variable
            values.pop(key.removesuffix("_file") if key.endswith("_file") else f"{key}_file", None)
            values[key] = text
    source = str(path) if path else "the settings"
    for section, model in _sections().items():
        if isinstance(raw.get(section), dict):
            _read_secrets(section, model, raw[section], source)
    networks = raw.get("irc_networks")
    for values in networks if isinstance(networks, list) else ():
        if isinstance(values, dict):
            _read_secrets("irc_networks", IrcNetworkSection, values, source)
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(explain(error, source, origins)) from error


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error


def _from_environ(environ: Mapping[str, str]) -> dict[str, dict[str, tuple[str, str]]]:
    """Return section -> key -> (the variable's name, its text)."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for name, text in environ.items():
        if not name.startswith(ENV_PREFIX):
            continue
        section, _, key = name.removeprefix(ENV_PREFIX).lower().partition("__")
        if not section or not key:
            raise SettingsError(f"{name}: a setting is called {ENV_PREFIX}SECTION__KEY")
        found.setdefault(section, {})[key] = (name, text)
    return found


def _sections() -> dict[str, type[Section]]:
    fields = ((name, field.annotation) for name, field in Settings.model_fields.items())
    return {name: kind for name, kind in fields if isinstance(kind, type) and issubclass(kind, Section)}


def _read_secrets(section: str, model: type[Section], values: dict[str, Any], source: str) -> None:
    """Replace each `<secret>_file` by the secret that the file holds."""
    secrets = [name for name, field in model.model_fields.items() if field.annotation == SecretStr | None]
    for name in secrets:
        file = values.pop(f"{name}_file", None)
        if file is None:
            continue
        if name in values:
            raise SettingsError(f"{source}: [{section}] has both {name} and {name}_file; keep one")
        try:
            values[name] = Path(str(file)).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{source}: [{section}] {name}_file: {file} cannot be read") from error


def explain(error: ValidationError, source: str, origins: Mapping[tuple[str, ...], str]) -> str:
    """Name every key that is wrong; never its value, which may be a secret."""
    lines = []
    for detail in error.errors(include_input=False, include_url=False):
        place = tuple(str(part) for part in detail["loc"])
        where = f"{source}: [{place[0]}] {'.'.join(place[1:])}".rstrip() if place else source
        lines.append(f"{origins.get(place[:2]) or where}: {_rule(detail)}")
    return "\n".join(dict.fromkeys(lines))


def _rule(detail: ErrorDetails) -> str:
    """Say which rule was broken."""
    if detail["type"] == "extra_forbidden":
        return "unknown setting"
    pattern = detail.get("ctx", {}).get("pattern", "")
    return RULES.get(pattern, detail["msg"].removeprefix("Value error, "))
