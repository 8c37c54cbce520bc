"""Which folder a session works in. It gives the agent its name."""

import os
import re
from collections.abc import Mapping
from pathlib import Path


def project_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that the host names, else the one that this program was started in."""
    named = environment.get("CLAUDE_PROJECT_DIR") or _of_cursor(environment.get("WORKSPACE_FOLDER_PATHS", ""))
    return Path(named) if named else Path.cwd()


def _of_cursor(paths: str) -> str | None:
    """Return the first folder of a window of Cursor, which starts what is in `~/.cursor/mcp.json` in the home folder.

    It documents nowhere how several are told apart.
    """
    parts = (part.strip(' "') for part in [paths, *re.split(r"[;,:]", paths.strip("[]"))])
    return next((part for part in parts if part and Path(part).is_dir()), None)
