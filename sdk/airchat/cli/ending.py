"""How a command ends that was typed: exit code 0 done, 1 failed, 2 wrong usage (which typer tells)."""

import os
import sys
from collections.abc import Callable

import typer

from airchat.cli.terminal import safe


def run(app: Callable[[], object], name: str, expected: tuple[type[Exception], ...]) -> None:
    """Run a command called `name`; what is `expected` to go wrong is told on standard error, a line for each thing."""
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on; say nothing at exit either
        sys.exit(1)
    except expected as error:
        text, repair = str(error), getattr(error, "repair", None)
        _fail(name, text if not repair or repair in text else f"{text}\n{repair}")
    except OSError as error:
        _fail(name, f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error))


def _fail(name: str, text: str) -> None:
    for line in text.splitlines():
        typer.echo(f"{name}: {safe(line)}", err=True)
    sys.exit(1)
