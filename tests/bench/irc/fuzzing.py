"""P15: atheris looks for bytes that break the reading of IRC lines, or the sessions of clients."""

import re
import subprocess
import sys

from tests.bench.benchmark import Figure, Setting
from tests.bench.plan import ROOT

_SECONDS = 60.0
_RUNS = re.compile(r"^Done (\d+) runs", re.MULTILINE)
_MEMORY = re.compile(r"rss: (\d+)Mb")
_WORK = {"tests.bridges.irc.wire.fuzz": "IRC lines", "tests.bridges.irc.fuzz": "IRC sessions"}


def measure(setting: Setting) -> list[Figure]:
    """Measure P15."""
    return [_fuzzed(setting, module, what) for module, what in _WORK.items()]


def _fuzzed(setting: Setting, module: str, what: str) -> Figure:
    setting.say(f"fuzzing {what}")
    seconds = round(setting.seconds(_SECONDS))
    command = [sys.executable, "-m", module, f"-max_total_time={seconds}", f"-artifact_prefix={setting.folder}/"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    runs, memory = _RUNS.search(done.stderr), [int(size) for size in _MEMORY.findall(done.stderr)]
    count = int(runs[1]) if runs is not None and done.returncode == 0 else None
    survived = count is not None
    return Figure(
        "P15",
        f"fuzzing {what} with atheris, {seconds} s",
        "nothing fails",
        f"{count:,} inputs, memory {min(memory)}-{max(memory)} MiB" if survived else "an input breaks it",
        met=survived,
        detail={} if survived else {"output": done.stderr[-4000:]},
    )
