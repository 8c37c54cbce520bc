"""How the irctest suite starts our server: `--controller tests.irctest.controller`.

Runs inside the suite's environment, so it uses the standard library and the suite alone. Every test gets a hub of its
own in an empty folder. The environment names the program: AIRCHAT_IRCTEST_COMMAND, by default `airchat-hub serve`.
"""

import os
import shlex
import shutil
import subprocess
import time
from typing import Any, ClassVar

from irctest import patma
from irctest.basecontrollers import BaseServerController, DirectoryBasedController
from irctest.specifications import Capabilities, OptionalBehaviors

from tests.irctest import claims

REGISTER_SECONDS = 10.0
FITTING = 400
"""How long a password can be to fit into the line in which NickServ is told it."""

ANSWERS = {"NOTICE", "FAIL", "401"}


class HubController(BaseServerController, DirectoryBasedController):  # type: ignore[misc]  # the suite has no types
    """One hub process, with the settings that a test asks for."""

    software_name = "AirChat"
    supported_sasl_mechanisms: ClassVar = set(claims.SASL)
    supports_sts = True
    capabilities = frozenset(Capabilities(name) for name in claims.CAPABILITIES)
    optional_behaviors = frozenset(OptionalBehaviors[name] for name in claims.BEHAVIORS)
    isupport: ClassVar = {name: patma.ANYSTR if value == "*" else value for name, value in claims.ISUPPORT.items()}
    extban_mute_char = claims.MUTE
    sync_sleep_time = 0.0  # PONG follows every earlier effect
    _port_wait_interval = 0.02

    def run(
        self,
        hostname: str,
        port: int,
        *,
        password: str | None = None,
        ssl: bool = False,
        run_services: bool = False,
        faketime: str | None = None,
        websocket_hostname: str | None = None,
        websocket_port: int | None = None,
    ) -> None:
        """Start a hub; the suite calls this before each test."""
        self.hostname, self.port = hostname, port
        self.create_config()
        settings = {
            "HUB__STATE_DIR": self.directory,
            "HUB__DEFAULT_CHANNELS": "[]",
            "HTTP__PORT": 0,
            "LIMITS__READ": 0,
            "LIMITS__WRITE": 0,
            **dict.fromkeys(("LIMITS__LOGIN_PER_IP", "LIMITS__LOGIN_PER_NAME", "LIMITS__ACCOUNTS_PER_IP"), 100_000),
            "SLACK__ENABLED": "false",
            "IRC__ENABLED": "true",
            "IRC__SERVER_NAME": "My.Little.Server",
            "IRC__NETWORK": "IrcTest",
            "IRC__GUESTS": "member",
            "IRC__NICKS": "free",
            "IRC__OPER_NAME": "operuser",
            "IRC__OPER_PASSWORD": "operpassword",
            "IRC__REGISTRATION": self._registration(),
            "MAIL__HOST": "127.0.0.1",  # no test goes as far as to send one
            "MAIL__SENDER": "hub@example.org",
            "IRC__LIMITS": "none",
            **self._address(ssl=ssl),
        }
        if password:
            settings["IRC__PASSWORD"] = password
        if websocket_port:
            settings |= {"IRC__WEBSOCKET_HOST": "127.0.0.1", "IRC__WEBSOCKET_PORT": websocket_port}
        command = shlex.split(os.environ.get("AIRCHAT_IRCTEST_COMMAND", "airchat-hub serve"))
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.directory)}
        if faketime and shutil.which("faketime"):
            command = ["faketime", "-f", faketime, *command]
            environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"  # timers keep real time, stamps do not
            self.faketime_enabled = True
        self._command = command
        self._environment = environment | {f"AIRCHAT_HUB__{name}": str(value) for name, value in settings.items()}
        self._start()

    def restart(self) -> None:
        """Stop and start on the same folder; tests of what is kept call this."""
        self.kill_proc()
        self._start()
        self.wait_for_port()

    def wait_for_services(self) -> None:
        """Accounts are the hub's own: they are there when the port is."""

    def registerUser(self, case: Any, username: str, password: str | None = None) -> None:  # noqa: N802 - suite's name
        """Make an account as a person would, by asking NickServ; who wants a longer password sets it by the program."""
        wanted, password = password or "", (password or "")[:FITTING]
        client = case.addClient(show_io=False)
        case.sendLine(client, f"NICK {username}")
        case.sendLine(client, "USER r e g :user")
        while case.getRegistrationMessage(client).command != "001":
            pass
        case.getMessages(client)
        case.sendLine(client, f"PRIVMSG {self.nickserv} :REGISTER {password}")
        deadline = time.monotonic() + REGISTER_SECONDS
        heard: list[str] = []
        while not ANSWERS & set(heard):
            assert time.monotonic() < deadline, f"no answer to the registration of {username}, but {heard}"
            heard += [message.command for message in case.getMessages(client)]
        assert "NOTICE" in heard, f"{username} was not registered, but told {heard}"
        case.sendLine(client, "QUIT")
        case.assertDisconnected(client)
        if wanted != password:
            command = [*self._command[:-1], "people", "password", username]
            subprocess.run(command, input=wanted, env=self._environment, cwd=self.directory, text=True, check=True)

    def _start(self) -> None:
        self.port_open = False
        self.proc = self.execute(self._command, env=self._environment, cwd=self.directory)

    def _registration(self) -> str:
        if self.test_config.account_registration_requires_email:
            return "email"
        return "before-connect" if self.test_config.account_registration_before_connect else "open"

    def _address(self, *, ssl: bool) -> dict[str, object]:
        if not ssl:
            return {"IRC__HOST": "127.0.0.1", "IRC__PORT": self.port}
        self.gen_ssl()
        return {
            "IRC__HOST": "127.0.0.1",
            "IRC__PORT": 0,
            "IRC__TLS_HOST": "127.0.0.1",
            "IRC__TLS_PORT": self.port,
            "IRC__TLS_CERT": self.pem_path,
            "IRC__TLS_KEY": self.key_path,
        }


def get_irctest_controller_class() -> type[HubController]:
    """Return what the suite makes for each test."""
    return HubController
