"""Attachments in: the bytes of files that came with a message; what cannot be fetched is told in its text."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from airchat.protocol.errors import InvalidInput, TooLarge
from airchat.protocol.files import File, safe_name
from airchat.protocol.principals import Principal
from hub.core.announcements import file_shared
from hub.core.files import Files
from hub.relay.contract import inbound
from hub.relay.contract.errors import NotReady, Refused
from hub.relay.inward.gate import Gate
from hub.relay.rules import Mirrored, rules_of

_FILES_AT_MOST = 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """Files that the hub has now, notes about those it has not, and the kinds of secrets taken out of them."""

    files: list[File]
    notes: list[str]
    redacted: Sequence[str] = ()


class Attachments:
    """Fetches files of platforms into the hub's store."""

    def __init__(self, shared: Files | None) -> None:
        self._shared = shared

    async def fetch(self, gate: Gate, author: Principal, files: Sequence[inbound.File]) -> Fetched:
        """Fetch the files; what cannot be had is in the notes.

        Raises:
            BridgeError: the platform cannot be asked now.
        """
        if self._shared is None or Mirrored.FILES not in rules_of(gate.link).mirror:
            return Fetched([], [f"(file {file.name})" for file in files])
        kept: list[File] = []
        redacted: list[str] = []
        notes: list[str] = [f"({len(files) - _FILES_AT_MOST} more files)"] if len(files) > _FILES_AT_MOST else []
        for file in files[:_FILES_AT_MOST]:
            if file.size is not None and file.size > self._shared.max_bytes:
                notes.append(f"(file {file.name}: too large)")
                continue
            name = file.name if file.name.isprintable() and file.name.strip() else safe_name(file.name)
            try:
                one, kinds = await self._shared.keep(
                    author, gate.channel, name, gate.bridge.download(file), file.content_type
                )
                kept.append(one)
                redacted += kinds
            except TooLarge:
                notes.append(f"(file {file.name}: too large)")
            except (Refused, InvalidInput) as error:
                _log.warning("a file of %s was not taken over: %s", gate.link.platform, error)
                notes.append(f"(file {file.name}: could not be fetched)")
            except OSError as error:  # of the connection to the platform; what the disk refuses is Unavailable
                raise NotReady(f"a file could not be fetched: {error}") from error
        return Fetched(kept, notes, redacted)

    async def kept(self, files: Sequence[File]) -> None:
        """Note that the files were shared."""
        if self._shared is not None:
            await self._shared.kept(files)

    def announce(self, files: Sequence[File]) -> str:
        """Return the text of a message that is nothing but files."""
        return "\n".join(file_shared(file.name, file.size) for file in files)
