"""How long to wait before something that failed is tried again."""

import random

FIRST = 1.0
LONGEST = 300.0


class Backoff:
    """Waits that double with each failure in a row, up to a longest one; a third of each is chance."""

    def __init__(self, first: float = FIRST, longest: float = LONGEST) -> None:
        self._first = first
        self.longest = longest
        self.failures = 0

    def next(self) -> float:
        """Count a failure and return how many seconds to wait."""
        bound = min(self.longest, self._first * (1 << min(self.failures, 20)))
        self.failures += 1
        return bound * (1 - random.random() / 3)  # noqa: S311 - spreads retries, hides nothing

    def reset(self) -> None:
        """Forget the failures: it went well."""
        self.failures = 0
