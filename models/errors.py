"""Every error that ltrr raises on purpose.

LtrrError                  something that its message tells how to mend
├── InvalidInput           what a caller sent or wrote cannot be used
│   ├── InvalidEvent       an event that cannot be read; carries a reason of a bounded set
│   ├── InvalidSettings    a setting with a value, or a combination, that cannot work
│   ├── NotThere           what a request names is not there: an application, a version, a field, an earlier answer
│   ├── NotAllowed         a key is missing, is none, or does not open what is asked
│   ├── NotNow             what could be done at other times, or elsewhere: something is in its way
│   └── UnknownName        a strategy, policy or encoder that does not exist; names those that do
├── EngineFailed           an engine did not answer a request
│   └── EngineTimeout      ... within its deadline
├── NoAnswer               a service of ltrr that cannot be reached
├── SnapshotMismatch       a state record that is damaged, of another format, layout or version, or of another log
└── StorageFailed          the data folder cannot be written or is in use by another process
"""

from collections.abc import Iterable


class LtrrError(Exception):
    """Something that its message tells how to mend."""


class InvalidInput(LtrrError):
    """What a caller sent or wrote cannot be used."""


class InvalidEvent(InvalidInput):
    """An event that cannot be read. `reason` is one of a bounded set, fit for a metric's label.

    called: the name of what it is about, empty where that is not known.
    """

    def __init__(self, reason: str, message: str, called: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.called = called


class InvalidSettings(InvalidInput):
    """A setting with a value, or a combination, that cannot work."""


class NotThere(InvalidInput):
    """What a request names is not there: an application, a version, a field, an earlier answer."""


class NotAllowed(InvalidInput):
    """A key is missing, is none, or does not open what is asked."""


class NotNow(InvalidInput):
    """What could be done at other times, or elsewhere: something is in its way, and the message says what."""


class UnknownName(InvalidInput):
    """A strategy, policy or encoder that does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no {kind} is called {name!r}; there are: {', '.join(sorted(known))}")
        self.kind = kind
        self.name = name


class EngineFailed(LtrrError):
    """An engine did not answer a request."""

    def __init__(self, engine: str, message: str) -> None:
        super().__init__(f"{engine}: {message}")
        self.engine = engine


class EngineTimeout(EngineFailed):
    """An engine did not answer within its deadline."""


class NoAnswer(LtrrError):
    """A service of ltrr that cannot be reached."""


class SnapshotMismatch(LtrrError):
    """A state record that is damaged, of another format, layout or version, or of another log."""


class StorageFailed(LtrrError):
    """The data folder cannot be written or is in use by another process."""
