"""P10: how long a message takes from one hub to a subscriber of another one, over one Postgres."""

from tests.bench.benchmark import Figure, Setting
from tests.bench.delivery import STREAM
from tests.bench.plan import Plan, run
from tests.bench.send import PATH, hub_with_people
from tests.hub_process import HubProcess
from tests.postgres import Cluster, find_postgres

_RATE = 500.0
_SECONDS = 12.0
_P99 = 0.050
_WORK = f"two hubs on one Postgres, {_RATE:,.0f} messages/s: sent to one, received by a subscriber of the other"


def measure(setting: Setting) -> list[Figure]:
    """Measure P10, where there is a Postgres server."""
    if find_postgres() is None:
        return [Figure("P10", _WORK, f"p99 <= {_P99 * 1000:.0f} ms", "no Postgres server here")]
    other_folder = setting.folder / "other"
    other_folder.mkdir()
    with Cluster.started() as cluster, cluster.database() as url:
        store = {"STORE__URL": url}
        with hub_with_people(setting.folder, store) as (hub, stock), HubProcess(other_folder, store) as other:
            outcome = run(
                Plan(
                    hub.url + PATH,
                    stock.tokens,
                    stock.channels[:10],
                    seconds=setting.seconds(_SECONDS),
                    warmup=2.0,
                    rate=_RATE,
                    streams=1,
                    stream_url=other.url + STREAM,
                )
            )
    delivery = outcome.delivery
    if delivery is None:
        raise RuntimeError("nothing was delivered")
    return [
        Figure(
            "P10",
            _WORK,
            f"p99 <= {_P99 * 1000:.0f} ms",
            f"p50 {delivery['p50'] * 1000:.1f} ms, p99 {delivery['p99'] * 1000:.1f} ms; "
            f"{outcome.errors} errors, {outcome.missing} missing",
            f"the first hub's answer: p99 {outcome.latency['p99'] * 1000:.1f} ms",
            met=delivery["p99"] <= _P99 and not outcome.errors and not outcome.missing,
            detail={"delivery": delivery, "latency": outcome.latency, "rate": outcome.rate},
        )
    ]
