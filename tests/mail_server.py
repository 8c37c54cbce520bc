"""A mail server on loopback that speaks as much SMTP as the hub does, and keeps what it is given."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.waiting import eventually


@dataclass
class MailServer:
    """What it does and what it got. `refuse` is its answer to RCPT; with `hang` it never says a word.

    With `tls` it offers STARTTLS, and with `user` it wants that login, `name:password`, before it takes a mail.
    """

    port: int = 0
    refuse: str | None = None
    hang: bool = False
    tls: ssl.SSLContext | None = None
    user: str | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    connections: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def code(self, number: int = 0) -> str:
        """Return the code in that mail, as soon as it has come."""
        await eventually(lambda: len(self.mails) > number, what="no mail came")
        found = re.search(r"VERIFY \S+ (\S+)", self.mails[number].get_content())
        assert found is not None
        return found[1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with one client until it goes."""
        self.connections += 1
        self.writers.add(writer)
        with suppress(OSError):
            if not self.hang:
                writer.write(b"220 mail.example ready\r\n")
            while line := await reader.readline():
                if not self.hang:
                    await self._answer(line.decode().rstrip("\r\n"), reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        self.writers.discard(writer)

    async def _answer(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        word, _, rest = line.partition(" ")
        word = word.upper()
        encrypted = writer.get_extra_info("ssl_object") is not None
        answer = "250 ok"
        if word == "EHLO":
            offers = [*(["STARTTLS"] if self.tls and not encrypted else []), *(["AUTH PLAIN"] if self.user else [])]
            answer = "\r\n".join([*(f"250-{offer}" for offer in ["mail.example", *offers]), "250 HELP"])
        elif word == "AUTH":
            right = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")[1:] == (self.user or "").split(":")
            answer = "235 welcome" if right else "535 no"
        elif word == "RCPT":
            answer = self.refuse or answer
        elif word == "MAIL":
            self.envelopes.append((rest, ""))
        elif word == "DATA":
            writer.write(b"354 go on\r\n")
            data = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
            message = message_from_bytes(data, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.encrypted.append(encrypted)
            self.mails.append(message)
        elif word == "QUIT":
            answer = "221 bye"
        if word == "RCPT" and self.refuse is None:
            self.envelopes[-1] = (self.envelopes[-1][0], rest)
        writer.write(("220 go on" if word == "STARTTLS" else answer).encode() + b"\r\n")
        if word == "STARTTLS" and self.tls is not None:
            await writer.start_tls(self.tls)


@asynccontextmanager
async def mail_server(server: MailServer, tls: ssl.SSLContext | None = None) -> AsyncIterator[MailServer]:
    """Run it on a free port of 127.0.0.1; with `tls` its clients are encrypted from the first byte."""
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for writer in server.writers:
            writer.transport.abort()
        await eventually(lambda: not server.writers)
