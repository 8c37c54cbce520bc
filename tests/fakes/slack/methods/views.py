"""``views.open``: modals in answer to a command or a button."""

from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.settings import Json

from .call import Call, Method


def open_view(call: Call) -> Json:
    """Show a modal to whoever caused the trigger."""
    view = call.arguments.structure("view")
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments")
    opened = call.interactions.open_view(call.app, call.arguments.required("trigger_id"), view)
    return {"view": opened.render(call.workspace.team_id)}


METHODS = {"views.open": Method(open_view, tier=100)}
