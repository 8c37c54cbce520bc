"""An outage: what is refused again and again is logged twice, when it begins and when it ends."""

import logging


class Outage:
    """Logs to `log` what `begun` says, with the reason for its `%s`, and later `ended`."""

    def __init__(self, log: logging.Logger, begun: str, ended: str) -> None:
        self._log = log
        self._begun = begun
        self._ended = ended
        self._lasts = False

    def begin(self, reason: object) -> None:
        """Something was refused; only the first time tells."""
        if not self._lasts:
            self._log.error(self._begun, reason)
        self._lasts = True

    def end(self) -> None:
        """Something was done as usual."""
        if self._lasts:
            self._log.warning(self._ended)
        self._lasts = False
