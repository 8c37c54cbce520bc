"""irc-framework, the library under The Lounge and Kiwi IRC, under a program's hands; see irc_framework.js."""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bridges.irc.clients.account import Account
from tests.waiting import until

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


class IrcFramework:
    """One client in a Node.js process. It asks for history and for its own messages back."""

    def __init__(self, folder: Path, account: Account) -> None:
        self.account = account
        self._output = folder / "events"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when the server has taken it in."""
        before = len(self.events("registered"))
        command = ["node", str(HERE / "irc_framework.js"), json.dumps(asdict(self.account))]
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output)
        until(lambda: self.events("registered")[before:], self.told)

    def stop(self) -> None:
        """Kill it: the connection is lost without QUIT."""
        if self._process:
            self._process.kill()
            self._process.wait()
            assert self._process.stdin
            self._process.stdin.close()
            self._process = None

    def join(self, channel: str) -> None:
        """Join, and return when the list of who is there has come."""
        before = len(self._lists(channel))
        self._do("join", channel=channel)
        until(lambda: self._lists(channel)[before:], self.told)

    def say(self, channel: str, text: str) -> None:
        """Say something in a channel, or to a person."""
        self._do("say", target=channel, text=text)

    def raw(self, line: str) -> None:
        """Send a line as it is."""
        self._do("raw", line=line)

    def names(self, channel: str) -> set[str]:
        """Return the nick list of a channel."""
        before = len(self._lists(channel))
        self.raw(f"NAMES {channel}")
        return set(until(lambda: self._lists(channel)[before:], self.told)[-1]["nicks"])

    def lines(self, channel: str) -> list[tuple[str, str]]:
        """Return who said what in a channel, from live messages and their echo."""
        return [
            (event["nick"], event["message"])
            for event in self.events("privmsg")
            if event["target"].lower() == channel.lower() and event["batch"] is None
        ]

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return all events of a name since the first start."""
        text = self._output.read_text(encoding="utf-8") if self._output.exists() else ""
        rows = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return [row for row in rows if row["event"] == name]

    def _lists(self, channel: str) -> list[dict[str, Any]]:
        return [event for event in self.events("userlist") if event["channel"].lower() == channel.lower()]

    def _do(self, what: str, **fields: str) -> None:
        assert self._process
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": what, **fields}).encode() + b"\n")
        self._process.stdin.flush()

    def told(self) -> str:
        """Return what it wrote, for people to read."""
        return self._output.read_text(errors="replace")
