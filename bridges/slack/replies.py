"""Replies of the hub's desk, as Slack shows them: a message that only one person sees or all do, or a modal."""

import logging
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bridges.slack.blocks import SECTION_LENGTH, actions, sections
from bridges.slack.errors import translated
from bridges.slack.text import divided, shown
from bridges.slack.views import Origin, view_of
from hub.relay.contract.desk import Form, Reply
from hub.relay.contract.errors import BridgeError

Json = dict[str, Any]

_TIMEOUT_SECONDS = 10

_log = logging.getLogger(__name__)


def message_of(reply: Reply) -> Json:
    """Return a reply as the body of an answer to a command, in its acknowledgement or at its response URL."""
    text = shown(reply.text)
    body: Json = {"response_type": "in_channel" if reply.public else "ephemeral", "text": text}
    if not reply.buttons:
        return body
    parts = (shown(part) for part in divided(reply.text, SECTION_LENGTH))
    return body | {"blocks": [*sections(parts), *actions(reply.buttons)]}


class Replies:
    """Shows replies when it is too late to answer by an acknowledgement. What fails is logged: nobody waits for it."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def respond(self, url: str, reply: Reply, thread: str | None = None) -> None:
        """Answer at a response URL, good for half an hour; with `replace` in the place of the reply that was there."""
        body = message_of(reply) | {"replace_original": reply.replace} | ({"thread_ts": thread} if thread else {})
        webhook = AsyncWebhookClient(url, timeout=_TIMEOUT_SECONDS, retry_handlers=[])
        try:
            with translated():
                answer = await webhook.send_dict(body)
        except BridgeError as error:
            _log.warning("a reply could not be shown in Slack: %s", error)
            return
        if answer.status_code != 200:
            _log.warning("a reply could not be shown in Slack: %s %s", answer.status_code, answer.body)

    async def tell(self, user: str, origin: Origin, reply: Reply) -> None:
        """Tell somebody something where they are or, where the app is not, directly."""
        body = message_of(reply)
        body.pop("response_type")
        try:
            with translated():
                await self._client.chat_postEphemeral(
                    channel=origin.channel, user=user, thread_ts=origin.thread, **body
                )
        except BridgeError:
            await self._tell_directly(user, body)

    async def open(self, trigger: str, form: Form, origin: Origin) -> bool:
        """Show a form; False when Slack does not: a trigger is good for three seconds."""
        try:
            with translated():
                await self._client.views_open(trigger_id=trigger, view=view_of(form, origin))
        except BridgeError as error:
            _log.warning("a form could not be shown in Slack: %s", error)
            return False
        return True

    async def strip(self, channel: str, ts: str, text: str, blocks: list[Json]) -> None:
        """Take the buttons from a message of the app."""
        try:
            with translated(changing=True):
                await self._client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
        except BridgeError as error:
            _log.warning("buttons could not be taken from a message in Slack: %s", error)

    async def _tell_directly(self, user: str, body: Json) -> None:
        try:
            with translated():
                opened = await self._client.conversations_open(users=user)
                await self._client.chat_postMessage(channel=opened["channel"]["id"], **body)
        except BridgeError as error:
            _log.warning("somebody in Slack could not be told how it went: %s", error)
