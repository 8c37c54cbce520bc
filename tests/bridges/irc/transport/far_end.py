"""Sessions that note what they are told, and clients that misbehave on purpose."""

import asyncio
import contextlib
import datetime as dt
import hashlib
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bridges.irc.transport.connection import Connection, Limits
from bridges.irc.transport.departures import Departures
from bridges.irc.transport.gate import Gate
from bridges.irc.transport.listener import Endpoint, Listener, listen
from tests.waiting import SECONDS

HERE = "127.0.0.1"


class Session:
    """Notes lines, `None` for one that was too long, and how it ended."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.lines: list[bytes | None] = []
        self.is_slow = 0
        self.ends: list[bool] = []
        self.pause_after: int | None = None

    def line_received(self, data: bytes) -> None:
        assert not self.ends
        self.lines.append(data)
        if self.pause_after is not None and len(self.lines) >= self.pause_after:
            self.connection.pause()

    def line_too_long(self) -> None:
        self.lines.append(None)

    def slow(self) -> None:
        self.is_slow += 1

    def lost(self, clean: bool) -> None:
        self.ends.append(clean)


class Server:
    """Listeners and the sessions they made, oldest first."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.sessions: list[Session] = []
        self.prepare: Callable[[Session], None] = lambda _: None
        self._listeners: list[Listener] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for listener in self._listeners:
            await listener.close()
        for session in self.sessions:
            session.connection.abort()
        await asyncio.sleep(0.01)

    def make_session(self, connection: Connection) -> Session:
        session = Session(connection)
        self.prepare(session)
        self.sessions.append(session)
        return session

    async def open(self, endpoint: Endpoint | None = None, limits: Limits | None = None) -> Listener:
        listener = await listen(
            endpoint or Endpoint(HERE, 0),
            self.make_session,
            gate=self.gate,
            departures=Departures(),
            limits=limits or Limits(),
            refusal=lambda reason: f"ERROR :{reason}\r\n".encode(),
        )
        self._listeners.append(listener)
        return listener

    async def session(self, number: int = 0) -> Session:
        """Return the session of the client that came as the `number`th, as soon as it is there."""
        await until(lambda: len(self.sessions) > number)
        return self.sessions[number]


async def until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Wait for something that happens on another socket."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the other end of a socket sets no event here
            await asyncio.sleep(0.002)


async def connect(port: int, *, receive_buffer: int | None = None) -> socket.socket:
    """Connect a bare socket, which reads nothing by itself."""
    sock = socket.socket()
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(sock, (HERE, port))
    except BaseException:
        sock.close()
        raise
    return sock


async def send(sock: socket.socket, data: bytes) -> None:
    await asyncio.get_running_loop().sock_sendall(sock, data)


async def receive(sock: socket.socket, size: int) -> bytes:
    """Read `size` bytes, fewer when the connection ends before."""
    data = bytearray()
    async with asyncio.timeout(SECONDS):
        while len(data) < size:
            piece = await asyncio.get_running_loop().sock_recv(sock, size - len(data))
            if not piece:
                break
            data += piece
    return bytes(data)


def reset(sock: socket.socket) -> None:
    """Close with RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


@dataclass(frozen=True)
class Identity:
    """A self-signed certificate and its key, in files."""

    name: str
    certificate: Path
    key: Path
    fingerprint: str

    @classmethod
    def made(cls, folder: Path, name: str) -> Self:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HERE))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        paths = folder / f"{name}.crt", folder / f"{name}.key"
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        shown = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
        return cls(name, *paths, shown)


def client_context(identity: Identity | None = None) -> ssl.SSLContext:
    """TLS of a client that takes any server, and may show a certificate of its own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if identity is not None:
        context.load_cert_chain(identity.certificate, identity.key)
    return context


async def shown_fingerprint(port: int) -> str:
    """Connect by TLS, and return the fingerprint of the certificate that the server shows."""
    _, writer = await asyncio.open_connection(HERE, port, ssl=client_context())
    shown = hashlib.sha256(writer.get_extra_info("ssl_object").getpeercert(binary_form=True)).hexdigest()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return shown
