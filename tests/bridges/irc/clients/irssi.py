"""irssi under a program's hands: https://irssi.org."""

import re
from pathlib import Path

from tests.bridges.irc.clients.account import Account
from tests.terminal import Terminal
from tests.waiting import until

CONFIG = """\
servers = ({{ address = "{host}"; port = "{port}"; chatnet = "hub"; password = "{password}"; autoconnect = "yes"; }});
chatnets = {{ hub = {{ type = "IRC"; {sasl} }}; }};
settings = {{
  core = {{ nick = "{nick}"; user_name = "{nick}"; real_name = "{nick}"; log_timestamp = "%H:%M "; }};
  "irc/core" = {{ cmds_max_at_once = "100"; }};
  "fe-common/core" = {{
    autolog = "yes"; autolog_path = "{folder}/logs/$0.log"; autolog_level = "ALL";
  }};
}};
"""
SASL = 'sasl_mechanism = "PLAIN"; sasl_username = "{account}"; sasl_password = "{password}";'
WELCOMED = re.compile(r"MOTD|message of the day", re.IGNORECASE)
NAME = re.compile(r"\[[ @+%&~](\S+?)\s*\]")
SPOKEN = re.compile(r"^\d\d:\d\d <[ @+%&~]?([^>]+)> (.*)$")


class Irssi:
    """One irssi with a home of its own; it connects when it starts, and again when the connection is lost."""

    def __init__(self, folder: Path, account: Account) -> None:
        self.account = account
        self._folder = folder
        self._terminal = Terminal(folder)

    def start(self) -> None:
        """Start, and return when the server has taken it in."""
        (self._folder / "logs").mkdir(exist_ok=True)
        asked = self.account
        sasl = SASL.format(account=asked.account, password=asked.password) if asked.account else ""
        text = CONFIG.format(
            host=asked.host,
            port=asked.port,
            nick=asked.nick,
            password="" if sasl else asked.password,
            sasl=sasl,
            folder=self._folder,
        )
        (self._folder / "config").write_text(text, encoding="utf-8")
        self._terminal.start(["irssi", f"--home={self._folder}", "--config", str(self._folder / "config")])
        until(lambda: WELCOMED.search(self.told()), self.told)

    def stop(self) -> None:
        """Kill it: the connection is lost without QUIT."""
        self._terminal.stop()

    def join(self, channel: str) -> None:
        """Join, and return when the channel's window shows who is there."""
        self._terminal.type(f"/join {channel}")
        until(lambda: f"{channel}: Total of" in self.told(), self.told)

    def say(self, channel: str, text: str) -> None:
        """Say something in a channel, or to a person."""
        self._terminal.type(f"/msg {channel} {text}")

    def names(self, channel: str) -> set[str]:
        """Return the nick list of a channel, as irssi keeps it."""
        self._terminal.type(f"/window goto {channel}")
        self._terminal.type("/clear")
        self._terminal.type(f"/names {channel}")
        end = f"{channel}: Total of"
        until(lambda: end in self.told(), self.told)
        listed = self.told().partition(f"[Users {channel}]")[2].partition(end)[0]
        return set(NAME.findall(listed))

    def lines(self, channel: str) -> list[tuple[str, str]]:
        """Return who said what in a channel, as irssi logged it."""
        log = self._folder / "logs" / f"{channel}.log"
        text = log.read_text(encoding="utf-8") if log.exists() else ""
        return [match.groups() for line in text.splitlines() if (match := SPOKEN.match(line))]  # type: ignore[misc]

    def told(self) -> str:
        """Return what irssi shows."""
        return self._terminal.screen()
