"""Decoding: what a stored event of Slack means, in the relay's words."""

from bridges.slack.events import CONVERTED, SHOWN, Json, author_id, is_own, thread_root
from bridges.slack.text import Texts, plain
from bridges.slack.users import Users
from hub.relay.contract import inbound
from hub.relay.contract.bridge import Names
from hub.relay.markup.emoji import unicode_of

_TOPICS = frozenset({"channel_topic", "group_topic"})
_NAMES = frozenset({"channel_name", "group_name"})
_MICROS = 1_000_000
_NO_FILES = frozenset({"tombstone", "hidden_by_limit", "external"})
"""Modes of files that are not there, or not Slack's own: it gives no bytes for them."""


class Decoder:
    """Decodes the events of one workspace; what `own_ids` did is the app's own doing, and nothing."""

    def __init__(self, users: Users, texts: Texts) -> None:
        self.own_ids: frozenset[str] = frozenset()
        self._users = users
        self._texts = texts

    async def decode(self, payload: Json, names: Names) -> inbound.Inbound | None:
        """Return what happened; None for what this app did itself, and for what says nothing."""
        kind = payload["type"]
        if kind == "message":
            return None if is_own(payload, self.own_ids) else await self._told(payload, names)
        if kind == "edit":
            text = await self._texts.read(payload, names)
            return inbound.Edit(payload["ts"], text, payload["version"])
        if kind == "delete":
            return inbound.Delete(payload["ts"])
        if kind == "private":
            return inbound.ChannelState(private=True)
        if payload.get("user") in self.own_ids:
            return None
        return await self._happened(kind, payload)

    async def message(self, payload: Json, names: Names) -> inbound.Message | None:
        """Return a message that somebody wrote; None when there is nothing in it."""
        text = await self._texts.read(payload, names)
        files = tuple(file for it in payload.get("files") or () if (file := _file(it)) is not None)
        if not text.strip() and not files:
            return None
        return inbound.Message(
            remote_id=payload["ts"],
            author=await self.author(payload),
            text=text,
            thread_id=thread_root(payload),
            reply_to=thread_root(payload),
            broadcast=payload.get("subtype") == "thread_broadcast",
            files=files,
            version=payload.get("version") or "",
        )

    async def author(self, payload: Json) -> inbound.User:
        """Return who wrote a message: a member, or a bot under the name it gave itself."""
        bot_id = payload.get("bot_id")
        if payload.get("user") and not payload.get("username"):
            return await self._users.get(payload["user"])
        profile = payload.get("bot_profile") or {}
        name = payload.get("username") or profile.get("name") or author_id(payload)
        icons = payload.get("icons") or profile.get("icons") or {}
        picture = next((icons[key] for key in ("image_72", "image_48") if icons.get(key)), None)
        return inbound.User(f"{author_id(payload)}:{name}" if bot_id else author_id(payload), name, picture, bot=True)

    async def _told(self, payload: Json, names: Names) -> inbound.Inbound | None:
        subtype = payload.get("subtype")
        if subtype in _TOPICS:
            topic = plain(payload.get("topic") or "")
            return inbound.Topic(await self._users.get(payload["user"]), topic, set_at=moment(payload["ts"]))
        if subtype in _NAMES:
            return inbound.ChannelState(name=f"#{payload['name']}")
        if subtype == CONVERTED:
            return inbound.ChannelState(private=True)
        return await self.message(payload, names) if subtype in SHOWN else None

    async def _happened(self, kind: str, payload: Json) -> inbound.Inbound | None:
        if kind in {"channel_archive", "group_archive", "channel_unarchive", "group_unarchive"}:
            return inbound.ChannelState(archived=kind.endswith("_archive"))
        user = await self._users.get(payload["user"])
        if kind in {"member_joined_channel", "member_left_channel"}:
            return inbound.Member(user, joined=kind == "member_joined_channel")
        emoji = shown_emoji(payload["reaction"])
        return inbound.React(payload["ts"], user, emoji, added=kind == "reaction_added")


def shown_emoji(name: str) -> str:
    """Return an emoji by Slack's name as the hub writes it."""
    return unicode_of(name) or f":{name}:"


def moment(ts: str) -> int:
    """Return a message's moment in microseconds."""
    seconds, _, micros = ts.partition(".")
    return int(seconds) * _MICROS + int(micros.ljust(6, "0")[:6])


def _file(file: Json) -> inbound.File | None:
    url = file.get("url_private_download") or file.get("url_private")
    if not url or file.get("mode") in _NO_FILES:
        return None
    return inbound.File(
        name=file.get("name") or file.get("title") or "file",
        content_type=file.get("mimetype"),
        size=file.get("size"),
        source=url,
    )
