"""Linking: makes the links that the settings and commands ask for, and keeps those of patterns up with the channels.

A channel and a remote channel may be patterns with one `*` each: then every public channel that fits is linked to the
one that has the same in place of the `*`, from whichever side it is found.
"""

import logging
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
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

    async def settle(self, bridge: Bridge) -> None:
        """Give the links that are there the direction and rules that are asked for, and remove those nobody asks for.

        The platform is not asked, so that this can be done before anything is carried.
        """
        await self._settle(bridge, await self._asked(bridge))

    async def ensure(self, bridge: Bridge) -> list[str]:
        """Make the links that are asked for, and remove those that no longer are; return why some cannot be made.

        Raises:
            BridgeError: the platform cannot be asked now.
        """
        problems: list[str] = []
        failed: list[ConfiguredLink] = []
        asked = await self._asked(bridge)
        kept, missing = await self._settle(bridge, asked)
        for one in missing:
            try:
                kept |= await (self._fill_pattern(bridge, one, asked) if one.pattern else self._make(bridge, one))
            except (ConfigError, Refused, HubError) as error:
                problems.append(f"{one.channel} cannot be linked to {one.remote}: {error}")
                failed.append(one)
        await self._drop(bridge, kept, failed)
        if problems != self._told.get(bridge.platform, []):
            for problem in problems:
                _log.error("%s: %s", bridge.platform, problem)
            self._told[bridge.platform] = problems
        return problems

    async def _asked(self, bridge: Bridge) -> list[ConfiguredLink]:
        return [one for one in await self._wanted() if one.platform == bridge.platform]

    async def _settle(self, bridge: Bridge, wanted: Sequence[ConfiguredLink]) -> tuple[set[str], list[ConfiguredLink]]:
        """Return which links are as they should be, and what the platform has to be asked about."""
        kept: set[str] = set()
        missing: list[ConfiguredLink] = []
        for one in sorted(wanted, key=lambda it: it.pattern):  # what is named by itself counts more
            found = [link for link in self._of_workspace(bridge) if self._means(one, link)]
            for link in found:
                if link.id not in kept:
                    await self._links.change(link.id, one.direction, one.rules)
            kept |= {link.id for link in found}
            if one.pattern or not found:
                missing.append(one)
        await self._drop(bridge, kept, missing)
        return kept, missing

    async def _wanted(self) -> list[ConfiguredLink]:
        async with self._store.read() as unit:
            asked = await unit.relay.wanted()
        return self._configured + [
            ConfiguredLink(it.channel, it.platform, it.remote, it.direction, rules_from(it.rules), it.id)
            for it in asked
        ]

    def _of_workspace(self, bridge: Bridge) -> list[Link]:
        return [link for link in self._links.all(bridge.platform) if link.workspace == bridge.workspace]

    def _name_of(self, link: Link) -> str:
        channel = self._directory.channel(link.channel_id)
        return channel.name if channel is not None else ""

    def _means(self, one: ConfiguredLink, link: Link) -> bool:
        """Tell whether that is what is asked for; commands made this very one, however its channels are called now."""
        if one.source != link.source or one.source != SETTINGS:
            return one.source == link.source
        remote = _bare(link.remote_name or link.remote_channel)
        if one.pattern:
            return fits(one.channel, self._name_of(link)) and fits(_bare(one.remote), remote)
        return one.channel == self._name_of(link) and (one.remote == link.remote_channel or _bare(one.remote) == remote)

    async def _make(self, bridge: Bridge, one: ConfiguredLink) -> set[str]:
        return {await self._add(bridge, one, one.channel, await bridge.resolve(one.remote))}

    async def _fill_pattern(self, bridge: Bridge, one: ConfiguredLink, asked: Sequence[ConfiguredLink]) -> set[str]:
        if one.remote.count("*") != 1 or one.channel.count("*") != 1:
            raise ConfigError("a pattern has one * on both sides")
        found = await bridge.channels()
        await self._part(bridge, {remote.id for remote in found if remote.private}, asked)
        remotes = {_bare(remote.name): remote for remote in found if not remote.private}
        pairs = {name: remote for bare, remote in remotes.items() if (name := _fill(one.channel, one.remote, bare))}
        for channel in self._directory.channels():
            bare = _fill(_bare(one.remote), one.channel, channel.name)
            if bare is None or channel.private or channel.archived or channel.name in pairs:
                continue
            if not remotes:  # the platform does not tell which channels there are
                called = one.remote.replace("*", _middle(one.channel, channel.name))
                pairs[channel.name] = await bridge.resolve(called)
        fresh = [
            (name, remote.id)
            for name, remote in pairs.items()
            if is_name(name) and self._links.of_remote(bridge.platform, bridge.workspace, remote.id) is None
        ]
        return {await self._add(bridge, one, name, await bridge.resolve(remote_id)) for name, remote_id in fresh}

    async def _part(self, bridge: Bridge, private: AbstractSet[str], asked: Sequence[ConfiguredLink]) -> None:
        """Remove links to channels that have become private since, but for those that are named by themselves."""
        named = [one for one in asked if not one.pattern]
        for link in self._of_workspace(bridge):
            if link.remote_channel in private and not any(self._means(one, link) for one in named):
                await self._links.remove(link.id)
                _log.info("%s is private now, and linked no longer", link.remote_name or link.remote_channel)

    async def _add(self, bridge: Bridge, one: ConfiguredLink, name: str, remote: RemoteChannel) -> str:
        """Link the channel, made if need be, and return the link's id."""
        if remote.private:
            raise ConfigError(f"{remote.name} is private, and private channels are never linked")
        system = await system_principal(self._store, self._clock, SYSTEM)
        channel = await self._channels.open(system, name)
        link = await self._links.add(
            channel.name,
            bridge.platform,
            bridge.workspace,
            remote,
            direction=one.direction,
            rules=one.rules,
            source=one.source,
        )
        return link.id

    async def _drop(self, bridge: Bridge, kept: set[str], open_still: Sequence[ConfiguredLink]) -> None:
        """Remove the other links of this workspace, but for those of channels about which it is not known yet."""
        for link in self._of_workspace(bridge):
            name = self._name_of(link)
            if link.id not in kept and not any(one.channel == name or fits(one.channel, name) for one in open_still):
                await self._links.remove(link.id)
                _log.info("%s is no longer linked to %s", name, link.remote_name or link.remote_channel)


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
