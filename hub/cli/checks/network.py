"""Checks of where the hub listens, who can reach it there, and of the server that sends its mail."""

import socket
from http.client import HTTPConnection, HTTPException

from hub.cli.checks.finding import Finding
from hub.ports import irc_places
from hub.settings import Settings

TIMEOUT_SECONDS = 3.0

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_STOP = "stop the program that has the port, or set another"
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a hub that listens everywhere is reached


def http(settings: Settings) -> Finding:
    """Check that the API can be served, or is."""
    if not settings.http.enabled:
        return Finding("http", "ok", "switched off")
    host, port = settings.http.host, settings.http.port
    where = f"{host}:{port}"
    refused = _refusal(host, port)
    if refused is None:
        return Finding("http", "ok", f"{where} is free; no hub runs there")
    if _hub_runs(settings):
        return Finding("http", "ok", f"a hub answers at {where}")
    return Finding("http", "broken", refused, f"{_STOP} http.host or http.port")


def irc(settings: Settings) -> Finding:
    """Check that IRC can be served, or is."""
    section = settings.irc
    if not section.enabled:
        return Finding("irc", "ok", "switched off")
    missing = [str(file) for file in (section.tls_cert, section.tls_key) if file is not None and not file.is_file()]
    if missing:
        fix = "correct irc.tls_cert and irc.tls_key, or leave both out"
        return Finding("irc", "broken", f"{' and '.join(missing)} cannot be read", fix)
    places = irc_places(settings)
    where = " and ".join(f"{host}:{port}" for host, port, _ in places)
    refused = {setting: text for host, port, setting in places if (text := _refusal(host, port))}
    if not refused:
        return Finding("irc", "ok", f"{where} {'are' if len(places) > 1 else 'is'} free; no hub runs there")
    if _hub_runs(settings):
        return Finding("irc", "ok", f"the hub that runs has {where}")
    keys = " or ".join(f"{setting.removesuffix('port')}host or {setting}" for setting in refused)
    return Finding("irc", "broken", "; ".join(refused.values()), f"{_STOP} {keys}")


def exposure(settings: Settings) -> Finding:
    """Check that nothing secret is sent in the clear."""
    if settings.irc.enabled and settings.irc.host not in _HERE:
        text = "IRC clients from other machines send their passwords in the clear"
        return Finding("exposure", "warning", text, "set irc.host to 127.0.0.1, and irc.tls_host with a certificate")
    if settings.http.host in _HERE:
        return Finding("exposure", "ok", "only this machine can reach the hub")
    if settings.hub.public_url and settings.hub.public_url.startswith("https://"):
        return Finding("exposure", "ok", f"reached as {settings.hub.public_url}")
    text = "the hub listens beyond this machine without TLS"
    return Finding("exposure", "warning", text, "put a TLS proxy or a private network in front, and set hub.public_url")


def mail(settings: Settings) -> Finding:
    """Check that the mail server lets the hub in."""
    section = settings.mail
    if section.host is None:
        return Finding("mail", "ok", "not set up")
    from hub.mail import problem  # noqa: PLC0415 - for hubs that send mail

    where, wrong = f"{section.host}:{section.port}", problem(section, TIMEOUT_SECONDS)
    if wrong is None:
        return Finding("mail", "ok", f"{where} lets the hub in")
    return Finding("mail", "broken", f"no mail can be sent by {where}: {wrong}", "check the settings of [mail]")


def _refusal(host: str, port: int) -> str | None:
    """Return why the hub cannot listen there, if it cannot."""
    try:
        with socket.create_server((host, port), family=_family(host)):
            return None
    except OSError as error:
        return f"the hub cannot listen on {host}:{port}: {error.strerror}"


def _hub_runs(settings: Settings) -> bool:
    host = settings.http.host
    return settings.http.enabled and _hub_answers(_EVERYWHERE.get(host, host), settings.http.port)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _hub_answers(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read(100) == b'{"status":"ok"}'
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
