"""The IRC server in the composition: from the settings to a server that listens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from airchat.protocol.principals import Role
from bridges.irc.assembly import running_server
from bridges.irc.config import AccountRegistration, IrcConfig
from bridges.irc.hub import Hub
from bridges.irc.transport.listener import Endpoint
from bridges.irc.transport.tls import Tls
from hub.api.cases import UseCases
from hub.settings import IrcSection, Settings

_GUESTS = {"off": None, "guest": Role.GUEST, "member": Role.MEMBER}


@asynccontextmanager
async def running_irc(settings: Settings, cases: UseCases, version: str) -> AsyncIterator[tuple[str, ...]]:
    """Serve IRC as the settings say, and give the addresses, `irc://…` and `ircs://…`."""
    section = settings.irc
    endpoints = [Endpoint(section.host, section.port, proxies=section.proxies)]
    if section.tls_cert is not None and section.tls_key is not None:
        tls = Tls(section.tls_cert, section.tls_key)
        endpoints.append(Endpoint(section.tls_host, section.tls_port, tls=tls, proxies=section.proxies))
    async with running_server(_hub(cases), _config(section, version), endpoints) as running:
        yield tuple(
            f"{'ircs' if endpoint.tls else 'irc'}://{endpoint.host}:{port}"
            for endpoint, port in zip(endpoints, running.ports, strict=True)
        )


def _config(section: IrcSection, version: str) -> IrcConfig:
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
    )


def _hub(cases: UseCases) -> Hub:
    return Hub(
        accounts=cases.accounts,
        bus=cases.bus,
        channels=cases.channels,
        clock=cases.clock,
        credentials=cases.credentials,
        cursors=cases.cursors,
        directory=cases.directory,
        files=cases.files,
        guests=cases.guests,
        history=cases.history,
        markers=cases.markers,
        messages=cases.messages,
        metadata=cases.metadata,
        moderation=cases.moderation,
        presence=cases.presence,
        reactions=cases.reactions,
        search=cases.search,
        tags=cases.tags,
        task_lists=cases.task_lists,
        tasks=cases.tasks,
    )
