"""P3: how long a message takes from its sender to the last of 100 subscribers, at 1,000 messages a second."""

from tests.bench.benchmark import Figure, Setting
from tests.bench.plan import Plan, run
from tests.bench.send import PATH, hub_with_people
from tests.hub_process import free_port

STREAM = "/api/v2/stream?kind=message.created"
_RATE = 1_000.0
_STREAMS = 50
_IRC = 50
_SECONDS = 15.0
_P50, _P99 = 0.005, 0.025


def measure(setting: Setting) -> list[Figure]:
    """Measure P3."""
    port = free_port()
    settings = {"IRC__PORT": str(port), "IRC__LIMITS": "none"}
    with hub_with_people(setting.folder, settings) as (hub, stock):
        outcome = run(
            Plan(
                hub.url + PATH,
                stock.tokens,
                stock.channels[:10],
                seconds=setting.seconds(_SECONDS),
                warmup=2.0,
                rate=_RATE,
                streams=_STREAMS,
                stream_url=hub.url + STREAM,
                irc=_IRC,
                irc_port=port,
            )
        )
    delivery = outcome.delivery
    if delivery is None:
        raise RuntimeError("nothing was delivered")
    p50, p99 = delivery["p50"], delivery["p99"]
    sent = outcome.latency
    return [
        Figure(
            "P3",
            f"open loop, {_RATE:,.0f} messages/s, {_STREAMS} stream and {_IRC} IRC subscribers: sent to the last one",
            f"p50 <= {_P50 * 1000:.0f} ms, p99 <= {_P99 * 1000:.0f} ms",
            f"p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms; {outcome.errors} errors, {outcome.missing} missing",
            f"its answer alone: p50 {sent['p50'] * 1000:.1f} ms, p99 {sent['p99'] * 1000:.1f} ms",
            met=p50 <= _P50 and p99 <= _P99 and not outcome.errors and not outcome.missing,
            detail={"delivery": delivery, "latency": sent, "rate": outcome.rate, "generator_cpu": outcome.cpu},
        )
    ]
