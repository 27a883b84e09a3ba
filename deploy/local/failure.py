"""The one error of this package."""


class Failed(Exception):
    """A server cannot be started or ended; the message says why, and what to do."""
