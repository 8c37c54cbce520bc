"""Bodies: what a message says on a platform: its text in pieces, its files."""

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from airchat.protocol import files
from airchat.protocol.messages import Message
from hub.core.announcements import file_shared
from hub.core.files import Files
from hub.relay.contract import outbound
from hub.relay.contract.bridge import Bridge, Capability
from hub.relay.outward.references import Placed, quote
from hub.relay.rules import Mirrored, rules_of
from store.ports.relay import Link
from store.ports.store import Store

Address = Callable[[files.File], str]
"""Makes a URL, good for a while, of a file."""


def hash_of(text: str) -> str:
    """Return what tells a text from others."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Body:
    """How a message is told on one platform: the same text always gives the same pieces."""

    bridge: Bridge
    author: outbound.Author
    prefix: str
    attached: tuple[outbound.File, ...]
    announcement: str | None
    links: str

    def pieces(self, content: str) -> list[str]:
        """Return the pieces in which this content of the message is posted; the first may be empty beside files."""
        shown = "" if content == self.announcement else content
        text = self.prefix + shown + (f"\n{self.links}" if self.links else "")
        return self.bridge.divide(text, self.author) or ([""] if self.attached else [])


class Bodies:
    """Makes bodies; reads files and signs addresses for them."""

    def __init__(self, store: Store, shared: Files | None, address: Address | None) -> None:
        self._store = store
        self._shared = shared
        self._address = address

    async def of(self, link: Link, bridge: Bridge, message: Message, author: outbound.Author, placed: Placed) -> Body:
        """Return how a message is told over a link."""
        prefix = ""
        if Capability.THREAD in bridge.capabilities and placed.thread and placed.thread.remote_id is None:
            prefix = quote(placed.reply_to or placed.thread)
        found = await self._files(message)
        attached = tuple(self._outbound(one) for one in found)
        natively = Capability.FILE in bridge.capabilities and Mirrored.FILES in rules_of(link).mirror
        announcement = "\n".join(file_shared(one.name, one.size) for one in found)
        links = [] if natively else [f"{one.name}: {one.url}" for one in attached if one.url]
        if not natively:
            return Body(bridge, author, prefix, (), None, "\n".join(links))
        return Body(bridge, author, prefix, attached, announcement if found else None, "")

    async def _files(self, message: Message) -> list[files.File]:
        """Return the message's files. Its metadata only says where they may be: a client can write there anything."""
        listed = message.metadata.get("files")
        if self._shared is None or not isinstance(listed, list):
            return []
        found = []
        async with self._store.read() as unit:
            for entry in listed:
                path = entry.get("path") if isinstance(entry, dict) else None
                file = await unit.files.by_path(path) if isinstance(path, str) else None
                if file is not None and file.channel_id == message.channel_id:
                    found.append(file)
        return found

    def _outbound(self, file: files.File) -> outbound.File:
        shared = self._shared

        def read() -> AsyncIterator[bytes]:
            if shared is None:
                raise RuntimeError("files are not shared")
            return shared.read(file)

        url = self._address(file) if self._address is not None else None
        return outbound.File(file.name, file.content_type, file.size, url, read)
