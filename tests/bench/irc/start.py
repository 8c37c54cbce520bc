"""P11 on IRC: how long it takes in an empty directory until IRC clients can connect."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.benchmark import Figure, Setting
from tests.bench.irc.servers import irc_hub, listens
from tests.hub_process import SCRIPTS
from tests.waiting import SECONDS

_ROUNDS = 5
_SECONDS = 0.5
_BARE = "import asyncio, sqlite3, ssl"


def measure(setting: Setting) -> list[Figure]:
    """Measure P11 on IRC."""
    seconds, bare = [], []
    setting.say("starting an IRC server")
    for _ in range(_ROUNDS):
        with tempfile.TemporaryDirectory(dir=setting.folder) as folder:
            seconds.append(_started(Path(folder)))
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", _BARE], check=True)
        bare.append(time.perf_counter() - begin)
    return [
        Figure(
            "P11",
            "start of a hub that serves IRC alone, in an empty directory, until it listens",
            f"<= {_SECONDS} s",
            f"{median(seconds):.2f} s",
            f"`{_BARE}` alone: {median(bare):.2f} s",
            met=median(seconds) <= _SECONDS,
            detail={"seconds": seconds, "imports": bare},
        )
    ]


def _started(folder: Path) -> float:
    hub, port = irc_hub(folder, {"HTTP__ENABLED": "false"})
    begin = time.perf_counter()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([SCRIPTS / "airchat-hub", "serve"], env=hub.env, stdout=log, stderr=log)
    try:
        while not listens(port):
            if process.poll() is not None or time.perf_counter() - begin > SECONDS:
                raise RuntimeError((folder / "log").read_text(encoding="utf-8", errors="replace"))
            time.sleep(0.005)
        return time.perf_counter() - begin
    finally:
        process.terminate()
        process.wait(SECONDS)
