"""Uploaded files (https://docs.slack.dev/reference/objects/file-object) and their shares."""

import mimetypes
from dataclasses import dataclass, field

from .settings import Json


@dataclass(slots=True, frozen=True)
class Share:
    """Where a file was posted: the message ``ts`` is known only here and in the event."""

    channel: str
    ts: str
    thread_ts: str
    public: bool


@dataclass(slots=True, kw_only=True)
class File:
    """One file; ``content`` is None until the bytes arrived at the upload URL."""

    id: str
    name: str
    user: str
    created: int
    title: str = ""
    content: bytes | None = None
    deleted: bool = False
    shares: list[Share] = field(default_factory=list)

    @property
    def mimetype(self) -> str:
        """Media type guessed from the name, as Slack does for hosted files."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def path(self, team_id: str) -> str:
        """Path of the private download URL."""
        return f"/files-pri/{team_id}-{self.id}/{self.name}"

    def render(self, team_id: str, site: str) -> Json:
        """The file object as messages and events carry it (without shares)."""
        url = site + self.path(team_id)
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2],
            "user": self.user,
            "size": len(self.content or b""),
            "mode": "hosted",
            "is_external": False,
            "is_public": any(share.public for share in self.shares),
            "file_access": "visible",
            "url_private": url,
            "url_private_download": url.replace(f"/{self.name}", f"/download/{self.name}"),
            "permalink": f"{site}/files/{self.user}/{self.id}/{self.name}",
        }

    def render_shares(self) -> Json:
        """The ``shares`` member that only ``files.info`` returns."""
        shares: Json = {}
        for share in self.shares:
            place = shares.setdefault("public" if share.public else "private", {})
            entry: Json = {"ts": share.ts}
            if share.thread_ts:
                entry["thread_ts"] = share.thread_ts
            place.setdefault(share.channel, []).append(entry)
        return shares
