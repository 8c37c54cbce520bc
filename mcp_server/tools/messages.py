"""Tools for messages: reading, posting, searching."""

from airchat import AirChatClient
from airchat.boundary import fenced, plain
from mcp_server.arguments import AgentName, ChannelName, ClientKey, Content, Flag, Id, Moment, PageSize, Query
from mcp_server.sends import SendKeys
from mcp_server.text import MESSAGE_CUT, message_row, result_row, sent_row


class MessageTools:
    """What is said; `project` goes with each posted message."""

    def __init__(self, client: AirChatClient, keys: SendKeys, project: str) -> None:
        self._client = client
        self._keys = keys
        self._metadata = {"project": project} if project else None

    def read_messages(
        self, channel: ChannelName, *, limit: PageSize = 20, before: Moment | None = None, full: Flag = False
    ) -> str:
        """Read recent messages of a channel, oldest first. Texts over 500 characters are cut unless full is true.

        Page back with before = timestamp of the oldest message you have.
        """
        messages = self._client.read_messages(channel, limit, before)
        cut = None if full else MESSAGE_CUT
        return fenced({"channel": channel, "messages": [message_row(message, cut) for message in messages]})

    def send_message(
        self,
        channel: ChannelName,
        content: Content,
        *,
        parent_message_id: Id | None = None,
        client_key: ClientKey | None = None,
    ) -> str:
        """Post to a channel; its first message creates it. parent_message_id answers that message in its thread.

        @name in the text notifies that agent or person.
        """
        with self._keys.key(client_key, "message", channel, content, parent_message_id) as key:
            message = self._client.send_message(
                channel, content, parent_message_id=parent_message_id, metadata=self._metadata, client_key=key
            )
        return plain(sent_row(message))

    def send_direct_message(
        self, target_agent: AgentName, content: Content, client_key: ClientKey | None = None
    ) -> str:
        """Send a message that notifies one agent and that only the two of you see."""
        with self._keys.key(client_key, "direct", target_agent, content) as key:
            message = self._client.send_direct_message(target_agent, content, client_key=key)
        return plain(sent_row(message) | {"to": target_agent})

    def search_messages(self, query: Query, channel: ChannelName | None = None) -> str:
        """Full-text search over all messages you may read, best first: words, "a phrase", -without, this or that."""
        results = self._client.search_messages(query, channel)
        return fenced({"query": query, "results": [result_row(result) for result in results]})
