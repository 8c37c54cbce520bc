"""P12: the hub's memory with very many messages stored, under load with 200 connections."""

import threading
import time
from pathlib import Path

from tests.bench.benchmark import Figure, Setting
from tests.bench.delivery import STREAM
from tests.bench.plan import Plan, run
from tests.bench.send import PATH

_TARGET = 200.0
_SECONDS = 120.0
_SOAK_SECONDS = 3600.0
_RATE = 400.0
_STREAMS = 50
_POSTERS = 150
_FLAT = 0.10


def resident(pid: int) -> float:
    """Return the memory that a process has in use, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


class Watch(threading.Thread):
    """Notes a process's memory once a second until it is told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.seen: list[float] = []

    def run(self) -> None:
        """Watch."""
        while not self._ended.wait(1.0):
            self.seen.append(resident(self._pid))

    def finish(self) -> list[float]:
        """Stop, and return what was seen."""
        self._ended.set()
        self.join()
        return self.seen


def measure(setting: Setting) -> list[Figure]:
    """Measure P12. Memory is flat when it ends at most a tenth above what it was halfway, with the caches filled."""
    size, seconds = setting.library.largest, _SOAK_SECONDS if setting.soak else setting.seconds(_SECONDS)
    hub, stock = setting.library.hub(setting.folder, size)
    with hub:
        setting.say(f"memory over {seconds:.0f} seconds of load")
        plan = Plan(
            hub.url + PATH,
            stock.tokens,
            stock.channels[:10],
            connections=_POSTERS,
            seconds=seconds,
            rate=_RATE,
            streams=_STREAMS,
            stream_url=hub.url + STREAM,
        )
        idle = resident(hub.pid)
        watch = Watch(hub.pid)
        watch.start()
        begin = time.monotonic()
        outcome = run(plan)
        seen = watch.finish()
    warm = seen[len(seen) // 2 :]
    first, last, most = warm[0], warm[-1], max(seen)
    return [
        Figure(
            "P12",
            f"memory of the hub, {size:,} messages, {_POSTERS + _STREAMS} connections, "
            f"{_RATE:,.0f} messages/s for {time.monotonic() - begin:.0f} s",
            f"<= {_TARGET:.0f} MiB, flat",
            f"{idle:.0f} MiB idle, {first:.0f} MiB warm, {last:.0f} MiB at the end, {most:.0f} MiB at most; "
            f"{outcome.errors} errors",
            met=most <= _TARGET and last <= first * (1 + _FLAT),
            detail={"seen": [round(value, 1) for value in seen]},
        )
    ]
