"""The desk: where people of a platform ask something of the hub, by a command, a button or a form.

A bridge acknowledges to its platform in time, asks the desk, and shows the reply by whatever the platform has for it.
The desk knows who may ask for what; a bridge only says who asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from airchat.protocol.messages import Message
from hub.relay.contract.inbound import User


@dataclass(frozen=True, slots=True)
class Place:
    """Where on which platform something was asked. `thread_id` is the remote id of the thread's first message."""

    platform: str
    workspace: str
    remote_channel: str
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a message or reply; `action` and `value` come back with the press. `style` is a hint."""

    label: str
    action: str
    value: str
    style: str = "plain"  # or "good", "bad"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form: free text, several lines of it, or one of `choices`, which are (value, label)."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    long: bool = False
    required: bool = True
    value: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill in, e.g. a modal; `id` comes back with it."""

    id: str
    title: str
    fields: tuple[Field, ...]
    submit: str = "Send"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the hub answers; a form takes the place of the text where the platform can show one.

    Only who asked sees it, unless it is `public`. With `replace` it takes the place of the reply whose button was
    pressed. With `settled` nothing is left to be pressed: the buttons below that message go.
    """

    text: str = ""
    buttons: tuple[Button, ...] = ()
    form: Form | None = None
    public: bool = False
    replace: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody typed behind `/airchat`, or a shortcut on the message `about` (remote id), whose text is given."""

    user: User
    place: Place
    text: str
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a button."""

    user: User
    place: Place
    action: str
    value: str


@dataclass(frozen=True, slots=True)
class Submission:
    """Somebody sent a form; `values` are by the names of its fields."""

    user: User
    place: Place
    form: str
    values: Mapping[str, str] = field(default_factory=dict)


class Desk(Protocol):
    """Answers what people ask. Nothing is raised that a person could have caused: the reply tells them."""

    async def command(self, command: Command) -> Reply:
        """Do what the command says."""
        ...

    async def press(self, press: Press) -> Reply:
        """Do what the button stands for."""
        ...

    async def submit(self, submission: Submission) -> Reply:
        """Do what the form asks for."""
        ...

    async def complete(self, place: Place, text: str) -> list[str]:
        """Return how a command that begins so may go on, the likeliest first, at most 25."""
        ...

    async def buttons(self, message: Message) -> tuple[Button, ...]:
        """Return the buttons that belong below a message of the hub now, e.g. an open approval; none as a rule."""
        ...
