"""Attachments: their bytes, and addresses that are good for a day."""

from dataclasses import dataclass

from .settings import Json


@dataclass(slots=True, kw_only=True)
class Attachment:
    """A file on a message. ``link`` is its address, signed until a moment."""

    id: str
    channel_id: str
    filename: str
    content: bytes
    content_type: str = "application/octet-stream"
    description: str = ""
    link: str = ""

    def render(self) -> Json:
        """The attachment object."""
        body: Json = {
            "id": self.id,
            "filename": self.filename,
            "size": len(self.content),
            "url": self.link,
            "proxy_url": self.link,
            "content_type": self.content_type,
        }
        return body | ({"description": self.description} if self.description else {})
