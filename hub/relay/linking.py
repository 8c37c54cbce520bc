"""Linking: makes the links that the settings and commands ask for, and keeps those of patterns up with the channels.

A channel and a remote channel may be patterns with one `*` each: then every public channel that fits is linked to the
one that has the same in place of the `*`, from whichever side it is found.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from airchat.protocol.errors import HubError
from airchat.protocol.names import is_name
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.system import SYSTEM, system_principal
from hub.relay.contract.bridge import Bridge, RemoteChannel
from hub.relay.contract.errors import ConfigError, Refused
from hub.relay.links import Links
from hub.relay.rules import Rules, rules_from
from store.ports.relay import Link
from store.ports.store import Store

SETTINGS = "settings"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConfiguredLink:
    """A link that is asked for: `remote` is a channel as people call it, or its id; both may be patterns."""

    channel: str
    platform: str
    remote: str
    direction: str = "both"
    rules: Rules = field(default_factory=Rules)
    source: str = SETTINGS

    @property
    def pattern(self) -> bool:
        """Whether it stands for many channels."""
        return "*" in self.channel


class Linking:
    """Knows which links are asked for."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        channels: Channels,
        links: Links,
        *,
        clock: Clock,
        configured: Sequence[ConfiguredLink],
    ) -> None:
        self._store = store
        self._directory = directory
        self._channels = channels
        self._links = links
        self._clock = clock
        self._configured = list(configured)
        self._told: dict[str, list[str]] = {}

    def configure(self, configured: Iterable[ConfiguredLink]) -> None:
        """Take over what the settings ask for now."""
        self._configured = list(configured)

    async def signature(self) -> object:
        """Return what changes when something else is asked for, or there are other channels for patterns."""
        return await self._wanted(), {channel.name for channel in self._directory.channels()}

    async def ensure(self, bridge: Bridge) -> list[str]:
        """Make the links that are asked for, and remove those that no longer are; return why some cannot be made.

        Raises:
            BridgeError: the platform cannot be asked now.
        """
        problems: list[str] = []
        wanted = [one for one in await self._wanted() if one.platform == bridge.platform]
        for one in wanted:
            try:
                await (self._ensure_pattern(bridge, one) if one.pattern else self._ensure(bridge, one))
            except (ConfigError, Refused, HubError) as error:
                problems.append(f"{one.channel} cannot be linked to {one.remote}: {error}")
        await self._drop(bridge, wanted)
        if problems != self._told.get(bridge.platform, []):
            for problem in problems:
                _log.error("%s: %s", bridge.platform, problem)
            self._told[bridge.platform] = problems
        return problems

    async def _wanted(self) -> list[ConfiguredLink]:
        async with self._store.read() as unit:
            asked = await unit.relay.wanted()
        return self._configured + [
            ConfiguredLink(it.channel, it.platform, it.remote, it.direction, rules_from(it.rules), it.id)
            for it in asked
        ]

    async def _ensure(self, bridge: Bridge, one: ConfiguredLink) -> None:
        if self._known(bridge, one) is None:
            await self._add(bridge, one, one.channel, await bridge.resolve(one.remote))

    def _known(self, bridge: Bridge, one: ConfiguredLink) -> Link | None:
        """Return the link that is just as it is asked for, so that the platform need not be asked again."""
        channel = self._directory.channel_by_name(one.channel)
        wanted = one.remote.lstrip("#").casefold()
        for link in self._links.all(bridge.platform):
            names = {link.remote_channel, (link.remote_name or "").lstrip("#").casefold()}
            if (
                channel is not None
                and (link.channel_id, link.workspace, link.source) == (channel.id, bridge.workspace, one.source)
                and (link.direction, link.rules) == (one.direction, one.rules.row())
                and (one.remote in names or wanted in names)
            ):
                return link
        return None

    async def _ensure_pattern(self, bridge: Bridge, one: ConfiguredLink) -> None:
        if one.remote.count("*") != 1 or one.channel.count("*") != 1:
            raise ConfigError("a pattern has one * on both sides")
        remotes = {_bare(remote.name): remote for remote in await bridge.channels() if not remote.private}
        pairs = {name: remote for bare, remote in remotes.items() if (name := _fill(one.channel, one.remote, bare))}
        for channel in self._directory.channels():
            bare = _fill(_bare(one.remote), one.channel, channel.name)
            if bare is None or channel.private or channel.archived or channel.name in pairs:
                continue
            if not remotes:  # the platform does not tell which channels there are
                called = one.remote.replace("*", _middle(one.channel, channel.name))
                pairs[channel.name] = await bridge.resolve(called)
        for name, remote in pairs.items():
            if is_name(name) and self._links.of_remote(bridge.platform, bridge.workspace, remote.id) is None:
                await self._add(bridge, one, name, await bridge.resolve(remote.id))

    async def _add(self, bridge: Bridge, one: ConfiguredLink, name: str, remote: RemoteChannel) -> None:
        if remote.private:
            raise ConfigError(f"{remote.name} is private, and private channels are never linked")
        system = await system_principal(self._store, self._clock, SYSTEM)
        channel = await self._channels.open(system, name)
        await self._links.add(
            channel.name,
            bridge.platform,
            bridge.workspace,
            remote,
            direction=one.direction,
            rules=one.rules,
            source=one.source,
        )

    async def _drop(self, bridge: Bridge, wanted: Sequence[ConfiguredLink]) -> None:
        """Remove the links of this workspace that nobody asks for any more."""
        for link in self._links.all(bridge.platform):
            channel = self._directory.channel(link.channel_id)
            name = channel.name if channel is not None else ""
            if link.workspace == bridge.workspace and not any(_asks(one, link, name) for one in wanted):
                await self._links.remove(link.id)
                _log.info("%s is no longer linked to %s", name, link.remote_name or link.remote_channel)


def _asks(one: ConfiguredLink, link: Link, name: str) -> bool:
    """Tell whether a link is there because of this; the settings know channels by name, commands made this very one."""
    return one.source == link.source and (one.source != SETTINGS or one.channel == name or fits(one.channel, name))


def fits(pattern: str, name: str) -> bool:
    """Tell whether a name fits a pattern with one `*`."""
    head, star, tail = pattern.partition("*")
    return bool(star) and len(name) > len(head) + len(tail) and name.startswith(head) and name.endswith(tail)


def _middle(pattern: str, name: str) -> str:
    """Return what stands for the `*` of a pattern that a name fits."""
    head, _, tail = pattern.partition("*")
    return name[len(head) : len(name) - len(tail)]


def _fill(target: str, pattern: str, name: str) -> str | None:
    """Return the target with what stands for the pattern's `*` in the name; None when that does not fit."""
    pattern = _bare(pattern)
    return target.replace("*", _middle(pattern, name)) if fits(pattern, name) else None


def _bare(name: str) -> str:
    return name.removeprefix("#").casefold()
