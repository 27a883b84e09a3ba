"""The applications that a process serves."""

from collections.abc import Sequence

from ltrr.models.errors import InvalidEvent, NotThere
from ltrr.streams.events.refusals import Reason


def application_named(name: str | None, served: Sequence[str]) -> str:
    """Return the application of a name, the first one where none is said. Raises NotThere."""
    if name is not None and name not in served:
        raise NotThere(f"application {name!r} is not served here; add it to LTRR_APPLICATIONS")
    return name or served[0]


def refuse_unserved(name: str, served: Sequence[str]) -> None:
    """Refuse an event of an application that is not served. Raises InvalidEvent."""
    if name not in served:
        some = ", ".join(served[:5])
        message = (
            f"application: not served here, as {some} is: add it to LTRR_APPLICATIONS, or send none for {served[0]}"
        )
        raise InvalidEvent(Reason.UNKNOWN_APPLICATION, message)
