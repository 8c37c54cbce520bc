"""How a call becomes an exchange with the hub: key, registration, retries. No I/O: a shell sends and waits.

Everything here is a generator of `Attempt`s: the shell waits `delay` seconds, sends the request and puts the reply in,
or throws in the AirChatConnectionError it met. The generator returns the result or raises an AirChatError.
"""

import json
import logging
import secrets
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from airchat import repairs
from airchat.call import Call, Reply, Request
from airchat.config import AirChatConfig
from airchat.errors import RATE_LIMITED, AirChatAuthError, AirChatConnectionError, AirChatError, Refusal
from airchat.identity import KeyStore, new_key, sign
from airchat.protocol.signing import Registration, hash_secret
from airchat.retry import Retries

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to send after `delay` seconds."""

    request: Request
    delay: float = 0.0


class Session:
    """An agent at a hub: its key, and calls made attempts. `patience` is the longest wait of a call, in seconds."""

    def __init__(
        self, config: AirChatConfig, agent_name: str, card: Mapping[str, Any] | None, keys: KeyStore, patience: float
    ) -> None:
        self._config = config
        self._agent_name = agent_name
        self.card = card
        self._keys = keys
        self._patience = patience
        self._key = config.token

    def sign_in(self, refused: str | None) -> Generator[Attempt, Reply, str]:
        """Return a key other than the `refused` one: another task's, another process's, or by registering anew.

        Shells run one `sign_in` at a time.

        Raises:
            AirChatAuthError: the caller uses a token, and that was refused.
        """
        if self._key is None or self._key == refused:
            if self._config.token is not None:
                raise AirChatAuthError(
                    "401: Invalid API key. The token in AIRCHAT_TOKEN is unknown, revoked or expired."
                )
            stored = self._keys.load()
            self._key = stored if stored not in (None, refused) else (yield from self._register())
        return self._key

    def exchange(self, call: Call[T], key: str) -> Generator[Attempt, Reply, T]:
        """Make one call with `key`.

        Raises:
            AirChatAuthError: the hub does not know the key.
        """
        reply = yield from self._send(
            lambda: call.request(key), Refusal.error, repeatable=call.repeatable, tolerates=call.tolerates
        )
        try:
            return call.read(reply)
        except (KeyError, TypeError, AttributeError) as error:
            raise AirChatError(f"The hub's answer to {call.method} {call.path} has an unknown form.") from error

    def _register(self) -> Generator[Attempt, Reply, str]:
        key = new_key()
        yield from self._send(lambda: self._registration(key), self._refused)
        self._keys.save(key)
        return key

    def _refused(self, refusal: Refusal) -> AirChatError:
        error = refusal.registration_error()
        config = self._config
        error.repair = repairs.registration(
            refusal.status, refusal.text, url=config.web_url, machine=config.machine_name, agent=self._agent_name
        )
        return error

    def _registration(self, key: str) -> Request:
        """Return a registration request, fresh each time: the hub takes a nonce once."""
        registration = Registration(
            machine_name=self._config.machine_name,
            agent_name=self._agent_name,
            derived_key_hash=hash_secret(key),
            timestamp=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            nonce=secrets.token_hex(16),
        )
        body = {**asdict(registration), "signature": sign(self._config.private_key_hex, registration)}
        if self.card:
            body["card"] = dict(self.card)
        headers = {"content-type": "application/json", "accept": "*/*"}
        return Request("POST", "/api/v2/register", headers, json.dumps(body).encode())

    def _send(
        self,
        build: Callable[[], Request],
        fail: Callable[[Refusal], AirChatError],
        *,
        repeatable: bool = True,
        tolerates: frozenset[int] = frozenset(),
    ) -> Generator[Attempt, Reply, Reply]:
        retries = Retries(self._patience, repeatable=repeatable)
        delay = 0.0
        while True:
            try:
                request = build()
                reply = yield Attempt(request, delay)
            except AirChatConnectionError as error:
                delay = retries.delay_after(error)
            else:
                if reply.ok or reply.status in tolerates:
                    return reply
                refusal = reply.refusal()
                delay = retries.delay_after(fail(refusal))
                if refusal.status == RATE_LIMITED:
                    _log.info("%s %s waits %.0f s for the hub's limits", request.method, request.target, delay)
