"""`airchat-runner init`: writes a runner.toml in which every setting is explained."""

import json
import os
from importlib.resources import files
from pathlib import Path

import typer

from airchat.cli.options import AsJson
from airchat.cli.terminal import say, say_json
from runner.cli.options import Config
from runner.config import default_config, load_settings

EXAMPLE = "runner.example.toml"


def init(config: Config = None, as_json: AsJson = False) -> None:
    """Write a runner.toml with every setting explained, and one agent in the current folder."""
    path = (config or default_config()).absolute()
    if path.exists():
        typer.echo(f"airchat-runner: {path} exists already; edit it, or name another with --config.", err=True)
        raise typer.Exit(1)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        # A TOML string is written as a JSON one.
        file.write(example().replace('working_dir = "~"', f"working_dir = {json.dumps(str(Path.cwd()))}"))
    load_settings(path)
    if as_json:
        say_json({"config": str(path)})
    else:
        option = f" --config {path}" if path != default_config() else ""
        say(f"Wrote {path}\nNext: edit it, then airchat-runner doctor{option}, then airchat-runner run{option}")


def example() -> str:
    """Return the example of every setting: an installed package has it inside, a checkout in its config folder."""
    packaged = files("runner").joinpath(EXAMPLE)
    place = packaged if packaged.is_file() else Path(__file__).parents[2] / "config" / EXAMPLE
    return place.read_text(encoding="utf-8")
