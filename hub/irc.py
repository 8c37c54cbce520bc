"""The IRC server in the composition: from the settings to a server that listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from airchat.protocol.principals import Role
from bridges.irc.assembly import Running, running_server
from bridges.irc.config import AccountRegistration, IrcConfig
from bridges.irc.hub import Hub
from bridges.irc.transport.listener import Endpoint
from bridges.irc.transport.tls import Tls, TlsError
from hub.api.cases import UseCases
from hub.sections import IrcSection
from hub.settings import Settings, SettingsError

_GUESTS = {"off": None, "guest": Role.GUEST, "member": Role.MEMBER}


@dataclass(frozen=True, slots=True)
class Irc:
    """An IRC server that serves at these addresses: `irc://…`, `ircs://…` and `ws://…`."""

    addresses: tuple[str, ...]
    running: Running
    tls: Tls | None

    def reload(self) -> None:
        """Look now whether the certificate's files hold a new one."""
        if self.tls is not None:
            self.tls.look()


@asynccontextmanager
async def running_irc(
    settings: Settings, cases: UseCases, version: str, web_url: str | None = None
) -> AsyncIterator[Irc]:
    """Serve IRC as the settings say; links that people are given begin with `web_url`.

    Raises:
        SettingsError: an address is taken, or certificate and key do not serve.
    """
    section = settings.irc
    endpoints, schemes = [Endpoint(section.host, section.port, proxies=section.proxies)], ["irc"]
    tls = await _tls(section)
    if tls is not None:
        endpoints.append(Endpoint(section.tls_host, section.tls_port, tls=tls, proxies=section.proxies))
        schemes.append("ircs")
    websocket = None
    if section.websocket_port is not None:
        websocket = Endpoint(section.websocket_host, section.websocket_port, proxies=section.proxies)
        schemes.append("ws")
    hub, config = _hub(cases), _config(section, version, web_url)
    async with running_server(hub, config, endpoints, websocket, section.websocket_origins) as running:
        hosts = [endpoint.host for endpoint in (*endpoints, *([websocket] if websocket else []))]
        places = zip(schemes, hosts, running.ports, strict=True)
        yield Irc(tuple(f"{scheme}://{_bracketed(host)}:{port}" for scheme, host, port in places), running, tls)


async def _tls(section: IrcSection) -> Tls | None:
    if section.tls_cert is None and section.tls_key is None:
        return None
    if section.tls_cert is None or section.tls_key is None:
        raise SettingsError("[irc] tls_cert and tls_key belong together; set both, or neither")
    try:
        return await asyncio.to_thread(Tls, section.tls_cert, section.tls_key)
    except TlsError as error:
        raise SettingsError(f"[irc] {error}") from error


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _config(section: IrcSection, version: str, web_url: str | None) -> IrcConfig:
    return IrcConfig(
        server_name=section.server_name,
        network=section.network,
        version=f"AirChat-{version}",
        guests=_GUESTS[section.guests],
        free_nicks=section.nicks == "free",
        password=section.password.get_secret_value() if section.password else None,
        oper_name=section.oper_name,
        oper_password=section.oper_password.get_secret_value() if section.oper_password else None,
        registration=AccountRegistration(section.registration),
        motd=tuple(section.motd.splitlines()),
        limits=section.limits == "normal",
        bridges=frozenset(section.bridges),
        task_lease_seconds=section.task_lease_seconds,
        sts_port=section.tls_port if section.tls_cert is not None else None,
        sts_seconds=section.sts_seconds,
        web_url=web_url,
    )


def _hub(cases: UseCases) -> Hub:
    return Hub(
        accounts=cases.accounts,
        approvals=cases.approvals,
        bus=cases.bus,
        channels=cases.channels,
        clock=cases.clock,
        credentials=cases.credentials,
        cursors=cases.cursors,
        directory=cases.directory,
        files=cases.files,
        guards=cases.guards,
        guests=cases.guests,
        history=cases.history,
        markers=cases.markers,
        messages=cases.messages,
        metadata=cases.metadata,
        moderation=cases.moderation,
        presence=cases.presence,
        reactions=cases.reactions,
        search=cases.search,
        signups=cases.signups,
        tags=cases.tags,
        task_lists=cases.task_lists,
        tasks=cases.tasks,
    )
