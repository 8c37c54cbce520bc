"""Files: sharing them in channels, and finding them for those who may see the channel."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import suppress

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, InvalidInput, NotFound, Unavailable
from airchat.protocol.files import File
from airchat.protocol.ids import new_id
from airchat.protocol.limits import FILE_BYTES, FILE_NAME_LENGTH
from airchat.protocol.principals import Principal
from airchat.protocol.rows import shown_name
from airchat.protocol.timestamps import SECOND
from hub.core import announcements, edits
from hub.core.addressing import NOBODY, Addressing
from hub.core.admission import check_removal
from hub.core.blobs import Blobs
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.file_names import check_path, checked_name, checked_type
from hub.core.gate import Gate
from hub.core.permissions import Action, may_see, require
from hub.core.places import Places
from hub.core.secrets import Secrets
from hub.core.sharing import Shared, Sharing, share, withdraw
from hub.core.signatures import VALID_SECONDS, Signatures
from store.ports.store import Store
from store.ports.unit import Unit

SIGNED_SECONDS = VALID_SECONDS
"""How long a signed address opens its file."""


_PAGE = 100
_COLLECTED = 1000


class Files:
    """Shares and finds files. Those of direct channels are for their two parties."""

    def __init__(  # noqa: PLR0917 - what it works with, each once
        self,
        store: Store,
        clock: Clock,
        directory: Directory,
        channels: Channels,
        blobs: Blobs,
        signatures: Signatures,
        *,
        gate: Gate | None = None,
        secrets: Secrets | None = None,
        max_bytes: int = FILE_BYTES,
    ) -> None:
        """Take files of at most `max_bytes`, unless a caller of `put` says otherwise."""
        self.max_bytes = max_bytes
        self._store = store
        self._clock = clock
        self._directory = directory
        self._channels = channels
        self._addressing = Addressing(directory)
        self._places = Places(directory, channels)
        self._blobs = blobs
        self._signatures = signatures
        self._gate = gate or Gate(directory)
        self._secrets = secrets or Secrets(store, clock)

    async def put(
        self,
        actor: Principal,
        channel_name: str,
        filename: str,
        source: AsyncIterator[bytes],
        content_type: str | None = None,
        *,
        target: str | None = None,
        post_message: bool = True,
        limit: int | None = None,
        idempotency_key: str | None = None,
    ) -> Shared:
        """Share what the source yields in a channel, which is made if need be, and announce it there, if wanted.

        Secrets are taken out of texts.

        In `direct-messages` it is for `target` alone. A file that comes without a type, or as mere octets, has that of
        its name.

        A repeated call with the same key returns the first file.

        Raises:
            InvalidInput: the name or channel breaks a rule, or there are no bytes.
            TooLarge: there are more than `limit` (or `max_bytes`) bytes.
            NotFound: nobody has the target's name.
            Conflict: the channel is archived, the target deactivated, or the idempotency key was used for something
                else.
            Forbidden: the actor may not upload files, or not write to the channel.
            Unavailable: the disk is full or broken.
        """
        require(actor, Action.UPLOAD_FILES)
        filename = checked_name(filename)
        channel = await self._places.of(actor, channel_name, target)
        file, kinds = await self._store_bytes(actor, channel, filename, source, content_type, limit)
        line, addressed = None, NOBODY
        if post_message:
            line = announcements.file_shared(file.name, file.size)
            addressed = await self._addressing.of(actor, channel, line, file.created_at)
        sharing = Sharing(actor, channel, file, idempotency_key, line, addressed.addressees, kinds)
        shared = await self._store.write(lambda unit: share(unit, sharing, self._gate))
        await self.kept([shared.file])  # of a repeated call, the first: what else came is no file's
        return shared

    async def keep(
        self,
        actor: Principal,
        channel: Channel,
        filename: str,
        source: AsyncIterator[bytes],
        content_type: str | None = None,
    ) -> tuple[File, tuple[str, ...]]:
        """Store what the source yields for a message that is about to share it: `Messages.post`, and then `kept`.

        Returns the file, which has no path yet, and the kinds of secrets that were taken out of it.

        Raises:
            InvalidInput, TooLarge, Forbidden, Unavailable: as `put`.
        """
        require(actor, Action.UPLOAD_FILES)
        return await self._store_bytes(actor, channel, checked_name(filename), source, content_type)

    async def kept(self, files: Sequence[File]) -> None:
        """Note that a message shares what `keep` stored, unless it is deleted again; what fails, `tidy` finds out."""
        with suppress(Unavailable):
            for sha256 in await self._known([file.sha256 for file in files]):
                await self._blobs.settle(sha256)

    async def delete(self, actor: Principal, path: str) -> File:
        """Take a file away, with the message that announces it, and return what it was; its bytes go a day later.

        Whoever may delete its uploader's messages may do so.

        Raises:
            InvalidInput: no file can have the path.
            NotFound: there is none, or the actor may not see its channel.
            Forbidden: it is somebody else's.
            Conflict: its message says more than that it was shared; deleting that takes the file away.
        """
        found = await self.find(actor, path)
        channel = await self._directory.find_channel_by_id(found.channel_id)
        if channel is None:
            raise NotFound("File not found")
        check_removal(actor, found.uploader_id, channel, self._directory)
        now = self._clock()

        async def take_away(unit: Unit) -> File:
            file = await unit.files.by_path(path)
            if file is None:
                raise NotFound("File not found")
            if file.message_id is not None:
                message = await edits.live(unit, file.message_id)
                if message.content != announcements.file_shared(file.name, file.size):
                    raise Conflict(f"Message {message.number} of {shown_name(channel)} shares it: delete that instead")
                await edits.delete(unit, now, actor, channel, message.id)
            else:
                await withdraw(unit, now, actor, channel, await unit.files.delete(file.id, now))
            return file

        return await self._store.write(take_away)

    async def tidy(self) -> int:
        """Remove bytes that no file has had for a day, those of uploads that failed among them; return how many."""
        async with self._store.read() as unit:
            gone = await unit.files.to_collect(_COLLECTED)
        await self._blobs.unsettle(gone)
        removed = await self._blobs.clean(self._known)
        if gone:
            await self._store.write(lambda unit: unit.files.collected(gone))
        return removed

    async def _known(self, hashes: Sequence[str]) -> set[str]:
        async with self._store.read() as unit:
            return await unit.files.known(hashes)

    async def _store_bytes(  # noqa: PLR0917 - what a file consists of
        self,
        actor: Principal,
        channel: Channel,
        filename: str,
        source: AsyncIterator[bytes],
        content_type: str | None,
        limit: int | None = None,
    ) -> tuple[File, tuple[str, ...]]:
        """Return the file without a path, and the kinds of secrets that were taken out of it."""
        named = await self._secrets.redact(channel, filename, FILE_NAME_LENGTH)
        source, kinds = await self._secrets.redact_file(channel, source)
        blob = await self._blobs.put(source, self.max_bytes if limit is None else limit)
        if not blob.size:
            raise InvalidInput("content is required", "content")
        now = self._clock()
        file = File(
            id=new_id(now),
            channel_id=channel.id,
            uploader_id=actor.id,
            name=named.text,
            path="",
            size=blob.size,
            sha256=blob.sha256,
            content_type=checked_type(content_type, named.text),
            created_at=now,
        )
        return file, tuple(dict.fromkeys((*named.kinds, *kinds)))

    async def find(self, actor: Principal, path: str) -> File:
        """Return the file at that path.

        Raises:
            InvalidInput: no file can have the path.
            NotFound: there is none, or the actor may not see its channel.
        """
        check_path(path)
        async with self._store.read() as unit:
            file = await unit.files.by_path(path)
            channel = await unit.channels.get(file.channel_id) if file else None
            if file is None or channel is None or not await may_see(unit, actor, channel):
                raise NotFound("File not found")
            return file

    async def find_signed(self, path: str, expires: int, signature: str) -> File:
        """Return the file at that path to whoever holds a signed address of it.

        Raises:
            InvalidInput: no file can have the path.
            Forbidden: the signature is wrong or its hour is over.
            NotFound: there is no such file.
        """
        check_path(path)
        self._signatures.check(path, expires, signature, self._clock())
        async with self._store.read() as unit:
            file = await unit.files.by_path(path)
        if file is None:
            raise NotFound("File not found")
        return file

    def sign(self, file: File, until: int | None = None) -> str:
        """Return the query, `expires=…&signature=…`, with which anybody may read the file, an hour or until then."""
        start = self._clock() if until is None else until - SIGNED_SECONDS * SECOND
        return self._signatures.sign(file.path, start)

    def read(self, file: File) -> AsyncGenerator[bytes, None]:
        """Yield the file's bytes in pieces.

        Raises:
            NotFound: they are lost.
        """
        return self._blobs.read(file.sha256)

    async def list(
        self, actor: Principal, channel_name: str, limit: int = _PAGE, *, target: str | None = None
    ) -> Sequence[File]:
        """Return the channel's newest files, at most 100, newest first; in `direct-messages` those with `target`.

        Raises:
            InvalidInput: a target is given for another channel.
            NotFound: there is no such channel for the actor, or nobody has the target's name.
        """
        if target is None:
            channel = await self._channels.resolve(actor, channel_name)
        elif (direct := await self._places.between(actor, channel_name, target)) is None:
            return []
        else:
            channel = direct
        async with self._store.read() as unit:
            return await unit.files.in_channel(channel.id, max(1, min(limit, _PAGE)))
