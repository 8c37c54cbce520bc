import asyncio
import shutil
import socket
import ssl
import time
from ipaddress import IPv4Network
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bridges.irc.transport.connection import LINGER
from bridges.irc.transport.gate import Gate, GateLimits
from bridges.irc.transport.listener import Endpoint
from bridges.irc.transport.tls import Tls, TlsError
from tests.bridges.irc.server import running_irc_server
from tests.bridges.irc.transport.far_end import (
    HERE,
    Identity,
    Server,
    client_context,
    connect,
    reset,
    send,
    shown_fingerprint,
    until,
)
from tests.waiting import SECONDS

LOOPBACK = (IPv4Network("127.0.0.0/8"),)


@pytest.fixture
def tls(identities: list[Identity]) -> Tls:
    return Tls(identities[0].certificate, identities[0].key)


async def test_tls_carries_lines_both_ways(server: Server, tls: Tls) -> None:
    listener = await server.open(Endpoint(HERE, 0, tls))
    reader, writer = await asyncio.open_connection(HERE, listener.port, ssl=client_context())
    session = await server.session()
    session.connection.write(b"hello\r\n")
    assert await reader.readline() == b"hello\r\n"
    lines = [b"%d" % number for number in range(20_000)]
    writer.write(b"\r\n".join(lines) + b"\r\n")
    await until(lambda: len(session.lines) == len(lines))
    assert session.lines == lines
    assert (session.connection.secure, session.connection.certificate) == (True, None)
    writer.close()


async def test_certificate_of_the_client_is_known_by_its_fingerprint(
    server: Server, tls: Tls, identities: list[Identity]
) -> None:
    assert tls.asks
    client = identities[2]
    listener = await server.open(Endpoint(HERE, 0, tls))
    for number, version in enumerate((ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)):
        context = client_context(client)
        context.maximum_version = version
        reader, writer = await asyncio.open_connection(HERE, listener.port, ssl=context)
        session = await server.session(number)
        session.connection.write(b"hello\r\n")
        assert await reader.readline() == b"hello\r\n"
        assert session.connection.certificate == client.fingerprint
        writer.close()


async def test_old_tls_is_refused(server: Server, tls: Tls) -> None:
    listener = await server.open(Endpoint(HERE, 0, tls))
    context = client_context()
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection(HERE, listener.port, ssl=context)
    assert server.sessions == []


async def test_what_is_no_tls_is_dropped_and_counts_no_more(tls: Tls) -> None:
    async with Server(Gate(GateLimits(per_address=1, loopback_free=False))) as server:
        listener = await server.open(Endpoint(HERE, 0, tls))
        client = await connect(listener.port)
        await send(client, b"NICK a\r\nUSER a 0 * :a\r\n")
        await asyncio.sleep(0.05)
        client.close()
        await until(lambda: server.gate._total == 0)
        _, writer = await asyncio.open_connection(HERE, listener.port, ssl=client_context())
        await server.session()
        writer.close()


async def test_proxy_speaks_before_tls(server: Server, tls: Tls) -> None:
    listener = await server.open(Endpoint(HERE, 0, tls, LOOPBACK))
    client = await connect(listener.port)
    await send(client, b"PROXY TCP4 192.0.2.1 192.0.2.2 4711 6697\r\n")
    _, writer = await asyncio.open_connection(sock=client, ssl=client_context(), server_hostname="")
    writer.write(b"NICK a\r\n")
    session = await server.session()
    await until(lambda: session.lines)
    assert (session.connection.address, session.connection.secure) == ("192.0.2.1", True)
    writer.close()


class BareClient:
    """TLS of which each record is sent and read by hand, so that the socket can be closed at any moment."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = client_context().wrap_bio(self._incoming, self._outgoing)

    async def handshake(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._exchange()
        await send(self.sock, self._outgoing.read())

    async def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            try:
                data += self._tls.read(size - len(data))
            except ssl.SSLWantReadError:
                await self._exchange()
        return data

    async def say_goodbye(self) -> None:
        """Send close_notify, and do not wait for the other's."""
        with pytest.raises(ssl.SSLWantReadError):
            self._tls.unwrap()
        await send(self.sock, self._outgoing.read())

    async def _exchange(self) -> None:
        await send(self.sock, self._outgoing.read())
        async with asyncio.timeout(SECONDS):
            self._incoming.write(await asyncio.get_running_loop().sock_recv(self.sock, 65_536))


async def talked_to(server: Server, tls: Tls) -> BareClient:
    """Return a client that has read one line."""
    listener = await server.open(Endpoint(HERE, 0, tls))
    client = BareClient(await connect(listener.port))
    await client.handshake()
    session = await server.session()
    session.connection.write(b"hello\r\n")
    assert await client.read(7) == b"hello\r\n"
    return client


async def left_unread(server: Server) -> None:
    """Let a second line arrive in the client's kernel."""
    connection = (await server.session()).connection
    connection.write(b"unread\r\n")
    await asyncio.sleep(0.01)
    await until(lambda: connection.unacknowledged() == 0)


@pytest.mark.parametrize("polite", [True, False])
async def test_end_after_reading_everything_is_clean(server: Server, tls: Tls, polite: bool) -> None:
    client = await talked_to(server, tls)
    if polite:
        await client.say_goodbye()
    client.sock.close()
    session = await server.session()
    await until(lambda: session.ends)
    assert session.ends == [True]


@pytest.mark.parametrize("polite", [True, False])
async def test_end_with_unread_data_is_not_clean(server: Server, tls: Tls, polite: bool) -> None:
    client = await talked_to(server, tls)
    await left_unread(server)
    if polite:
        await client.say_goodbye()
        await asyncio.sleep(0.02)
    client.sock.close()
    session = await server.session()
    await until(lambda: session.ends)
    assert session.ends == [False]


async def test_reset_is_not_clean(server: Server, tls: Tls) -> None:
    client = await talked_to(server, tls)
    reset(client.sock)
    session = await server.session()
    await until(lambda: session.ends)
    assert session.ends == [False]


async def test_end_of_an_ordinary_client_is_clean_at_once(server: Server, tls: Tls) -> None:
    listener = await server.open(Endpoint(HERE, 0, tls))
    reader, writer = await asyncio.open_connection(HERE, listener.port, ssl=client_context())
    session = await server.session()
    session.connection.write(b"hello\r\n")
    assert await reader.readline() == b"hello\r\n"
    started = time.monotonic()
    writer.close()
    await until(lambda: session.ends)
    assert session.ends == [True]
    assert time.monotonic() - started < LINGER - 0.5


async def test_close_sends_what_is_queued_and_the_final_words(server: Server, tls: Tls) -> None:
    listener = await server.open(Endpoint(HERE, 0, tls))
    reader, writer = await asyncio.open_connection(HERE, listener.port, ssl=client_context())
    session = await server.session()
    session.connection.write(b"x" * 300_000 + b"\r\n")
    session.connection.close(b"ERROR :bye\r\n")
    assert await reader.read(-1) == b"x" * 300_000 + b"\r\nERROR :bye\r\n"
    writer.close()
    await until(lambda: session.ends)


async def test_slow_reader_is_told_and_its_memory_bounded(server: Server, tls: Tls) -> None:
    listener = await server.open(Endpoint(HERE, 0, tls))
    client = BareClient(await connect(listener.port, receive_buffer=4_096))
    await client.handshake()
    session = await server.session()
    for _ in range(1_000):
        session.connection.write(b"x" * 9_998 + b"\r\n")
        await asyncio.sleep(0)
    assert session.is_slow == 1
    assert session.connection.queued < 1_200_000
    client.sock.close()


class Files:
    """A certificate and a key that are replaced while the server runs."""

    def __init__(self, folder: Path) -> None:
        self.certificate, self.key = folder / "server.crt", folder / "server.key"

    def hold(self, certificate: Identity, key: Identity) -> None:
        shutil.copy(certificate.certificate, self.certificate)
        shutil.copy(key.key, self.key)


@pytest.fixture
def files(tmp_path: Path, identities: list[Identity]) -> Files:
    files = Files(tmp_path)
    files.hold(identities[0], identities[0])
    return files


async def test_a_hub_that_reloads_shows_the_new_certificate(
    tmp_path: Path, files: Files, identities: list[Identity]
) -> None:
    first, second, _ = identities
    async with running_irc_server(tmp_path, tls_port=0, tls_cert=files.certificate, tls_key=files.key) as irc:
        port = urlsplit(irc.hub.irc[1]).port or 0
        assert await shown_fingerprint(port) == first.fingerprint
        files.hold(second, second)
        irc.hub.reload(irc.hub.settings)
        async with asyncio.timeout(SECONDS / 2):  # long before the watch looks by itself
            while await shown_fingerprint(port) != second.fingerprint:  # noqa: ASYNC110 - seen from outside alone
                await asyncio.sleep(0.02)


async def test_new_connections_get_the_new_certificate(
    server: Server, files: Files, identities: list[Identity]
) -> None:
    first, second, _ = identities
    tls = await asyncio.to_thread(Tls, files.certificate, files.key)
    listener = await server.open(Endpoint(HERE, 0, tls))
    reader, writer = await asyncio.open_connection(HERE, listener.port, ssl=client_context())
    assert await shown_fingerprint(listener.port) == first.fingerprint
    files.hold(second, second)
    await tls.renew()
    assert await shown_fingerprint(listener.port) == second.fingerprint
    (await server.session()).connection.write(b"still here\r\n")
    assert await reader.readline() == b"still here\r\n"
    writer.close()


async def test_files_that_do_not_fit_leave_the_old_certificate_in_use(
    server: Server, files: Files, identities: list[Identity], caplog: pytest.LogCaptureFixture
) -> None:
    first, second, _ = identities
    tls = await asyncio.to_thread(Tls, files.certificate, files.key)
    listener = await server.open(Endpoint(HERE, 0, tls))
    files.hold(second, first)
    await tls.renew()
    assert f"the old certificate stays in use: {files.key}: is not the key of {files.certificate}" in caplog.text
    assert await shown_fingerprint(listener.port) == first.fingerprint


async def test_changed_files_are_noticed(
    server: Server, files: Files, identities: list[Identity], caplog: pytest.LogCaptureFixture
) -> None:
    first, second, _ = identities
    tls = await asyncio.to_thread(Tls, files.certificate, files.key)
    listener = await server.open(Endpoint(HERE, 0, tls))
    watching = asyncio.create_task(tls.watch(every=0.02))
    files.key.write_text("nothing")
    await until(lambda: "holds no private key (PEM)" in caplog.text)
    assert await shown_fingerprint(listener.port) == first.fingerprint
    files.hold(second, second)
    async with asyncio.timeout(SECONDS):
        while await shown_fingerprint(listener.port) != second.fingerprint:  # noqa: ASYNC110 - seen from outside alone
            await asyncio.sleep(0.02)
    assert not watching.done()
    watching.cancel()


def test_bad_files_are_named_with_the_rule(files: Files, tmp_path: Path) -> None:
    def refusal() -> str:
        with pytest.raises(TlsError) as raised:
            Tls(files.certificate, files.key)
        return str(raised.value)

    good = files.key.read_text()
    files.key.write_text(good.replace("PRIVATE", "ENCRYPTED PRIVATE"))
    assert refusal() == f"{files.key}: is encrypted, and nobody is there to give its password"
    files.key.write_text(files.certificate.read_text())
    assert refusal() == f"{files.key}: holds no private key (PEM)"
    files.key.write_text("\n".join([f"-----{word} PRIVATE KEY-----" for word in ("BEGIN", "END")]))
    assert refusal().startswith(f"{files.certificate}, {files.key}: refused by OpenSSL: ")
    files.key.unlink()
    assert refusal() == f"{files.key}: cannot be read: No such file or directory"
    files.certificate.write_text(good)
    assert refusal() == f"{files.certificate}: holds no certificate (PEM)"
