"""What a bridge raises, and what the relay makes of it."""


class BridgeError(Exception):
    """Base of what a bridge raises to steer its supervisor and its lanes.

    BridgeError
    ├── NotReady        it cannot be done now: try again, after `retry_after` seconds if that is known
    │   └── SlowDown    the platform asks for patience: such a call is not made before, not even by another start
    ├── AuthFailed      the credentials are refused: stop, and ask a human
    ├── ConfigError     the configuration cannot work: stop, and say which setting
    ├── OutcomeUnknown  the request left and no answer came: look before posting again
    └── Refused         the platform refuses this one thing and would refuse it again: it becomes a dead letter
        ├── Gone        the message it is about is not there any more: nothing more is done about it; of a post, its
        │               thread is not: it is posted without
        └── CannotCarry the platform has no way to show this: it is put in words; of an unfinished post, to show it so:
                        it is posted like any other
    """


class NotReady(BridgeError):
    """The platform cannot be reached, or does not do it now."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class SlowDown(NotReady):
    """The platform asks for patience with such calls, or with all of them: `everywhere`.

    Such calls are those of one kind in one channel, or in all where the platform's budget for that kind is for all
    channels together.
    """

    def __init__(self, text: str, retry_after: float | None = None, *, everywhere: bool = False) -> None:
        super().__init__(text, retry_after)
        self.everywhere = everywhere


class AuthFailed(BridgeError):
    """The platform refuses the credentials."""


class ConfigError(BridgeError):
    """A setting cannot work; the text names it."""


class OutcomeUnknown(BridgeError):
    """The connection broke after the request left: the platform may have acted on it."""


class Refused(BridgeError):
    """The platform refuses this one thing for good."""


class Gone(Refused):
    """The remote message (or the thread) is not there any more."""


class CannotCarry(Refused):
    """The platform cannot express this one thing, e.g. an emoji it does not have."""
