"""Client keys, by which the hub recognises a repeated send."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from airchat import AirChatConnectionError, AirChatUnavailable
from airchat.call import new_client_key

MOST = 1_000
"""Sends that are remembered; beyond, the oldest are forgotten."""


class SendKeys:
    """Remembers the keys of sends that are under way or ended without an answer.

    A model that meets such an error calls the tool again with the same arguments: then the hub must get the same key,
    or a message that did arrive is posted twice.
    """

    def __init__(self) -> None:
        self._unanswered: OrderedDict[str, str] = OrderedDict()

    @contextmanager
    def key(self, given: str | None, *what: str | None) -> Iterator[str]:
        """Give the key for one send: the caller's, the one of an unanswered equal send, or a new one.

        `what` is all that tells this send from others.
        """
        if given is not None:
            yield given
            return
        send = hashlib.sha256(json.dumps(what).encode()).hexdigest()
        key = self._unanswered.setdefault(send, new_client_key())
        if len(self._unanswered) > MOST:
            self._unanswered.popitem(last=False)
        try:
            yield key
        except (AirChatConnectionError, AirChatUnavailable):
            raise  # it may have arrived
        except BaseException:
            self._unanswered.pop(send, None)
            raise
        self._unanswered.pop(send, None)
