"""The command that describes the tools for models."""

from typing import Annotated

import typer

from airchat.cli.options import AsJson
from airchat.cli.terminal import paint, say, say_json
from airchat.errors import AirChatError
from airchat.tools.table import TOOLS, anthropic_tools, openai_tools

_FORMS = {"openai": openai_tools, "anthropic": anthropic_tools}


def tools(
    form: Annotated[str, typer.Option("--form", help="How JSON describes them: openai or anthropic.")] = "openai",
    as_json: AsJson = False,
) -> None:
    """List the tools for models that call functions; with --json as their makers take them."""
    if form not in _FORMS:
        raise AirChatError(f"--form must be one of {', '.join(_FORMS)}.")
    if as_json:
        say_json(_FORMS[form]())
        return
    for tool in TOOLS:
        say(paint(tool.name, bold=True), tool.description)
