"""A small hub on a real socket: a fake hub's answers, real registration, and faults on demand."""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from airchat.call import Reply, Request
from airchat.protocol.signing import Registration, hash_secret
from airchat.testing import FakeHub
from tests.waiting import SECONDS

Fault = Callable[["Handler"], bool]


class StubHub:
    """A fake hub behind HTTP. `faults` are asked first: one that returns True has dealt with the request."""

    def __init__(self) -> None:
        self.fake = FakeHub()
        self.machines: dict[str, str] = {}
        self.hashes: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.registrations = 0
        self.port = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request: Request) -> Reply:
        with self.lock:
            if request.target == "/api/v2/register":
                return self.register(json.loads(request.body or b""))
            if request.target == "/api/v2/join":
                return self.join(json.loads(request.body or b""))
            name = self.hashes.get(hash_secret(request.headers.get("x-agent-api-key", "")))
            if name is None:
                return refused(401, "Invalid API key")
            machine, _, project = name.partition("-")
            known = self.fake.client(project, machine=machine)
            key = known.config.token or ""
            return self.fake.handle(
                Request(request.method, request.target, {**request.headers, "x-agent-api-key": key}, request.body)
            )

    def register(self, body: dict[str, Any]) -> Reply:
        self.registrations += 1
        registration = Registration(**{name: body[name] for name in Registration.__slots__})
        machine = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.machines.get(body["machine_name"], "00" * 32)))
        try:
            machine.verify(base64.b64decode(body["signature"]), registration.signed_bytes()[0])
        except InvalidSignature:
            return refused(403, "Registration failed")
        self.hashes = {key: name for key, name in self.hashes.items() if name != registration.agent_name}
        self.hashes[registration.derived_key_hash] = registration.agent_name
        return Reply(200, {}, json.dumps({"agent_id": "1", "agent_name": registration.agent_name}).encode())

    def join(self, body: dict[str, Any]) -> Reply:
        if self.codes.pop(body["code"], None) is None:
            return refused(403, "The code is unknown, used or expired")
        self.machines[body["machine_name"]] = body["public_key"]
        return Reply(200, {}, json.dumps({"machine_name": body["machine_name"], "registered": True}).encode())


def refused(status: int, text: str, **headers: str) -> Reply:
    return Reply(status, headers, json.dumps({"error": text}).encode())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    stub: ClassVar[StubHub]

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, ValueError):  # the client left, or a fault closed the connection
            self.close_connection = True

    def do(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.stub.seen.append((self.command, self.path, headers))
        for fault in list(self.stub.faults):
            if fault(self):
                return
        self.reply(self.stub.answer(Request(self.command, self.path, headers, body or None)))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do  # noqa: N815 - the library calls them so

    def reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args: object) -> None:
        """Stay silent."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        """Say nothing: broken connections are wanted."""


@contextmanager
def running_stub() -> Iterator[StubHub]:
    stub = StubHub()
    server = Server(("127.0.0.1", 0), type("StubHandler", (Handler,), {"stub": stub}))
    stub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def once(act: Callable[[Handler], object], path: str = "/api/v2/messages", times: int = 1) -> Fault:
    """Make a fault that strikes the first `times` requests to a path."""
    left = [times]

    def fault(handler: Handler) -> bool:
        if not handler.path.startswith(path) or not left[0]:
            return False
        left[0] -= 1
        act(handler)
        return True

    return fault


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
