"""`airchat-hub doctor`: looks for what keeps a hub from working, and says the fix. It changes nothing."""

import asyncio
import http.client
import os
import shutil
import socket
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

import typer
from pydantic import SecretStr

from hub.cli.console import AsJson, printable, show_json
from hub.cli.session import Config, config_in_use, open_configured, settings_for
from hub.ports import irc_places
from hub.sections import SlackSection
from hub.settings import Settings, SettingsError
from store.errors import SchemaChanged, SchemaTooNew, StoreError, UnknownStore

ROOM_BYTES = 200 * 1024 * 1024
TIMEOUT_SECONDS = 3.0
OLDEST_NOW = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
AHEAD_SECONDS = 60.0

_PLATFORMS = ("slack", "discord")
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_STOP = "stop the program that has the port, or set another"
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a hub that listens everywhere is reached


class Problem(Protocol):
    """What a bridge finds wrong with itself."""

    @property
    def text(self) -> str:
        """What it is."""
        ...

    @property
    def fix(self) -> str:
        """What to do about it."""
        ...

    @property
    def broken(self) -> bool:
        """Whether nothing works because of it."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; `fix` says what to do when it is not `ok`."""

    check: str
    state: Literal["ok", "warning", "broken"]
    detail: str
    fix: str | None = None


def doctor(config: Config = None, as_json: AsJson = False) -> None:
    """Check settings, data and network; exit code 1 when something is broken."""
    findings = list(examine(config))
    if as_json:
        show_json([asdict(finding) for finding in findings])
    for finding in [] if as_json else findings:
        typer.echo(f"{finding.state:<8} {finding.check}: {printable(finding.detail)}")
        if finding.fix:
            typer.echo(f"{'':<8} Fix: {printable(finding.fix)}")
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)


def examine(config: Path | None) -> Iterator[Finding]:
    """Check one thing after the other; without usable settings there is nothing else to check."""
    path = config_in_use(config)
    try:
        settings = settings_for(config)
    except SettingsError as error:
        fix = "correct it; `airchat-hub init --config NEW` writes a file with every setting explained"
        for line in str(error).splitlines():
            yield Finding("settings", "broken", line, fix)
        return
    yield Finding("settings", "ok", str(path) if path else "the defaults and the environment")
    checks: tuple[Callable[[Settings], Finding], ...] = (
        _state_dir,
        _disk,
        _store,
        _port,
        _irc,
        _exposure,
        _mail,
        _links,
        _slack,
        _discord,
        _irc_networks,
        _clock,
    )
    for check in checks:
        yield check(settings)


def _state_dir(settings: Settings) -> Finding:
    path = settings.hub.state_dir
    there = _nearest(path)
    if not there.is_dir():
        return Finding("state directory", "broken", f"{there} is no folder", "name another one in hub.state_dir")
    if not os.access(there, os.W_OK | os.X_OK):
        fix = f"give it to the hub's user (chown), or name another one in hub.state_dir: {there}"
        return Finding("state directory", "broken", f"{there} cannot be written", fix)
    if there != path.absolute():
        return Finding("state directory", "ok", f"{path} will be made at the first start")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("state directory", "warning", f"others can look into {path}", f"chmod 700 {path}")
    return Finding("state directory", "ok", str(path))


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(_nearest(settings.hub.state_dir)).free
    text = f"{free // 1024**2} MiB free"
    if free < ROOM_BYTES:
        return Finding("disk", "warning", text, "free some room: on a full disk the hub takes no messages")
    return Finding("disk", "ok", text)


def _store(settings: Settings) -> Finding:
    kind = settings.store_url.partition(":")[0]
    try:
        state = asyncio.run(open_configured(settings).status())
    except SchemaTooNew as error:
        return Finding("store", "broken", str(error), "run the newer release again, or restore a backup made before it")
    except SchemaChanged as error:
        return Finding("store", "broken", str(error), "run the release that made the data, or restore a backup")
    except UnknownStore as error:
        return Finding("store", "broken", str(error), "correct store.url, or install the package for it")
    except (StoreError, OSError) as error:
        return Finding("store", "broken", str(error), "check store.url, and that the database runs and lets the hub in")
    if state.pending:
        return Finding("store", "ok", f"{kind}, {len(state.pending)} migrations will be applied at the next start")
    return Finding("store", "ok", f"{kind}, schema {state.current}")


def _port(settings: Settings) -> Finding:
    if not settings.http.enabled:
        return Finding("http", "ok", "switched off")
    host, port = settings.http.host, settings.http.port
    where = f"{host}:{port}"
    refused = _refusal(host, port)
    if refused is None:
        return Finding("http", "ok", f"{where} is free; no hub runs there")
    if _hub_runs(settings):
        return Finding("http", "ok", f"a hub answers at {where}")
    return Finding("http", "broken", refused, f"{_STOP} http.host or http.port")


def _irc(settings: Settings) -> Finding:
    section = settings.irc
    if not section.enabled:
        return Finding("irc", "ok", "switched off")
    missing = [str(file) for file in (section.tls_cert, section.tls_key) if file is not None and not file.is_file()]
    if missing:
        fix = "correct irc.tls_cert and irc.tls_key, or leave both out"
        return Finding("irc", "broken", f"{' and '.join(missing)} cannot be read", fix)
    places = irc_places(settings)
    where = " and ".join(f"{host}:{port}" for host, port, _ in places)
    refused = {setting: text for host, port, setting in places if (text := _refusal(host, port))}
    if not refused:
        return Finding("irc", "ok", f"{where} {'are' if len(places) > 1 else 'is'} free; no hub runs there")
    if _hub_runs(settings):
        return Finding("irc", "ok", f"the hub that runs has {where}")
    keys = " or ".join(f"{setting.removesuffix('port')}host or {setting}" for setting in refused)
    return Finding("irc", "broken", "; ".join(refused.values()), f"{_STOP} {keys}")


def _refusal(host: str, port: int) -> str | None:
    """Return why the hub cannot listen there, if it cannot."""
    try:
        with socket.create_server((host, port), family=_family(host)):
            return None
    except OSError as error:
        return f"the hub cannot listen on {host}:{port}: {error.strerror}"


def _hub_runs(settings: Settings) -> bool:
    host = settings.http.host
    return settings.http.enabled and _hub_answers(_EVERYWHERE.get(host, host), settings.http.port)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _hub_answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read(100) == b'{"status":"ok"}'
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _exposure(settings: Settings) -> Finding:
    if settings.irc.enabled and settings.irc.host not in _HERE:
        text = "IRC clients from other machines send their passwords in the clear"
        return Finding("exposure", "warning", text, "set irc.host to 127.0.0.1, and irc.tls_host with a certificate")
    if settings.http.host in _HERE:
        return Finding("exposure", "ok", "only this machine can reach the hub")
    if settings.hub.public_url and settings.hub.public_url.startswith("https://"):
        return Finding("exposure", "ok", f"reached as {settings.hub.public_url}")
    text = "the hub listens beyond this machine without TLS"
    return Finding("exposure", "warning", text, "put a TLS proxy or a private network in front, and set hub.public_url")


def _mail(settings: Settings) -> Finding:
    section = settings.mail
    if section.host is None:
        return Finding("mail", "ok", "not set up")
    from hub.mail import problem  # noqa: PLC0415 - for hubs that send mail

    where, wrong = f"{section.host}:{section.port}", problem(section, TIMEOUT_SECONDS)
    if wrong is None:
        return Finding("mail", "ok", f"{where} lets the hub in")
    return Finding("mail", "broken", f"no mail can be sent by {where}: {wrong}", "check the settings of [mail]")


def _links(settings: Settings) -> Finding:
    known = {*_PLATFORMS, *(network.name for network in settings.irc_networks), *settings.bridges}
    strange = sorted({link.platform for link in settings.links} - known)
    if strange:
        text = f"links name platforms that no bridge serves: {', '.join(strange)}"
        return Finding("links", "broken", text, f"there are {', '.join(sorted(known))}")
    return Finding("links", "ok", f"{len(settings.links)} in hub.toml")


def _slack(settings: Settings) -> Finding:
    section, links = settings.slack, [link for link in settings.links if link.platform == "slack"]
    if not section.enabled:
        return Finding("slack", "ok", "switched off")
    if section.bot_token is None and section.app_token is None and not links:
        text = "takes commands over HTTP alone" if section.signing_secret else "not set up"
        return Finding("slack", "ok", text)
    wrong = list(_slack_tokens(section))
    if wrong:
        fix = "see docs/slack.md; a bot token begins with xoxb-, an app-level token with xapp-"
        return Finding("slack", "broken", "; ".join(wrong), fix)
    from hub.slack import problems  # noqa: PLC0415 - slow import, for hubs that have Slack

    found = asyncio.run(problems(settings))
    return _from_problems("slack", f"the app may all it needs in {len(links)} linked channels", found)


def _slack_tokens(section: SlackSection) -> Iterator[str]:
    if section.bot_token is None:
        yield "the bridge will not run without slack.bot_token"
    elif not _holds(section.bot_token, "xoxb-"):
        yield "slack.bot_token is no bot token"
    if section.app_token is not None and not _holds(section.app_token, "xapp-"):
        yield "slack.app_token is no app-level token"
    if section.app_token is None and section.signing_secret is None:
        yield "nothing comes in without slack.app_token or slack.signing_secret"


def _holds(secret: SecretStr | None, prefix: str) -> bool:
    return secret is not None and secret.get_secret_value().startswith(prefix)


def _discord(settings: Settings) -> Finding:
    section, links = settings.discord, [link for link in settings.links if link.platform == "discord"]
    if not section.enabled:
        return Finding("discord", "ok", "switched off")
    if section.token is None:
        if links:
            text = f"{len(links)} channels are linked, but the bridge will not run without discord.token"
            return Finding("discord", "broken", text, "see docs/discord.md")
        return Finding("discord", "ok", "not set up")
    from hub.discord import problems  # noqa: PLC0415 - slow import, for hubs that have Discord

    found = asyncio.run(problems(settings))
    return _from_problems("discord", f"the bot has all it needs, {len(links)} channels are linked", found)


def _from_problems(check: str, fine: str, found: Sequence[Problem]) -> Finding:
    if not found:
        return Finding(check, "ok", fine)
    state: Literal["warning", "broken"] = "broken" if any(problem.broken for problem in found) else "warning"
    fixes = dict.fromkeys(problem.fix for problem in found)
    return Finding(check, state, "; ".join(problem.text for problem in found), "; ".join(fixes))


def _irc_networks(settings: Settings) -> Finding:
    if not settings.irc_networks:
        return Finding("irc networks", "ok", "none set up")
    from hub.irc_networks import problems  # noqa: PLC0415 - for hubs that have IRC networks

    wanted = [network for network in settings.irc_networks if network.enabled]
    found = [problem for network in wanted for problem in asyncio.run(problems(settings, network))]
    if not found:
        names = ", ".join(network.name for network in wanted)
        return Finding("irc networks", "ok", f"{names} can be used" if names else "switched off")
    state: Literal["warning", "broken"] = "broken" if any(problem.broken for problem in found) else "warning"
    fixes = dict.fromkeys(problem.fix for problem in found)
    return Finding("irc networks", state, "; ".join(problem.text for problem in found), "; ".join(fixes))


def _clock(settings: Settings) -> Finding:
    """Compare the clock with when the data was last written: in the past, if the clock is right."""
    now, written = time.time(), _nearest(settings.hub.state_dir).stat().st_mtime
    for path in settings.hub.state_dir.glob("hub.db*"):
        written = max(written, path.stat().st_mtime)
    shown = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    if now < OLDEST_NOW or written > now + AHEAD_SECONDS:
        return Finding("clock", "broken", f"the clock says {shown}, but the data is newer", "set the clock (NTP)")
    return Finding("clock", "ok", shown)


def _nearest(path: Path) -> Path:
    """Return the path or, while it does not exist, the folder above it that does."""
    return next(it for it in (path.absolute(), *path.absolute().parents) if it.exists())
