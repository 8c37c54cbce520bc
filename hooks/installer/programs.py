"""Where the programs are that an agent's CLI is to start, and whether one can be started."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from airchat.errors import AirChatConfigError

MCP = "airchat-mcp"
HOOK = "airchat-hook"
MODULES = {MCP: ("mcp_server.stdio", "airchat.client", "mcp"), HOOK: ("hooks.main", "airchat.client")}
SECONDS = 20.0

_LOOK = """
import sys
from importlib.util import find_spec
if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or newer is needed, not " + sys.version.split()[0])
for name in sys.argv[1:]:
    try:
        found = find_spec(name)
    except ModuleNotFoundError:
        found = None
    if found is None:
        sys.exit("it has no " + name)
"""
"""What is asked of an interpreter; importing it all would take seconds."""


def find_program(name: str) -> str:
    """Return the absolute path of one of our programs: CLIs do not always have our environment's PATH.

    Raises:
        AirChatConfigError: it is nowhere to be found.
    """
    folders = [Path(sysconfig.get_path("scripts")), Path(sys.executable).parent, Path(sys.argv[0]).resolve().parent]
    for folder in folders:
        if found := shutil.which(name, path=str(folder)):
            return found
    if found := shutil.which(name):
        return str(Path(found).absolute())
    raise AirChatConfigError(f"{name} is not installed beside {sys.executable}: install airchat-hub again")


def why_unusable(path: str, name: str) -> str | None:
    """Return what keeps the program at `path` from running as `name`; None when nothing does."""
    if not Path(path).is_absolute():
        found = shutil.which(path)
        if found is None:
            return f"{path} is not on PATH"
        path = found
    if not Path(path).exists():
        return f"{path} does not exist any more"
    interpreter = _interpreter(Path(path))
    if interpreter is None:
        return None  # no script of Python: somebody's own wrapper
    if not Path(interpreter).exists():
        return f"{path} wants {interpreter}, which does not exist any more"
    return _why_not(interpreter, name)


def _why_not(interpreter: str, name: str) -> str | None:
    """Ask an interpreter whether it has what the program is made of."""
    command = [interpreter, "-c", _LOOK, *MODULES[name]]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd="/")
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{interpreter} cannot be run: {error}"
    if done.returncode == 0:
        return None
    return f"{interpreter} cannot run {name}: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}"


def _interpreter(script: Path) -> str | None:
    """Return the interpreter that a script's first line names."""
    with script.open("rb") as file:
        line = file.readline(1000)
    if not line.startswith(b"#!"):
        return None
    words = line[2:].decode(errors="replace").split()
    return words[0] if words and "python" in words[0] else None
