"""Why an event is refused: a bounded set of reasons, each fit for a metric's label."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from ltrr.models.errors import InvalidEvent

_LONGEST_FIELD = 120
_OF_A_NAME = "[key]"  # what pydantic puts behind the name of a field where that does not fit
_SAID = {
    "extra_forbidden": "there is nothing of that name",
    "greater_than_equal": "it has to be at least {ge}",
    "less_than_equal": "it may be at most {le}",
    "missing": "it is missing",
}
"""What is said of the problems that are most usual, by what pydantic calls them."""
_OF_CATALOGUES = frozenset({"EntityEvent", "DeletionEvent"})


class Reason(StrEnum):
    """Every `InvalidEvent.reason`; docs/events.md says of each what to do."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    NOT_AN_EVENT = "not_an_event"
    UNKNOWN_SCHEMA_VERSION = "unknown_schema_version"
    BAD_TIMESTAMP = "bad_timestamp"
    BAD_FIELD = "bad_field"
    MISSING_QUERY_ID = "missing_query_id"
    MISSING_OBJECT_ID = "missing_object_id"
    UNKNOWN_APPLICATION = "unknown_application"
    INCONSISTENT = "inconsistent"
    WRONG_PARTITION = "wrong_partition"
    FOREIGN = "foreign"


def refusal(error: ValidationError) -> InvalidEvent:
    """Translate what pydantic found into one reason and one line naming the field. Never quotes the event."""
    problems = error.errors(include_url=False, include_input=False)
    problem = next((p for p in problems if p["loc"][-1:] == ("schema_version",)), problems[0])
    location, kind = problem["loc"], problem["type"]
    field = place(location)[:_LONGEST_FIELD]
    if kind == "json_invalid":
        return not_json(problem["msg"])
    if not location and kind == "model_type":
        return InvalidEvent(Reason.NOT_AN_EVENT, "an event is one JSON object: send {...}, or [{...}] for a batch")
    if location[-1:] == ("schema_version",):
        message = f"{field}: only schema version 1 is read here: send 1, or update this process"
        return InvalidEvent(Reason.UNKNOWN_SCHEMA_VERSION, message)
    reason = Reason.BAD_TIMESTAMP if location == ("timestamp",) else Reason.BAD_FIELD
    return InvalidEvent(reason, f"{field}: {words(problem)}; {_page(error)} says what to send")


def place(location: Sequence[int | str]) -> str:
    """Return where in an event or a body something is, by the names that its sender has given."""
    *steps, last = map(str, location) if location else [""]
    if last == _OF_A_NAME:
        return f"{'.'.join(steps[:-1])}: the name {steps[-1]!r}"
    return ".".join([*steps, last])


def words(problem: Mapping[str, Any]) -> str:
    """Return what to say of a problem: of what our own validators raise, their words alone."""
    said = _SAID.get(problem["type"])
    return said.format(**problem.get("ctx", {})) if said else str(problem["msg"]).removeprefix("Value error, ")


def _page(error: ValidationError) -> str:
    """Return the page that says what to send; an error has the name of the model that was read."""
    return "docs/entities.md" if error.title in _OF_CATALOGUES else "docs/events.md"


def not_json(problem: str) -> InvalidEvent:
    """Return the refusal of bytes that no JSON parser takes."""
    return InvalidEvent(Reason.NOT_JSON, f"{problem}; send UTF-8 JSON, nested at most 200 deep")
