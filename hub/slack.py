"""Slack as part of the hub: the bridge and the endpoint that the settings ask for, and what is wrong with them."""

from bridges.slack.doctor import Problem, examine
from bridges.slack.platform import answer_requests, slack_platform
from bridges.slack.requests import Requests
from hub.relay.contract.desk import Desk
from hub.relay.contract.platform import Platform
from hub.sections import SlackSection
from hub.settings import Settings

NAME = "slack"


class Slack:
    """A workspace. `requests` takes what Slack sends over HTTP, where there is the secret that it is signed with.

    `platforms` has the bridge, when there is a bot token and a way in.
    """

    def __init__(self, section: SlackSection) -> None:
        self._bot_token = section.bot_token.get_secret_value() if section.bot_token else None
        self._api_url = section.api_url
        app_token = section.app_token.get_secret_value() if section.app_token else None
        secret = section.signing_secret
        self.requests = Requests(secret.get_secret_value()) if secret else None
        self.platforms: list[Platform] = []
        if self._bot_token is not None and (app_token is not None or self.requests is not None):
            self.platforms.append(
                slack_platform(
                    self._bot_token,
                    app_token,
                    self._api_url,
                    requests=self.requests,
                    emails=section.match_email,
                    streaming=section.streaming,
                )
            )

    def serve(self, desk: Desk) -> None:
        """Have commands that come over HTTP answered by the desk, whether the bridge runs or not."""
        if self.requests is not None:
            answer_requests(self.requests, self._bot_token, self._api_url, desk)


async def problems(settings: Settings) -> list[Problem]:
    """Return what is wrong with the tokens, the scopes and the linked channels, asking Slack."""
    section = settings.slack
    remotes = [link.remote for link in settings.links if link.platform == NAME]
    bot_token = section.bot_token.get_secret_value() if section.bot_token else None
    app_token = section.app_token.get_secret_value() if section.app_token else None
    return await examine(bot_token, app_token, section.api_url, remotes)
