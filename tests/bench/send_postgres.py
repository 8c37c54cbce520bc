"""P2: as P1, on Postgres."""

from tests.bench import yardstick
from tests.bench.benchmark import Figure, Setting
from tests.bench.send import compare, figure, hub_with_people
from tests.postgres import Cluster, find_postgres

_SECONDS = 3.0
_TARGET = 0.20
_WORK = "the same on Postgres"


def measure(setting: Setting) -> list[Figure]:
    """Measure P2, where there is a Postgres server."""
    if find_postgres() is None:
        return [Figure("P2", _WORK, f">= {_TARGET:.2f} of the yardstick", "no Postgres server here")]
    with (
        Cluster.started() as cluster,
        cluster.database() as url,
        yardstick.serving() as bare,
        hub_with_people(setting.folder, {"STORE__URL": url}) as (hub, stock),
    ):
        comparison = compare(hub, stock, bare, setting.seconds(_SECONDS))
    return [figure("P2", _WORK, _TARGET, comparison)]
