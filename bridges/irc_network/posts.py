"""Posts: one line each, under the author's name as far as IRC can show it, and known again by its echo."""

import re
from collections import OrderedDict

from bridges.irc.wire.lines import Line
from bridges.irc_network.events import id_of
from bridges.irc_network.network import Network
from bridges.irc_network.rooms import Rooms
from bridges.irc_network.session import TOKEN, Session
from bridges.irc_network.texts import MORE, Texts, unhighlighted, visible
from bridges.irc_network.threads import Threads, tag_of
from hub.relay.contract.bridge import Names
from hub.relay.contract.errors import NotReady, Refused
from hub.relay.contract.outbound import Author, Post

RELAYMSG = "draft/relaymsg"
_OUTSIDE = frozenset({"401", "403", "442"})
_REFUSALS = _OUTSIDE | {"404", "408", "412", "417", "437", "477", "482", "489", "531", "FAIL"}
_EXCERPT_LENGTH = 40
_REMEMBERED = 2_000
_NOT_IN_NICK = re.compile(r"[^A-Za-z0-9_\[\]{}^`|-]")


class Sent:
    """What was posted lately, by token; kept over reconnects, for networks that keep no history."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, str] = OrderedDict()

    def remember(self, token: str, remote_id: str) -> None:
        """Take note of a post."""
        self._ids[token] = remote_id
        if len(self._ids) > _REMEMBERED:
            self._ids.popitem(last=False)

    def find(self, token: str) -> str | None:
        """Return the id under which it was posted."""
        return self._ids.get(token)

    def hear(self, line: Line) -> None:
        """Take note of the echo of a post, also of one whose answer was given up on."""
        if TOKEN in line.tags:
            self.remember(line.tags[TOKEN], id_of(line))


class Posts:
    """Posts over one session."""

    def __init__(
        self, session: Session, rooms: Rooms, texts: Texts, *, threads: Threads, sent: Sent, network: Network
    ) -> None:
        self._session = session
        self._rooms = rooms
        self._texts = texts
        self._threads = threads
        self._sent = sent
        self._network = network
        self._unrelayed: set[str] = set()

    async def post(self, post: Post, names: Names) -> str:
        """Post one line.

        Raises:
            NotReady: we are not in the channel.
            Refused: the server does not take the line.
            OutcomeUnknown: the connection broke.
        """
        room = await self._rooms.enter(post.remote_channel)
        tags, body = self._tags(post), self._body(post, names)
        if post.author is not None and not post.notice and self._relays(room.name):
            text = self._tagged(post, "") + body
            answers = await self._ask("RELAYMSG", room.name, self._relay_nick(post.author), text, tags=tags)
            if not any(line.command in _REFUSALS for line in answers):
                return self._done(post, answers)
            self._unrelayed.add(room.name)
        byline = self._texts.byline(post.author, notice=post.notice)
        answers = await self._ask("PRIVMSG", room.name, byline + self._tagged(post, byline + body) + body, tags=tags)
        refusal = next((line for line in answers if line.command in _REFUSALS), None)
        if refusal is None:
            return self._done(post, answers)
        if refusal.command in _OUTSIDE:
            self._rooms.lost(room.name, refusal.params[-1])
            raise NotReady(f"{room.name}: {refusal.params[-1]}")
        raise Refused(f"{room.name}: {refusal.params[-1]}")

    def _relays(self, channel: str) -> bool:
        """Tell whether the server says things in others' names for us, as far as we know."""
        return self._network.relaymsg and self._session.has(RELAYMSG) and channel not in self._unrelayed

    def _relay_nick(self, author: Author) -> str:
        mark = (self._session.value(RELAYMSG) or "/")[:1]
        name = _NOT_IN_NICK.sub("_", visible(author.name)).strip("_") or "somebody"
        return f"{name[:20]}{mark}{_NOT_IN_NICK.sub('', self._network.user)[:8] or 'hub'}"

    def _done(self, post: Post, answers: list[Line]) -> str:
        """Return the id of what was posted; a server that echoes nothing gives it none."""
        echo = next((line for line in answers if line.command == "PRIVMSG" and self._session.is_own(line)), None)
        remote_id = id_of(echo) if echo is not None else f"~{post.token}"
        self._sent.remember(post.token, remote_id)
        if post.thread is not None and post.thread.remote_id is None:
            self._threads.lead(post.remote_channel, tag_of(post.thread.message_id), remote_id)
        return remote_id

    async def _ask(self, command: str, *params: str, tags: dict[str, str]) -> list[Line]:
        channel = params[0]

        def concerns(line: Line) -> bool:
            if line.command == "PRIVMSG":
                return self._session.is_own(line) and line.params[:1] == (channel,) and line.params[1] == params[-1]
            return line.command in _REFUSALS and (channel in line.params or command in line.params)

        return await self._session.ask(command, *params, concerns=concerns, tags=tags)

    def _body(self, post: Post, names: Names) -> str:
        more = MORE.fullmatch(post.text)
        if more and post.message_id and self._network.web_url:
            return f"{post.text}: {self._network.web_url}/m/{post.message_id}"
        return self._texts.line(post.text, names)

    def _tagged(self, post: Post, beside: str) -> str:
        """Return the tag of the post's thread, and what it stands for if there is room and people need it."""
        if post.thread is None:
            return ""
        root = post.thread.remote_id or post.thread.message_id
        tag = tag_of(root)
        if post.thread.remote_id is not None:
            self._threads.know(post.remote_channel, root)
        if self._threads.is_shown(post.remote_channel, tag):
            return f"#{tag} "
        excerpt = self._texts.plainly(post.thread.excerpt)
        excerpt = excerpt if len(excerpt) <= _EXCERPT_LENGTH else f"{excerpt[: _EXCERPT_LENGTH - 1]}…"
        told = f"#{tag} (re {unhighlighted(visible(post.thread.author_name))}: {excerpt}) "
        if not self._texts.fits(beside + told):
            return f"#{tag} "
        self._threads.show(post.remote_channel, tag)
        return told

    def _tags(self, post: Post) -> dict[str, str]:
        if not self._session.has("message-tags"):
            return {}
        reply = post.reply_to or post.thread
        answered = reply.remote_id if reply else None
        known = {"+draft/reply": answered} if answered and not answered.startswith("~") else {}
        return {TOKEN: post.token, **known}
