"""The commands as their documentation shows them, made from the programs themselves."""

from collections.abc import Iterator

import typer
import typer.core


def rows(app: typer.Typer, program: str) -> list[str]:
    """Return a row of a Markdown table for each command: how it is typed, and what it does."""
    return [f"| `{' '.join(words)}` | {told} |" for words, told in _commands(typer.main.get_command(app), [program])]


def _commands(command: object, words: list[str]) -> Iterator[tuple[list[str], str]]:
    if isinstance(command, typer.core.TyperGroup):
        for name, inner in command.commands.items():
            yield from _commands(inner, [*words, name])
    elif isinstance(command, typer.core.TyperCommand):
        parts = [_shown(parameter) for parameter in command.params]
        yield [*words, *filter(None, parts)], (command.help or "").partition("\n\n")[0].replace("\n", " ")


def _shown(parameter: object) -> str:
    if isinstance(parameter, typer.core.TyperArgument):
        name = (parameter.metavar or parameter.name or "").upper() + ("…" if parameter.nargs == -1 else "")
        return name if parameter.required else f"[{name}]"
    if isinstance(parameter, typer.core.TyperOption) and parameter.name not in {"config", "help"}:
        return f"[{parameter.opts[0]}]"
    return ""
