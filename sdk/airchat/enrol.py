"""Enrolling this machine at a hub with a one-use code: `airchat join CODE@HOST`."""

import contextlib
import json
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from airchat.call import Request
from airchat.config import MACHINE_NAME, WEB_URL, check_url, read_config, write_config
from airchat.errors import AirChatConfigError
from airchat.identity import create_machine_key, default_home, public_key
from airchat.protocol.names import MACHINE_RULE, is_machine_name, sanitize
from airchat.transport import HttpTransport

DEFAULT_PORT = 3003
_TARGET = re.compile(r"(?P<code>[A-Za-z0-9-]+)@(?P<where>\S+)")
_PORT = re.compile(r":\d+$")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An enrolled machine: its name, its hub, and where that was written."""

    machine_name: str
    web_url: str
    config_path: Path


def parse_target(text: str) -> tuple[str, str]:
    """Return code and hub URL of `CODE@host`, `CODE@host:port` or `CODE@https://host`; the port defaults to 3003.

    Raises:
        AirChatConfigError: the text has another form.
    """
    match = _TARGET.fullmatch(text.strip())
    if match is None:
        raise AirChatConfigError(f"{text!r} must look like CODE@HOST, CODE@HOST:PORT or CODE@https://HOST")
    where = match["where"]
    if "://" not in where:
        where = f"http://{where}" if _PORT.search(where) else f"http://{where}:{DEFAULT_PORT}"
    return match["code"].upper(), check_url(where)


def join(
    code: str, web_url: str, *, machine_name: str | None = None, home: Path | None = None, replace: bool = False
) -> Enrolment:
    """Enrol this machine: make its key pair unless it has one, spend the code, write the configuration.

    Args:
        code: a one-use code from `airchat-hub machines invite`.
        web_url: where the hub is.
        machine_name: the machine's name, by default its host name.
        home: the folder of key and configuration, by default `~/.airchat`.
        replace: whether to leave a hub that is configured already.

    Raises:
        AirChatConfigError: the name cannot be used, or another hub is configured.
        AirChatError: the hub refused: the code is unknown, used or expired, or the name is taken.
    """
    home = home or default_home()
    configured = read_config(home / "config")
    if not replace and configured.get(WEB_URL) not in (None, web_url):
        raise AirChatConfigError(
            f"This machine belongs to the hub at {configured[WEB_URL]}. Add --replace to leave it."
        )
    name = machine_name or configured.get(MACHINE_NAME) or sanitize(socket.gethostname().partition(".")[0])
    if not is_machine_name(name):
        raise AirChatConfigError(f"{name!r} cannot be a machine's name ({MACHINE_RULE}). Choose one with --name.")
    body = {"code": code, "machine_name": name, "public_key": public_key(create_machine_key(home))}
    request = Request("POST", "/api/v2/join", {"content-type": "application/json"}, json.dumps(body).encode())
    with contextlib.closing(HttpTransport(web_url)) as transport:
        reply = transport.send(request)
    if not reply.ok:
        raise reply.refusal().error()
    name = str(reply.data()["machine_name"])
    return Enrolment(name, web_url, write_config(home, {WEB_URL: web_url, MACHINE_NAME: name}))
