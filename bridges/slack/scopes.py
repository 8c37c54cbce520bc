"""Scopes: what the app may do, and what cannot be done without it.

https://docs.slack.dev/reference/scopes
"""

from collections.abc import Iterable
from dataclasses import dataclass

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from hub.relay.contract.bridge import Capability

_HEADER = "x-oauth-scopes"
"""Every answer of Slack's Web API tells the token's scopes in it."""

NEEDED = {
    "channels:history": "read what is said in public channels",
    "channels:read": "find channels",
    "chat:write": "post",
    "users:read": "know people's names",
}
"""Without these there is no bridge."""

WANTED = {
    "channels:join": "join public channels by itself (else invite it)",
    "channels:write.topic": "set the topics of public channels",
    "chat:write.customize": "post under the names of agents and people",
    "commands": "take /airchat",
    "emoji:read": "know the workspace's own emoji",
    "files:read": "bring files from Slack",
    "files:write": "bring files to Slack",
    "groups:history": "hear that a channel was made private",
    "groups:read": "tell channels that are private from those that are not there",
    "im:write": "tell people directly how a command went where it is not in the channel",
    "reactions:read": "bring reactions from Slack",
    "reactions:write": "bring reactions to Slack",
    "usergroups:read": "let user groups command agents",
    "users:read.email": "know people by their address",
}
"""What is left out without each of these."""

_CAPABILITIES = {
    "channels:write.topic": Capability.TOPIC,
    "files:write": Capability.FILE,
    "reactions:write": Capability.REACTION,
}


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of a token; None when Slack did not tell."""

    granted: frozenset[str] | None

    @classmethod
    def parse(cls, header: str | None) -> "Scopes":
        """Read the header."""
        if header is None:
            return cls(None)
        return cls(frozenset(word.strip() for word in header.split(",") if word.strip()))

    def lacking(self, scopes: Iterable[str]) -> list[str]:
        """Return those of the scopes that are missing."""
        return [] if self.granted is None else [scope for scope in scopes if scope not in self.granted]

    def capabilities(self) -> frozenset[Capability]:
        """Return what the bridge can carry outwards."""
        lost = {_CAPABILITIES[scope] for scope in self.lacking(_CAPABILITIES)}
        return frozenset(Capability) - lost


def scopes_of(answer: AsyncSlackResponse) -> Scopes:
    """Return what an answer of the Web API tells of the token's scopes."""
    headers = {str(name).lower(): value for name, value in answer.headers.items()}
    return Scopes.parse(headers.get(_HEADER))
