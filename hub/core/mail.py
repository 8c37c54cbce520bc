"""Port: sending mail."""

from typing import Protocol


class Mail(Protocol):
    """A way to send mail."""

    async def send(self, to: str, subject: str, text: str) -> None:
        """Return when the mail is on its way; in bounded time.

        Raises:
            InvalidInput: there is no such mailbox; the field is `email`.
            Unavailable: no mail can be sent now.
        """
        ...
