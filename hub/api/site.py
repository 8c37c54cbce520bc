"""What the hub knows of its place on the network: its own address, its clients' addresses, the secrets they present."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

from aiohttp import web

from airchat.protocol.errors import Unauthenticated

MISSING_KEY = "Missing x-agent-api-key header"
KEY_HEADER = "x-agent-api-key"
_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Site:
    """The hub as seen from outside. Only a trusted proxy is believed what it says about its own client."""

    name: str
    public_url: str | None
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]

    def base_url(self, request: web.Request) -> str:
        """Return how clients reach the hub: as configured, else as this request did."""
        return (self.public_url or f"{request.scheme}://{request.host}").rstrip("/")

    def client_address(self, request: web.Request) -> str:
        """Return the peer's address or, behind a trusted proxy, the one that it passed on.

        `CF-Connecting-IP`, else `X-Real-IP`, else the rightmost `X-Forwarded-For`; `unknown` without a peer.
        """
        peer = request.remote or "unknown"
        if not self._is_trusted(peer):
            return peer
        headers = request.headers
        # Some proxies add a line of their own: what stands in lines before it is the client's word.
        forwarded = headers.getall("X-Forwarded-For", [""])[-1].rpartition(",")[2]
        told = headers.get("CF-Connecting-IP") or headers.get("X-Real-IP") or forwarded
        return told.strip() or peer

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        return any(address.version == network.version and address in network for network in self.trusted_proxies)


def presented_secret(request: web.Request) -> str:
    """Return the key or token of a request.

    Raises:
        Unauthenticated: there is none.
    """
    secret = request.headers.get(KEY_HEADER)
    if secret:
        return secret
    authorization = request.headers.get("Authorization", "")
    if authorization[: len(_BEARER)].lower() == _BEARER:
        return authorization[len(_BEARER) :].strip()
    raise Unauthenticated(MISSING_KEY)
