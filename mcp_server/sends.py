"""Client keys, by which the hub recognises a repeated send."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

from airchat import AirChatConnectionError, AirChatUnavailable
from airchat.call import new_client_key


class SendKeys:
    """Remembers the keys of sends that are under way or ended without an answer.

    A model that meets such an error calls the tool again with the same arguments: then the hub must get the same key,
    or a message that did arrive is posted twice.
    """

    def __init__(self) -> None:
        self._unanswered: dict[str, str] = {}

    @contextmanager
    def key(self, given: str | None, *what: str | None) -> Iterator[str]:
        """Give the key for one send: the caller's, the one of an unanswered equal send, or a new one.

        `what` is all that tells this send from others.
        """
        if given is not None:
            yield given
            return
        send = hashlib.sha256(json.dumps(what).encode()).hexdigest()
        try:
            yield self._unanswered.setdefault(send, new_client_key())
        except (AirChatConnectionError, AirChatUnavailable):
            raise  # it may have arrived
        except BaseException:
            self._unanswered.pop(send, None)
            raise
        self._unanswered.pop(send, None)
