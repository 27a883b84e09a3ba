"""The applications that a process serves."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from ltrr.models.errors import InvalidEvent, NotThere
from ltrr.models.records.entity import Entity, Place
from ltrr.streams.events.codec import parse_change
from ltrr.streams.events.refusals import Reason

_APPLICATION: Final = "application"


def application_named(name: str | None, served: Sequence[str]) -> str:
    """Return the application of a name, the first one where none is said. Raises NotThere."""
    if name is not None and name not in served:
        raise NotThere(f"application {name!r} is not served here; add it to LTRR_APPLICATIONS")
    return name or served[0]


def refuse_unserved(name: str, served: Sequence[str]) -> None:
    """Refuse an event of an application that is not served. Raises InvalidEvent."""
    if name not in served:
        add = f"add it to LTRR_APPLICATIONS, or send none for {served[0]}"
        message = f"application: not served here, as {_some(served)} is: {add}"
        raise InvalidEvent(Reason.UNKNOWN_APPLICATION, message)


def served_change(raw: Mapping[str, JsonValue], served: Sequence[str]) -> Entity | Place:
    """Read one record of a catalogue: where it names no application, of the only one that is served.

    Raises InvalidEvent where several are, or another one is named.
    """
    named = raw.get(_APPLICATION) not in (None, "")
    if not named and len(served) > 1:
        message = f"application: missing, and several are served: name one of {_some(served)}"
        raise InvalidEvent(Reason.UNKNOWN_APPLICATION, message)
    change = parse_change(raw if named else {**raw, _APPLICATION: served[0]})
    if change.application not in served:
        message = f"application: not served here, as {_some(served)} is: name that, or add it to LTRR_APPLICATIONS"
        raise InvalidEvent(Reason.UNKNOWN_APPLICATION, message)
    return change


def _some(served: Sequence[str]) -> str:
    return ", ".join(served[:5])
