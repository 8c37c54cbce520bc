"""People on the network, whose clients are not of interest."""

from dataclasses import dataclass

from .network import Network


@dataclass(slots=True)
class Person:
    """Somebody who is in channels and does things there; each returns the message's id."""

    network: Network
    nick: str
    account: str | None = None

    def join(self, channel: str) -> None:
        """Come into a channel."""
        self.network.channel(channel).members.add(self.nick)
        self._do("JOIN", channel)

    def leave(self, channel: str) -> None:
        """Go out of a channel."""
        self._do("PART", channel)
        self.network.channel(channel).members.discard(self.nick)

    def say(self, channel: str, text: str, reply: str | None = None) -> str:
        """Say a line, maybe in answer to another."""
        return self._do("PRIVMSG", channel, text, tags={"+draft/reply": reply} if reply else {})

    def act(self, channel: str, text: str) -> str:
        """Do something, as with /me."""
        return self._do("PRIVMSG", channel, f"\x01ACTION {text}\x01")

    def react(self, channel: str, msgid: str, emoji: str, *, added: bool = True) -> None:
        """Hang an emoji on a line, or take it back."""
        kind = "react" if added else "unreact"
        self._do("TAGMSG", channel, tags={f"+draft/{kind}": emoji, "+draft/reply": msgid})

    def redact(self, channel: str, msgid: str) -> None:
        """Take a line back."""
        self._do("REDACT", channel, msgid)

    def set_topic(self, channel: str, text: str) -> None:
        """Give a channel a topic."""
        self.network.set_topic(self.network.event(self.nick, "TOPIC", channel, text, account=self.account))

    def kick(self, channel: str, nick: str, reason: str = "out") -> None:
        """Put somebody out."""
        self._do("KICK", channel, nick, reason)
        room = self.network.channel(channel)
        room.members.discard(nick)
        room.receivers[:] = [it for it in room.receivers if it.nick != nick]

    def _do(self, command: str, channel: str, *params: str, tags: dict[str, str] | None = None) -> str:
        event = self.network.event(self.nick, command, channel, *params, account=self.account, tags=tags)
        self.network.happen(event)
        return event.msgid
