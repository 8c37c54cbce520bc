"""Finding: the result of one check."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; `fix` says what to do when it is not `ok`."""

    check: str
    state: Literal["ok", "warning", "broken"]
    detail: str
    fix: str | None = None
