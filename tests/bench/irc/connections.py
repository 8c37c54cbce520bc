"""P7: what a connection without traffic costs, and how fast clients come, beside ngircd."""

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.bench.benchmark import Figure, Setting
from tests.bench.irc.arrivals import Arrivals
from tests.bench.irc.load import cpu_seconds
from tests.bench.irc.plan import Server
from tests.bench.irc.servers import hub_with_irc, ngircd
from tests.bench.memory import resident
from tests.bench.plan import ROOT

_COUNT = 5_000
_SHARING = 50
_SETTLE_SECONDS = 3.0
_IDLE_SECONDS = 10.0
_KIB = 16
_RATE = 500
_QUIET = 0.02


@dataclass(frozen=True, slots=True)
class Found:
    """Clients a second, seconds of a core and KiB for each, its share while all are silent, and how many got lost."""

    rate: float
    work: float
    kib: float
    cpu: float
    lost: int


def measure(setting: Setting) -> list[Figure]:
    """Measure P7. Memory is what the process has in use with everybody there above what it had before."""
    count = _COUNT // 5 if setting.quick else _COUNT
    setting.say(f"{count:,} connections to ngircd")
    with ngircd(setting.folder, count) as bare:
        yardstick = _found(bare, count)
    setting.say(f"{count:,} connections to the hub")
    with hub_with_irc(setting.folder, count) as (_, server):
        found = _found(server, count)
    return [
        Figure(
            "P7",
            f"{count:,} IRC connections without traffic, {_SHARING} in a channel",
            f"<= {_KIB} KiB each, no idle CPU",
            f"{found.kib:.1f} KiB each, {found.cpu:.1%} of a core; {found.lost} lost",
            f"ngircd: {yardstick.kib:.1f} KiB each, {yardstick.cpu:.1%} of a core",
            met=found.kib <= _KIB and found.cpu <= _QUIET and not found.lost,
            detail={"hub": dataclasses.asdict(found), "ngircd": dataclasses.asdict(yardstick)},
        ),
        Figure(
            "P7",
            f"connecting, SASL with a token, and joining, {count:,} clients",
            f">= {_RATE}/s",
            f"{found.rate:,.0f}/s ({found.work * 1000:.2f} ms of a core each)",
            f"ngircd, without logging in: {yardstick.rate:,.0f}/s ({yardstick.work * 1000:.2f} ms)",
            f"{found.rate / yardstick.rate:.2f}",
            found.rate >= _RATE,
        ),
    ]


def _found(server: Server, count: int) -> Found:
    before, work = resident(server.pid), cpu_seconds(server.pid)
    with _clients(Arrivals(server, count, _SHARING)) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the clients have no pipes")
        taken = float(process.stdout.readline())
        work = cpu_seconds(server.pid) - work
        time.sleep(_SETTLE_SECONDS)
        used = cpu_seconds(server.pid)
        time.sleep(_IDLE_SECONDS)
        used = cpu_seconds(server.pid) - used
        grown = resident(server.pid) - before
        process.stdin.write("\n")
        process.stdin.flush()
        left = int(process.stdout.readline())
    return Found(count / taken, work / count, grown * 1024 / count, used / _IDLE_SECONDS, count - left)


@contextmanager
def _clients(arrivals: Arrivals) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.irc.arrivals"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdin is not None:
            process.stdin.write(json.dumps(dataclasses.asdict(arrivals)) + "\n")
            process.stdin.flush()
        yield process
    finally:
        process.terminate()
        process.wait(10)
