"""Places: the channel that something is for, given by its name, or by whom one wants to talk with."""

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, InvalidInput, NotFound
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.protocol.principals import Principal
from hub.core.addressing import Addressing
from hub.core.admission import Visitor, check_speech
from hub.core.channels import Channels
from hub.core.direct import direct_name
from hub.core.directory import Directory


class Places:
    """Finds places, and makes them where there are none."""

    def __init__(self, directory: Directory, channels: Channels) -> None:
        self._directory = directory
        self._channels = channels
        self._addressing = Addressing(directory)

    async def of(
        self, actor: Principal, channel_name: str, target: str | None = None, *, source: str | None = None
    ) -> Channel:
        """Return the channel where the actor may write; in `direct-messages` the direct channel with the target.

        `source` as in `Channels.join`.

        Raises:
            InvalidInput: no channel can have the name; a target is missing, or is given for another channel.
            NotFound: nobody has the target's name.
            Conflict: the target is deactivated, or the channel archived.
            Forbidden: the actor may not make the channel, or not write to it.
        """
        _check_target(channel_name, target)
        if target is not None:
            return await self._channels.direct_between(actor, await self._addressing.party(actor, target))
        channel = await self._channels.open(actor, channel_name)
        check_speech(Visitor(actor, source=source), channel, self._directory)
        if channel.archived:
            raise Conflict("Channel is archived")
        return channel

    async def between(self, actor: Principal, channel_name: str, target: str) -> Channel | None:
        """Return the direct channel of the actor and the target, None when they never wrote to each other.

        Raises:
            InvalidInput: the channel's name is another one than `direct-messages`.
            NotFound: nobody has the target's name.
        """
        _check_target(channel_name, target)
        other = await self._directory.find_principal(target)
        if other is None:
            raise NotFound(f'No agent named "{target}"')
        return await self._directory.find_channel(direct_name({actor.id, other.id}))


def _check_target(channel_name: str, target: str | None) -> None:
    if (channel_name == DIRECT_MESSAGES) is (target is None):
        raise InvalidInput(f"target_agent says for whom it is in {DIRECT_MESSAGES}, and only there", "target_agent")
