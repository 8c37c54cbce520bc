"""Slash commands, buttons, modals and response URLs, handled by the real Bolt."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fakes.slack import FakeSlack, Settings

from .conftest import Bot

GENERAL = "#general"
BUTTONS: list[Any] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Deploy?"}},
    {
        "type": "actions",
        "block_id": "ask",
        "elements": [
            {
                "type": "button",
                "action_id": "approve",
                "value": "a1",
                "text": {"type": "plain_text", "text": "Approve"},
            }
        ],
    },
]


async def test_command_is_answered_in_its_ack(slack: FakeSlack, bot: Bot) -> None:
    @bot.app.command("/airchat")
    async def airchat(ack: Any, command: dict[str, Any]) -> None:
        await ack(text=f"{command['user_name']} wants {command['text']}")

    delivery = await slack.person("alice").command(GENERAL, "/airchat", "status")

    assert delivery.state == "acked"
    assert [(one.user, one.text) for one in slack.ephemerals] == [(slack.person("alice").id, "alice wants status")]
    assert slack.transcript(GENERAL) == []


async def test_command_is_answered_for_all_and_later(slack: FakeSlack, bot: Bot) -> None:
    @bot.app.command("/airchat")
    async def airchat(ack: Any, respond: Any) -> None:
        await ack({"response_type": "in_channel", "text": "working"})
        await respond("done")

    await slack.person("alice").command(GENERAL, "/airchat")
    await slack.wait_for(lambda: slack.ephemerals)

    assert slack.transcript(GENERAL) == [("airchat", "working", None)]
    assert slack.ephemerals[0].text == "done"


async def test_command_without_ack_times_out_once(slack: FakeSlack, bot: Bot, impatient: Settings) -> None:
    delivery = await slack.person("alice").command(GENERAL, "/unknown")

    assert (delivery.state, len(delivery.attempts), len(bot.envelopes)) == ("failed", 1, 1)
    assert slack.ephemerals[0].text == "/unknown failed with the error operation_timeout"


async def test_button_replaces_its_message(slack: FakeSlack, bot: Bot) -> None:
    @bot.app.action("approve")
    async def approve(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        assert body["message"]["metadata"]["event_payload"] == {"id": "m1"}
        await respond(text=f"{body['user']['username']}: {body['actions'][0]['value']}", replace_original=True)

    metadata = {"event_type": "hub", "event_payload": {"id": "m1"}}
    await bot.web.chat_postMessage(channel=GENERAL, text="Deploy?", blocks=BUTTONS, metadata=metadata)
    await slack.person("alice").press(slack.find(GENERAL, "Deploy?"), "approve")
    await slack.wait_for(lambda: slack.transcript(GENERAL)[0].text != "Deploy?")

    assert slack.transcript(GENERAL) == [("airchat", "alice: a1", None)]


async def test_missing_button_cannot_be_pressed(slack: FakeSlack, bot: Bot) -> None:
    await bot.web.chat_postMessage(channel=GENERAL, text="Deploy?", blocks=BUTTONS)
    with pytest.raises(LookupError):
        await slack.person("alice").press(slack.find(GENERAL, "Deploy?"), "deny")


async def test_modal_is_opened_and_submitted(slack: FakeSlack, bot: Bot) -> None:
    submitted = []

    @bot.app.command("/ask")
    async def ask(ack: Any, body: dict[str, Any]) -> None:
        view = {"type": "modal", "callback_id": "form", "title": {"type": "plain_text", "text": "Ask"}, "blocks": []}
        await bot.web.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @bot.app.view("form")
    async def form(ack: Any, view: dict[str, Any]) -> None:
        submitted.append(view["state"]["values"])
        await ack()

    await slack.person("alice").command(GENERAL, "/ask")
    (view_id,) = slack.interactions.views
    delivery = await slack.person("alice").submit(view_id, {"b": {"a": {"value": "why?"}}})

    assert delivery.state == "acked"
    assert submitted == [{"b": {"a": {"value": "why?"}}}]


async def test_trigger_must_be_known(web: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await web.views_open(trigger_id="1.2", view={"type": "modal"})


async def test_response_url_works_five_times(slack: FakeSlack) -> None:
    url = slack.interactions.response_url(slack.app, slack.channel(GENERAL), slack.person("alice").id)
    client = AsyncWebhookClient(url)
    answers = [(await client.send(text=str(number))).body for number in range(6)]

    assert answers == ["ok"] * 5 + ["used_url"]
    assert [one.text for one in slack.ephemerals] == ["0", "1", "2", "3", "4"]


async def test_ephemeral_message(slack: FakeSlack, web: AsyncWebClient) -> None:
    alice = slack.person("alice")
    await alice.say(GENERAL, "hi")
    await web.chat_postEphemeral(channel=GENERAL, user=alice.id, text="only you")

    assert [(one.user, one.text) for one in slack.ephemerals] == [(alice.id, "only you")]
    assert len(slack.messages(GENERAL)) == 1
