"""SASL: what is answered to AUTHENTICATE, by password or by certificate.

https://ircv3.net/specs/extensions/sasl-3.1
"""

import base64
from collections.abc import Iterator

from bridges.irc_network.network import Network

_CHUNK = 400


def mechanism(network: Network) -> str | None:
    """Return how we log in, None when we do not."""
    if network.password:
        return "PLAIN"
    return "EXTERNAL" if network.client_cert is not None and network.tls else None


def answer(network: Network) -> Iterator[str]:
    """Yield the parameters of the AUTHENTICATE lines that answer the server's `+`."""
    if mechanism(network) == "EXTERNAL":
        yield "+"
        return
    plain = "\0".join((network.login, network.login, network.password or ""))
    encoded = base64.b64encode(plain.encode()).decode()
    for start in range(0, len(encoded), _CHUNK):
        yield encoded[start : start + _CHUNK]
    if len(encoded) % _CHUNK == 0:
        yield "+"
