"""Errand: what one event asks for at one platform, and all that is needed to do it."""

from dataclasses import dataclass

from airchat.protocol.messages import Message
from hub.core.edits import FINISHED
from hub.relay.contract.bridge import Capability
from hub.relay.contract.desk import Button
from hub.relay.contract.outbound import Author
from hub.relay.outward.bodies import Body
from hub.relay.outward.outlet import Outlet
from hub.relay.outward.references import Placed
from hub.relay.rules import Mirrored, rules_of
from store.ports.counterparts import Pair
from store.ports.queues import Outgoing

BUTTONS = "buttons"
"""In what an event means for a link: the buttons below the message may be others now."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A message that a platform has to be brought up to date with, and what is there of it."""

    outlet: Outlet
    outgoing: Outgoing
    message: Message
    pairs: list[Pair]
    placed: Placed
    body: Body
    author: Author
    buttons: tuple[Button, ...]

    @property
    def live(self) -> dict[int, Pair]:
        """The pieces that are there, by number."""
        return {pair.number: pair for pair in self.pairs if not pair.gone}

    @property
    def shows_edits(self) -> bool:
        """Whether people there can see it change."""
        return self.outlet.can(Capability.EDIT) and Mirrored.EDITS in rules_of(self.outlet.link).mirror

    @property
    def has_waited(self) -> bool:
        """Whether it was not posted because it was unfinished, and now is finished."""
        return FINISHED in self.outgoing.detail and not self.shows_edits

    def renews_buttons(self, pair: Pair) -> bool:
        """Tell whether it is about the buttons below that piece."""
        return BUTTONS in self.outgoing.detail and pair.number == 0 and self.outlet.can(Capability.EDIT)
