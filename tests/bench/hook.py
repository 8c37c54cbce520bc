"""P13: what the hooks add to every prompt and to every edit, as whole processes."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from airchat.client import AirChatClient
from airchat.config import AirChatConfig
from airchat.enrol import join
from airchat.identity import load_private_key
from hooks import copy
from hooks.agent import Agent
from tests.bench.benchmark import Figure, Setting
from tests.bench.start import timed
from tests.hub_process import SCRIPTS, UNLIMITED, HubProcess

_ROUNDS = 40
_YARDSTICK = [sys.executable, "-c", "import http.client"]
_WITHIN, _CALL, _DECISION = 1.5, 3.0, 0.05


def measure(setting: Setting) -> list[Figure]:
    """Measure P13."""
    setting.say("running the prompt hook")
    with HubProcess(setting.folder, UNLIMITED) as hub:
        env = _desk(setting.folder, hub)
        folder = Path(env["CLAUDE_PROJECT_DIR"])
        hook = [str(SCRIPTS / "airchat-hook"), "prompt"]

        def run(command: list[str], told: bytes = b"", **more: str) -> float:
            return timed(
                lambda: subprocess.run(
                    command, env=env | more, cwd=folder, check=True, input=told, stdout=subprocess.DEVNULL
                )
            )

        run(hook)
        known = _copy(folder)
        seconds: dict[str, list[float]] = {"bare": [], "within": [], "call": [], "guard": []}
        for _ in range(10 if setting.quick else _ROUNDS):
            edit = _reserve(known, folder)
            seconds["bare"].append(run(_YARDSTICK))
            seconds["call"].append(run(hook, AIRCHAT_HOOK_COOLDOWN="0"))
            seconds["guard"].append(run([hook[0], "guard"], edit))
            os.utime(known, (1, 1))  # as at most prompts, there is something to start in the background
            seconds["within"].append(run(hook))
            _wait_for_another(known)
    return [
        _figure("prompt hook within its cooldown, whole process", seconds, "within", _WITHIN),
        _figure("prompt hook with a call to the hub and three mentions to tell", seconds, "call", _CALL),
        _guard(seconds),
    ]


def _desk(folder: Path, hub: HubProcess) -> dict[str, str]:
    """Enrol a machine, let another agent mention its agent; returns the environment of the hook."""
    for machine in ("laptop", "far"):
        home = folder / machine / ".airchat"
        join(hub.invite(machine), hub.url, machine_name=machine, home=home)
        config = AirChatConfig(hub.url, machine, load_private_key(home / "machine.key"), home=home)
        with AirChatClient(config, project="shop") as client:
            client.whoami()
            for number in range(3 if machine == "far" else 0):
                client.send_message("general", f"@laptop-shop can you look at number {number}?")
    project = folder / "laptop" / "shop"
    project.mkdir()
    return {"HOME": str(folder / "laptop"), "PATH": "/usr/bin:/bin", "CLAUDE_PROJECT_DIR": str(project)}


def _copy(folder: Path) -> Path:
    """Return the file in which the reservations of the project are kept."""
    return Path(copy.path(Agent(str(folder.parent / ".airchat"), "laptop-shop", folder.name, 0.0)))


def _reserve(known: Path, folder: Path) -> bytes:
    """Reserve as much as a project can have reserved; returns the event of an edit that the last one covers."""
    end = time.time() + 3600
    known.write_text(
        json.dumps([{"pattern": f"src/{number}/**", "holder": "far-shop", "until": end} for number in range(200)])
    )
    return json.dumps({"tool_name": "Edit", "tool_input": {"file_path": str(folder / "src/199/a/b.py")}}).encode()


def _wait_for_another(known: Path) -> None:
    """Wait until what was started in the background has replaced the file, so that it is in nobody's way."""
    before, end = known.stat().st_ino, time.monotonic() + 10
    while known.stat().st_ino == before and time.monotonic() < end:
        time.sleep(0.01)


def _guard(seconds: dict[str, list[float]]) -> Figure:
    taken, bare = median(seconds["guard"]), median(seconds["bare"])
    return Figure(
        "P13",
        "refusing an edit of a reserved file, whole process, 200 reservations",
        f"<= {_DECISION * 1000:.0f} ms",
        f"{taken * 1000:.0f} ms",
        f"`import http.client` alone: {bare * 1000:.0f} ms",
        f"{taken / bare:.2f}",
        taken <= _DECISION,
        {"seconds": seconds["guard"]},
    )


def _figure(work: str, seconds: dict[str, list[float]], kind: str, target: float) -> Figure:
    taken, bare = median(seconds[kind]), median(seconds["bare"])
    return Figure(
        "P13",
        work,
        f"<= {target:.1f} of the yardstick",
        f"{taken * 1000:.0f} ms",
        f"`import http.client` alone: {bare * 1000:.0f} ms",
        f"{taken / bare:.2f}",
        taken <= target * bare,
        {"seconds": seconds[kind], "bare": seconds["bare"]},
    )
