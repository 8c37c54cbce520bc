"""The server's certificate and key, read from two files and read anew while the server runs."""

import asyncio
import contextlib
import logging
import ssl
from pathlib import Path

from bridges.irc.transport import certificates

_Stamp = tuple[tuple[int, int, int], ...]
_log = logging.getLogger(__name__)


class TlsError(Exception):
    """The files cannot serve; the text names the file and the rule."""


class Tls:
    """A certificate chain and its key (PEM files). `context` stays the same object when they change.

    Clients are asked for a certificate of their own (`asks` tells whether that is possible); any is taken.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read the files (blocking).

        Raises:
            TlsError: they cannot be read, or do not fit each other.
        """
        self._certificate = certificate
        self._key = key
        self._seen = self._stamp()
        self._wanted = asyncio.Event()
        self._check()
        self.context = _new_context()
        self._load(self.context)
        self.asks = certificates.ask_for_any(self.context)

    async def watch(self, every: float = 60.0) -> None:
        """Show new connections what the files hold, looking each `every` seconds and when told to, until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await self._wanted.wait()
            self._wanted.clear()
            await self.renew()

    def look(self) -> None:
        """Let the watch look now."""
        self._wanted.set()

    async def renew(self) -> None:
        """Take what the files hold, if they changed; when it cannot serve that is logged, and the old stays in use."""
        try:
            if await asyncio.to_thread(self._has_changed):
                self._load(self.context)  # here, where no handshake can read it half loaded
                _log.info("%s was read anew", self._certificate)
        except TlsError as error:
            _log.error("the old certificate stays in use: %s", error)

    def _has_changed(self) -> bool:
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        self._check()
        return True

    def _stamp(self) -> _Stamp:
        return tuple(_stamp(file) for file in (self._certificate, self._key))

    def _check(self) -> None:
        """Try the files on a context that nobody uses, so that bad ones leave the live one alone."""
        if "-----BEGIN CERTIFICATE-----" not in _text(self._certificate):
            raise TlsError(f"{self._certificate}: holds no certificate (PEM)")
        key = _text(self._key)
        if "PRIVATE KEY-----" not in key:
            raise TlsError(f"{self._key}: holds no private key (PEM)")
        if "ENCRYPTED" in key:
            raise TlsError(f"{self._key}: is encrypted, and nobody is there to give its password")
        self._load(_new_context())

    def _load(self, context: ssl.SSLContext) -> None:
        try:
            context.load_cert_chain(self._certificate, self._key)
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                raise TlsError(f"{self._key}: is not the key of {self._certificate}") from error
            raise TlsError(f"{self._certificate}, {self._key}: refused by OpenSSL: {error.reason or error}") from error
        except OSError as error:
            raise TlsError(f"{self._certificate}, {self._key}: cannot be read: {error.strerror}") from error


def _new_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context


def _stamp(file: Path) -> tuple[int, int, int]:
    """Return what changes when a file does, be it written to or replaced."""
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _text(file: Path) -> str:
    try:
        return file.read_text("latin-1")
    except OSError as error:
        raise TlsError(f"{file}: cannot be read: {error.strerror}") from error
