"""What is wrong with a workspace is named with its fix, and nothing is changed by looking."""

import pytest

from bridges.slack.doctor import Problem, examine
from tests.bridges.slack.conftest import PLACE
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack


async def found(
    slack: FakeSlack, *remotes: str, bot: str | None = BOT_TOKEN, app: str | None = APP_TOKEN
) -> list[Problem]:
    return await examine(bot, app, slack.api_url, remotes)


async def test_nothing_is_wrong_with_what_the_manifest_makes(slack: FakeSlack) -> None:
    assert await found(slack, PLACE) == []


async def test_missing_scopes_are_named_with_what_they_are_for(slack: FakeSlack) -> None:
    slack.app.scopes -= {"chat:write", "reactions:write", "files:read"}
    broken, left_out = await found(slack)
    assert (broken.text, broken.broken) == ("the app may not post (scope chat:write)", True)
    assert left_out.text == (
        "the app may not bring files from Slack (scope files:read); bring reactions to Slack (scope reactions:write)"
    )
    assert not left_out.broken
    assert "install the app again" in broken.fix


@pytest.mark.parametrize(("token", "text"), [("xoxb-wrong", "invalid_auth"), (APP_TOKEN, "not_allowed_token_type")])
async def test_bot_token_that_does_not_work(slack: FakeSlack, token: str, text: str) -> None:
    [problem] = await found(slack, bot=token)
    assert problem.text.startswith("the bot token does not work")
    assert text in problem.text
    assert "OAuth & Permissions" in problem.fix


async def test_app_token_that_does_not_work(slack: FakeSlack) -> None:
    [problem] = await found(slack, app="xapp-wrong")
    assert problem.text.startswith("the app token opens no connection")
    assert "connections:write" in problem.fix


async def test_channels_that_cannot_be_linked(slack: FakeSlack) -> None:
    slack.create_channel("#open", with_app=False)
    slack.create_channel("#hidden", "group", with_app=False)
    slack.create_channel("#invited", "group")
    unseen, hidden, invited, not_in = await found(slack, "#nowhere", "#hidden", "#invited", "#open")
    assert (invited.text, invited.broken) == ("#invited is private, and private channels are never linked", True)
    assert unseen.text.startswith("#nowhere cannot be linked")
    assert hidden.text.startswith("#hidden cannot be linked")
    assert (not_in.text.startswith("the app is not in #open"), not_in.broken) == (True, False)
    assert slack.app.user.id not in slack.channel("#open").members


async def test_slack_that_is_away_is_no_fault_of_the_settings(slack: FakeSlack) -> None:
    await slack.stop()
    [problem] = await found(slack)
    assert not problem.broken
    assert "cannot be reached" in problem.text
