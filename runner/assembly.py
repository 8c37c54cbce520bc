"""Puts an agent together from its settings: who it is at the hub, its harness, its tools, its schedules."""

import os
import ssl
import sys
from dataclasses import replace
from pathlib import Path

import aiohttp

from airchat import AirChatConfig, AsyncAirChatClient
from airchat.async_transport import AiohttpTransport
from airchat.card import make_card
from airchat.config import TOKEN, WEB_URL, check_url, load_config, read_config
from airchat.identity import default_home
from runner.agent import Profile
from runner.config import SettingsError
from runner.cron import CronTimes, EveryTimes
from runner.harness.port import McpServer
from runner.schedules import Schedule
from runner.settings import AgentSection, HubSection, ScheduleSection, Settings
from runner.turn import Bounds

HUB_SERVER = "airchat"
"""What the hub's MCP server is called in an agent's session."""


def connect(settings: Settings, name: str) -> AsyncAirChatClient:
    """Return the agent's connection to the hub, for the running event loop.

    Raises:
        AirChatConfigError: this machine is not enrolled, or the hub's address is no such.
        SettingsError: the certificates cannot be read.
    """
    agent = settings.agents[name]
    config = connection(settings, name)
    context = _trust(settings.hub)
    connector = aiohttp.TCPConnector(ssl=context) if context is not None else None
    transport = AiohttpTransport(config.web_url, connector=connector)
    card = make_card(agent.capabilities, agent.model or None, agent.harness)
    return AsyncAirChatClient(config, project=agent.project or name, card=card, transport=transport)


def connection(settings: Settings, name: str) -> AirChatConfig:
    """Return where the hub is and who the agent is there. Errors as in `connect`."""
    token = _token(settings, name)
    if token is None:
        config = load_config()
        return replace(config, web_url=settings.hub.url or config.web_url, token=None)
    file = read_config(default_home() / "config")
    url = settings.hub.url or os.environ.get(WEB_URL) or file.get(WEB_URL, "")
    return AirChatConfig(check_url(url), "", "", token=token)


def profile(settings: Settings, name: str) -> Profile:
    """Return how the agent works."""
    agent, limits = settings.agents[name], settings.agents[name].limits
    return Profile(
        working_dir=agent.working_dir,
        instructions=agent.instructions,
        channels=agent.channels,
        listens_to=agent.listens_to,
        scope=agent.session,
        bounds=Bounds(limits.turn_seconds, limits.tool_calls),
        attempts=limits.attempts,
        parallel=limits.parallel,
        sessions=limits.sessions,
        rest_seconds=limits.rest_seconds,
        progress=agent.progress,
        approvals=agent.approvals,
        approvers=agent.approvers,
        approval_seconds=agent.approval_seconds,
        mcp_servers=tuple(_servers(settings, name)),
        schedules=[schedule(section) for section in agent.schedules],
    )


def schedule(section: ScheduleSection) -> Schedule:
    """Return a schedule."""
    if section.cron is not None:
        times, told = CronTimes(section.cron, section.timezone), f"`{section.cron}` {section.timezone}".strip()
        return Schedule(section.name, section.prompt, section.channel, times, told, section.missed)
    every = section.every or 0.0
    told = f"every {every:g} s"
    return Schedule(section.name, section.prompt, section.channel, EveryTimes(every), told, section.missed)


def folder_of(settings: Settings, name: str) -> Path:
    """Return the folder in which the agent's runner keeps its state."""
    return settings.runner.state_dir / name


def _servers(settings: Settings, name: str) -> list[McpServer]:
    agent = settings.agents[name]
    own = [McpServer(key, it.command, it.args, it.env) for key, it in agent.mcp_servers.items()]
    return [_hub_server(settings, name), *own] if agent.airchat_tools else own


def _hub_server(settings: Settings, name: str) -> McpServer:
    """Return the hub's tools, as the agent itself."""
    agent: AgentSection = settings.agents[name]
    config = connection(settings, name)
    env = {
        WEB_URL: config.web_url,
        "AIRCHAT_PROJECT": agent.project or name,
        "AIRCHAT_PUSH": "off",  # messages come by the runner
        "HOME": str(Path.home()),  # where this machine's key is, whatever the program's home
    }
    if config.token is not None:
        env[TOKEN] = config.token
    if settings.hub.ca_file is not None:
        env["SSL_CERT_FILE"] = str(settings.hub.ca_file)
    beside = Path(sys.executable).with_name("airchat-mcp")
    return McpServer(HUB_SERVER, str(beside) if beside.exists() else "airchat-mcp", (), env)


def _token(settings: Settings, name: str) -> str | None:
    own = settings.agents[name].token
    if own is not None:
        return own.get_secret_value()
    given = os.environ.get(TOKEN)
    if given and len(settings.agents) > 1:
        raise SettingsError(
            f"{TOKEN} is one agent's, and there are {len(settings.agents)}: give each its own token_file"
        )
    return given or None


def _trust(hub: HubSection) -> ssl.SSLContext | None:
    if hub.ca_file is None:
        return None
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(hub.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"hub.ca_file: {hub.ca_file} has no certificates that can be read: {error}") from error
    return context
