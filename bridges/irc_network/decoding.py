"""Decoding: stored events as what people did."""

from typing import Any

from bridges.irc_network.events import order_key
from bridges.irc_network.texts import ACCOUNT, NICK
from bridges.irc_network.threads import TAGGED, Threads
from bridges.irc_network.topics import Topics
from hub.relay.contract import inbound
from hub.relay.markup import Nobody, parse_irc, render_commonmark
from hub.relay.markup.irc import uncoded


class Decoding:
    """Decodes for one network; `topics` are those of its session."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self.topics: Topics | None = None

    def of(self, event: dict[str, Any]) -> inbound.Inbound | None:  # noqa: PLR0911 - one for each kind
        """Say what an event means; None for what we did ourselves."""
        if event["own"]:
            return None
        user = user_of(event["nick"], event["account"], bot=bool(event.get("bot")))
        match event["kind"]:
            case "message":
                return self._message(event, user)
            case "edit":
                return inbound.Edit(event["id"], read(event["text"]), order_key(event["at"]))
            case "delete":
                return inbound.Delete(event["id"], user)
            case "react":
                return inbound.React(event["id"], user, event["emoji"], added=event["added"])
            case "topic":
                if self.topics is not None and self.topics.is_past(event["channel"], event["text"]):
                    return None
                return inbound.Topic(user, uncoded(event["text"]), bool(event.get("found")), event.get("set_at"))
            case "member":
                return inbound.Member(user, joined=event["joined"])
        return None

    def _message(self, event: dict[str, Any], user: inbound.User) -> inbound.Message:
        text, answered = event["text"], event["reply"]
        tagged = TAGGED.fullmatch(text)
        root = self._threads.root(event["channel"], tagged["tag"]) if tagged else None
        if tagged and root:
            text, answered = tagged["text"], root
        return inbound.Message(
            remote_id=event["id"],
            author=user,
            text=read(f"\x1d{text}\x0f" if event["action"] else text),
            thread_id=answered,
            reply_to=answered,
        )


def read(text: str) -> str:
    """Return what somebody wrote in CommonMark."""
    return render_commonmark(parse_irc(text, Nobody()))


def user_of(nick: str, account: str | None, *, bot: bool = False) -> inbound.User:
    """Return somebody: by their account where the network tells of it, for nicks change hands."""
    known = account is not None and account != "*"
    return inbound.User(f"{ACCOUNT}{account}" if known else f"{NICK}{nick}", nick, bot=bot)
