"""Metrics: figures about the running hub in Prometheus' text format, at /metrics.

Labels are platforms, states and kinds, of which there are few; never links, channels or people.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from airchat.protocol.events import Event, EventKind
from airchat.protocol.timestamps import SECOND
from hub.api.cases import UseCases
from hub.api.site import presented_secret
from hub.core.addresses import is_loopback
from hub.core.clock import Clock
from hub.core.permissions import Action, require
from hub.relay.counters import Counters
from store.ports.queues import Backlog
from store.ports.relay import BridgeState, Link
from store.ports.store import Store

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP")
_HELD_AT_MOST = 1_000


@dataclass(slots=True)
class Metrics:
    """What is measured. Admins may ask; with `loopback`, so may whoever asks from this machine, not through a proxy.

    `connections` tells how many clients of the IRC server there are.
    """

    store: Store
    cases: UseCases
    clock: Clock
    counters: Counters
    connections: Callable[[], int]
    loopback: bool = False
    _events: Counter[EventKind] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        self.cases.bus.add_listener(self._count)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer whoever may ask.

        Raises:
            Unauthenticated: there is no token, or a wrong one.
            Forbidden: it is not an admin's.
        """
        if not (self.loopback and _is_near(request)):
            caller = await self.cases.credentials.authenticate(presented_secret(request))
            require(caller.principal, Action.READ_AUDIT)
        body = generate_latest(await self._registry())
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _count(self, events: Sequence[Event]) -> None:
        self._events.update(event.kind for event in events)

    async def _registry(self) -> CollectorRegistry:
        async with self.store.read() as unit:
            states, links = await unit.relay.states(), await unit.relay.links()
            backlogs, held = await unit.queues.backlogs(), await unit.inbox.held(_HELD_AT_MOST)
        found = [
            *_bridges(states),
            *_lanes(links, backlogs, self.clock()),
            *self._relay({state.platform for state in states}),
            _gauge("airchat_streams", "Clients that follow the log over HTTP", self.cases.streams.count),
            _gauge("airchat_irc_connections", "Connections to the IRC server", self.connections()),
            _gauge("airchat_store_waiting_writes", "Writes that wait for their turn", self.store.waiting),
            _gauge("airchat_inbox_held", f"Wakes held back by guards, {_HELD_AT_MOST} at most", len(held)),
            self._log(),
        ]
        registry = CollectorRegistry()
        registry.register(_Found(found))
        return registry

    def _relay(self, platforms: Iterable[str]) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "airchat_relay", "What the bridges did since the start", labels=["platform", "what"]
        )
        for platform in sorted(platforms):
            for what, count in self.counters.of(platform).items():
                family.add_metric([platform, what], count)
        yield family

    def _log(self) -> Metric:
        help_ = "Events of the log since the start; inbox_queued ones are wakes"
        family = CounterMetricFamily("airchat_events", help_, labels=["kind"])
        for kind, count in sorted(self._events.items()):
            family.add_metric([kind.value], count)
        return family


class _Found(Collector):
    def __init__(self, found: Sequence[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        return self._found


def _bridges(states: Iterable[BridgeState]) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "airchat_bridge_state", "1 for the state that a bridge is in", labels=["platform", "state"]
    )
    for state in states:
        family.add_metric([state.platform, state.state], 1)
    yield family


def _lanes(links: Iterable[Link], backlogs: Iterable[Backlog], now: int) -> Iterator[Metric]:
    """Yield what waits over all links of a platform, what was put aside, and the age of what waits longest."""
    platforms = {link.id: link.platform for link in links}
    waiting: Counter[tuple[str, str]] = Counter(
        {(it, way): 0 for it in platforms.values() for way in ("in", "out", "dead")}
    )
    oldest: dict[str, int] = dict.fromkeys(platforms.values(), now)
    for backlog in backlogs:
        platform = platforms.get(backlog.link_id)
        if platform is None:
            continue
        for way, count in (("in", backlog.received), ("out", backlog.outgoing), ("dead", backlog.dead)):
            waiting[platform, way] += count
        oldest[platform] = min(oldest[platform], backlog.oldest or now)
    depth = GaugeMetricFamily(
        "airchat_lane_depth", "What waits on the way in and out, and what was put aside", labels=["platform", "way"]
    )
    for labels, count in sorted(waiting.items()):
        depth.add_metric(labels, count)
    age = GaugeMetricFamily("airchat_lane_oldest_seconds", "For how long the oldest has waited", labels=["platform"])
    for platform, at in sorted(oldest.items()):
        age.add_metric([platform], (now - at) / SECOND)
    yield from (depth, age)


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_, value=value)


def _is_near(request: web.Request) -> bool:
    """Tell whether the request comes from this machine, and was not passed on by a proxy on it."""
    return is_loopback(request.remote or "") and not any(name in request.headers for name in _FORWARDED)
