"""WeeChat without a screen, under a program's hands: https://weechat.org."""

import os
import re
import subprocess
from pathlib import Path

from tests.bridges.irc.clients.account import Account
from tests.waiting import until

OPTIONS = """\
/set logger.file.flush_delay 0
/set logger.level.irc 9
/set irc.look.smart_filter off
/server add hub {host}/{port} -nossl
/set irc.server.hub.nicks {nick}
/set irc.server.hub.username {nick}
/set irc.server.hub.capabilities *
/set irc.server.hub.autoreconnect_delay 2
/set irc.server.hub.anti_flood_prio_high 0
/set irc.server.hub.anti_flood_prio_low 0
"""
SASL = """\
/set irc.server.hub.sasl_mechanism plain
/set irc.server.hub.sasl_username {account}
/set irc.server.hub.sasl_password {password}
"""
PASS = "/set irc.server.hub.password {password}\n"
LINE = re.compile(r"^[-\d]+ [:\d]+\t([^\t]*)\t(.*)$")
NICKS = re.compile(r"^Nicks \S+: \[(.*)\]$")
WELCOMED = re.compile(r"MOTD|message of the day", re.IGNORECASE)
MARKS = "@+%&~"


class WeeChat:
    """One WeeChat with a home of its own; it connects when it starts, and again when the connection is lost."""

    def __init__(self, folder: Path, account: Account) -> None:
        self.account = account
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when the server has taken it in."""
        asked = self.account
        text = OPTIONS + (SASL if asked.account else PASS) + "/connect hub"
        values = {name: getattr(asked, name) for name in ("host", "port", "nick", "account", "password")}
        commands = [word for line in text.format(**values).splitlines() for word in ("-r", line)]
        before = len(self._log("server.hub"))
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                ["weechat-headless", "-d", str(self._folder), *commands],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"HOME": str(self._folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            )
        until(lambda: any(WELCOMED.search(text) for _, text in self._log("server.hub")[before:]), self.told)

    def stop(self) -> None:
        """Kill it: the connection is lost without QUIT."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def join(self, channel: str) -> None:
        """Join, and return when the list of who is there has come."""
        before = len(self._log(channel))
        self.command(f"/join {channel}")
        counted = f"Channel {channel}: "
        until(lambda: any(text.startswith(counted) for _, text in self._log(channel)[before:]), self.told)

    def say(self, channel: str, text: str) -> None:
        """Say something in a channel, or to a person."""
        self.command(f"/msg {channel} {text}")

    def names(self, channel: str) -> set[str]:
        """Return the nick list of a channel."""
        before = len(self._log(channel))
        self.command(f"/names {channel}")

        def listed() -> set[str]:
            found = [match for _, text in self._log(channel)[before:] if (match := NICKS.match(text))]
            return {name.lstrip(MARKS) for name in found[-1][1].split()} if found else set()

        return until(listed, self.told)

    def lines(self, channel: str) -> list[tuple[str, str]]:
        """Return who said what in a channel, as WeeChat logged it."""
        return [
            (nick.lstrip(MARKS), text) for nick, text in self._log(channel) if nick and nick not in {"--", "-->", "<--"}
        ]

    def command(self, line: str) -> None:
        """Give a command in the server's buffer."""
        assert self._process
        fifo = self._folder / f"weechat_fifo_{self._process.pid}"
        until(fifo.exists, self.told)
        fifo.write_text(f"irc.server.hub *{line}\n", encoding="utf-8")

    def _log(self, buffer: str) -> list[tuple[str, str]]:
        name = f"irc.{buffer if buffer.startswith('server.') else f'hub.{buffer}'}.weechatlog"
        file = self._folder / "logs" / name
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        return [match.groups() for line in text.splitlines() if (match := LINE.match(line))]  # type: ignore[misc]

    def told(self) -> str:
        """Return what it wrote, for people to read."""
        texts = [f"{file.name}:\n{file.read_text(errors='replace')}" for file in (self._folder / "logs").glob("*")]
        return "\n".join([*texts, (self._folder / "output").read_text(errors="replace")])
