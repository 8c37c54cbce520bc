"""What the hub needs to run Slack: the bridge with its budgets, and what answers Slack's requests over HTTP."""

from bridges.slack.bridge import API_URL, SlackBridge, web_client
from bridges.slack.interactions import PLATFORM, Interactions
from bridges.slack.replies import Replies
from bridges.slack.requests import Requests
from bridges.slack.users import Users
from hub.relay.contract.desk import Desk
from hub.relay.contract.platform import Budget, Call, Platform, Rate

BUDGETS = {
    Call.POST: Budget(channel=Rate(1.0, 3)),
    Call.FILE: Budget(everywhere=Rate(0.3, 5)),
    Call.EDIT: Budget(everywhere=Rate(0.8, 10)),
    Call.DELETE: Budget(everywhere=Rate(0.8, 10)),
    Call.REACT: Budget(everywhere=Rate(0.3, 5)),
    Call.TOPIC: Budget(everywhere=Rate(0.3, 5)),
}
"""Within what Slack asks for: a post a second and channel, other calls 20 or 50 a minute.

https://docs.slack.dev/apis/web-api/rate-limits
"""


def slack_platform(
    bot_token: str,
    app_token: str | None = None,
    api_url: str | None = None,
    ping_seconds: float = 10.0,
    requests: Requests | None = None,
    *,
    emails: bool = False,
    streaming: bool = True,
) -> Platform:
    """Return what the relay needs to run a Slack bridge."""

    def create() -> SlackBridge:
        return SlackBridge(
            bot_token,
            app_token,
            api_url or API_URL,
            ping_seconds,
            requests,
            emails=emails,
            streaming=streaming,
        )

    return Platform(PLATFORM, create, BUDGETS)


def answer_requests(requests: Requests, bot_token: str | None, api_url: str, desk: Desk) -> None:
    """Have interactions that come over HTTP answered; without a bot token there are no forms."""
    client = web_client(bot_token, api_url)
    requests.interact = Interactions(desk, Users(client), Replies(client)).take
