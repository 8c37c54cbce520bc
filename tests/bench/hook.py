"""P13: what the prompt hook adds to every prompt, as a whole process."""

import subprocess
import sys
from pathlib import Path
from statistics import median

from airchat.client import AirChatClient
from airchat.config import AirChatConfig
from airchat.enrol import join
from airchat.identity import load_private_key
from tests.bench.benchmark import Figure, Setting
from tests.bench.start import timed
from tests.hub_process import SCRIPTS, UNLIMITED, HubProcess

_ROUNDS = 40
_YARDSTICK = [sys.executable, "-c", "import http.client"]
_WITHIN, _CALL = 1.5, 3.0


def measure(setting: Setting) -> list[Figure]:
    """Measure P13."""
    setting.say("running the prompt hook")
    with HubProcess(setting.folder, UNLIMITED) as hub:
        env = _desk(setting.folder, hub)
        folder = Path(env["CLAUDE_PROJECT_DIR"])
        hook = [str(SCRIPTS / "airchat-hook"), "prompt"]

        def run(command: list[str], **more: str) -> float:
            pipe = subprocess.DEVNULL
            return timed(
                lambda: subprocess.run(command, env=env | more, cwd=folder, check=True, stdin=pipe, stdout=pipe)
            )

        run(hook)
        seconds: dict[str, list[float]] = {"bare": [], "within": [], "call": []}
        for _ in range(10 if setting.quick else _ROUNDS):
            seconds["bare"].append(run(_YARDSTICK))
            seconds["within"].append(run(hook))
            seconds["call"].append(run(hook, AIRCHAT_HOOK_COOLDOWN="0"))
    return [
        _figure("prompt hook within its cooldown, whole process", seconds, "within", _WITHIN),
        _figure("prompt hook with a call to the hub and three mentions to tell", seconds, "call", _CALL),
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
