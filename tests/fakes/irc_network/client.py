"""A client's connection: registration, what was negotiated, and what it is shown."""

import asyncio
import base64
import time
from typing import TYPE_CHECKING

from bridges.irc.wire import lines
from tests.fakes.hold import Hold

from .network import Event

if TYPE_CHECKING:  # they know each other
    from .server import FakeIrcNetwork

SERVER = "irc.example"


class Client:
    """One connection."""

    def __init__(self, server: "FakeIrcNetwork", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.nick = ""
        self.account: str | None = None
        self.capabilities: set[str] = set()
        self.registered = False
        self.negotiating = False
        self.has_user = False
        self.modes = ""
        self.mechanism = ""
        self.ended = asyncio.Event()
        self.password = ""
        self._held = False
        self._reader = reader
        self._writer = writer
        self._tokens = float(server.settings.burst)
        self._at = time.monotonic()
        self._label: str | None = None
        self._answers: list[tuple[dict[str, str], str]] | None = None

    async def run(self) -> None:
        """Serve the connection until it ends."""
        while data := await self._reader.readline():
            if self.server.faults.deaf or self._held:
                continue
            self._count()
            if self.server.faults.lag:
                await asyncio.sleep(self.server.faults.lag)
            line = lines.parse(data)
            self.server.lines.append((self.nick, data.decode().rstrip("\r\n")))
            self._label = line.tags.get("label") if "labeled-response" in self.capabilities else None
            self._answers = [] if self._label else None
            self.server.take(self, line)
            self._finish()
            await self._writer.drain()

    def send(self, command: str, *params: str, source: str = SERVER, tags: dict[str, str] | None = None) -> None:
        """Send a line, as an answer to what is being done."""
        text = lines.text(command, *params, source=source)
        if self._answers is not None:
            self._answers.append((tags or {}, text))
        else:
            self._write(tags or {}, text)

    def numeric(self, number: str, *params: str) -> None:
        """Send a numeric."""
        self.send(number, self.nick or "*", *params)

    def hear(self, event: Event) -> None:
        """Show an event; what the client itself did is the answer to its line."""
        if event.command == "TAGMSG" and "message-tags" not in self.capabilities:
            return
        if event.command == "REDACT" and "draft/message-redaction" not in self.capabilities:
            return
        text = lines.text(event.command, event.channel, *event.params, source=event.source)
        if event.by == self.nick and self._answers is not None:
            self._answers.append((self._tags(event), text))
        else:
            self._write(self._tags(event), text)

    def echo(self, event: Event) -> None:
        """Show the client what it said."""
        text = lines.text(event.command, event.channel, *event.params, source=event.source)
        if self._answers is not None:
            self._answers.append((self._tags(event), text))
        else:
            self._write(self._tags(event), text)

    def replay(self, event: Event, batch: str) -> None:
        """Show an event of the past."""
        text = lines.text(event.command, event.channel, *event.params, source=event.source)
        tags = self._tags(event) | {"batch": batch}
        if self._answers is not None:
            self._answers.append((tags, text))
        else:
            self._write(tags, text)

    def hold(self, hold: Hold) -> None:
        """Leave the client without any answer from now on, until it goes."""
        self._held = True
        hold.reach()

    def cut(self) -> None:
        """Drop the connection."""
        self._writer.transport.abort()

    def answer_sasl(self, text: str) -> bool:
        """Tell whether a SASL answer logs in: a password, or a certificate, which is called as its account is."""
        if self.mechanism == "EXTERNAL":
            shown = self._writer.get_extra_info("peercert") or {}
            names = [value for part in shown.get("subject", ()) for _, value in part]
            self.account = next((name for name in names if name in self.server.settings.accounts), None)
            return text == "+" and self.account is not None
        _, account, password = base64.b64decode(text).decode().split("\0")
        if self.server.settings.accounts.get(account) != password:
            return False
        self.account = account
        return True

    def _tags(self, event: Event) -> dict[str, str]:
        needs = {"time": "server-time", "account": "account-tag"}
        return {
            name: text for name, text in event.all_tags.items() if needs.get(name, "message-tags") in self.capabilities
        }

    def _finish(self) -> None:
        """Send what was answered to a labelled line: one line, a batch of several, or that there is nothing."""
        answers, self._answers = self._answers, None
        label = {"label": self._label or ""}
        if answers is None:
            return
        if not answers:
            self._write(label, lines.text("ACK", source=SERVER))
        elif len(answers) == 1:
            self._write(answers[0][0] | label, answers[0][1])
        elif answers[0][1].startswith(f":{SERVER} BATCH +"):
            self._write(answers[0][0] | label, answers[0][1])
            for tags, text in answers[1:]:
                self._write(tags, text)
        else:
            self._write(label, lines.text("BATCH", "+lr", "labeled-response", source=SERVER))
            for tags, text in answers:
                self._write({"batch": "lr"} | tags, text)
            self._write({}, lines.text("BATCH", "-lr", source=SERVER))

    def _write(self, tags: dict[str, str], text: str) -> None:
        if not self._held and not self._writer.is_closing():
            self._writer.write(lines.encode(text, lines.tags_prefix(tags)))

    def _count(self) -> None:
        settings, now = self.server.settings, time.monotonic()
        self._tokens = min(settings.burst, self._tokens + (now - self._at) * settings.per_second) - 1
        self._at = now
        if self._tokens < -0.5:
            self.server.flood_violations += 1
            if settings.kills_floods:
                self.send("ERROR", "Excess Flood")
                self.cut()
