"""The table of who sees what: printed in docs/bridges.md, and one test for each of its cells."""

from dataclasses import dataclass

SLACK, DISCORD, NETWORK, CLIENT, AGENT = "Slack", "Discord", "IRC network", "IRC client", "agent"
PLACES = (SLACK, DISCORD, NETWORK, CLIENT, AGENT)

AS_IT_IS = "as it is"
"""The place has such a thing itself."""

OPERATIONS: dict[str, dict[str, str]] = {
    "message": {},
    "edit": {NETWORK: "a correction", CLIENT: "a line with the new text"},
    "delete": {},
    "reaction": {NETWORK: "a line"},
    "thread reply": {NETWORK: "behind the thread's tag"},
    "file": {NETWORK: "its name, with a link", CLIENT: "its name; `files` has a link"},
    "mention": {},
    "long text": {NETWORK: "its first lines, with a link"},
    "code": {NETWORK: "its lines", CLIENT: "its lines"},
}
"""How an operation is shown where the place has no such thing; everywhere else it is there as it is."""

CANNOT: dict[str, frozenset[str]] = {
    "edit": frozenset({CLIENT}),
    "file": frozenset({NETWORK, CLIENT}),
}
"""Where people cannot do such a thing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An operation done in one place, as another one shows it."""

    operation: str
    source: str
    target: str

    @property
    def shown(self) -> str:
        """How."""
        return OPERATIONS[self.operation].get(self.target, AS_IT_IS)

    @property
    def id(self) -> str:
        """What the test is called."""
        return f"{self.operation} from {self.source} to {self.target}"


def sources(operation: str) -> list[str]:
    """Return the places where people can do such a thing."""
    return [place for place in PLACES if place not in CANNOT.get(operation, frozenset())]


def cells() -> list[Cell]:
    """Return every cell that can be."""
    return [
        Cell(operation, source, target)
        for operation in OPERATIONS
        for source in sources(operation)
        for target in PLACES
        if source != target
    ]


def printed() -> list[str]:
    """Return the table in Markdown."""
    head = ["shown in", *PLACES, "cannot be done in"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for operation, shown in OPERATIONS.items():
        missing = [place for place in PLACES if place in CANNOT.get(operation, frozenset())]
        row = [operation, *(shown.get(place, AS_IT_IS) for place in PLACES), ", ".join(missing)]
        lines.append(f"| {' | '.join(row)} |")
    return lines
