"""Working: a thread shows that an agent works on an answer, under the agent's name.

https://docs.slack.dev/reference/methods/assistant.threads.setStatus
"""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bridges.slack.errors import translated
from bridges.slack.faces import authorship
from hub.relay.contract.errors import BridgeError, NotReady
from hub.relay.contract.outbound import Working

_STATUS_LENGTH = 100
_USUAL = "is working…"

_log = logging.getLogger(__name__)


class Status:
    """Sets the status of threads for as long as Slack lets the app."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._allowed = True

    async def show(self, working: Working) -> None:
        """Show or take back the status; what fails is not tried again, and never matters."""
        thread = working.thread.remote_id if working.thread else None
        if thread is None or not self._allowed:
            return
        status = "" if working.status is None else _shown(working.status)
        try:
            with translated(changing=True):
                await self._client.assistant_threads_setStatus(
                    channel_id=working.remote_channel, thread_ts=thread, status=status, **authorship(working.author)
                )
        except NotReady:
            return
        except BridgeError as error:
            _log.info("Slack shows no status: %s", error)
            self._allowed = "invalid_thread_ts" in str(error)


def _shown(status: str) -> str:
    line = " ".join(status.split()) or _USUAL
    return line if len(line) <= _STATUS_LENGTH else f"{line[: _STATUS_LENGTH - 1]}…"
