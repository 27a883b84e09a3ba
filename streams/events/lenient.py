"""Read what senders really write: ids, positions, objects and hits in all their forms."""

from collections.abc import Iterator
from typing import Final

from ltrr.models.records.entity import LONGEST_ID

MOST_OBJECTS: Final = 500
"""Objects of one event."""
LOOKED_AT: Final = 100
"""Hits of another search that count: nobody looks further, and reading 24,000 of them holds up others."""

LAST_ORDINAL: Final = 1_000_000
_ID_FIELDS: Final = ("object_id", "_id", "id")


def read_id(value: object) -> str | None:
    """Return an id: text or a number as it is; None where it is absent (null, ""). Raises ValueError on all else."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) <= LONGEST_ID:
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("is neither text nor a number")  # noqa: TRY004  # pydantic takes only ValueError
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**LONGEST_ID:  # a column that had gaps
        value = int(value)
    if isinstance(value, int) and abs(value) >= 10**LONGEST_ID:
        raise ValueError(f"has more than {LONGEST_ID} characters")
    text = str(value)
    if len(text) > LONGEST_ID:
        raise ValueError(f"has more than {LONGEST_ID} characters")
    return text


def read_own_id(value: object) -> str:
    """Return an id that has to be there, as `read_id` does. Raises ValueError."""
    found = read_id(value)
    if found is None:
        raise ValueError("is empty: send text or a number")
    return found


def read_ordinal(value: object) -> int | None:
    """Return the ordinal of a position: a whole number, or its text, or under `ordinal` or `index`; else None."""
    for name in ("ordinal", "index"):
        if isinstance(value, dict) and name in value:
            value = value[name]
    try:
        number = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else 0.5
    except (ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() and abs(number) <= LAST_ORDINAL else None


def dict_or_none(value: object) -> object:
    """Return an object of JSON, None for anything else that was sent in its place."""
    return None if value is None or isinstance(value, (str, int, float, list)) else value


def read_objects(value: object) -> tuple[str, ...]:
    """Return the ids of what was acted on, each once: of one object, or of several in a list. Raises ValueError."""
    ids = tuple(dict.fromkeys(object_id for object_id in _ids(value) if object_id is not None))
    if len(ids) > MOST_OBJECTS:
        raise ValueError(f"{len(ids)} objects, at most {MOST_OBJECTS} are read: send several events")
    return ids


def read_hits(value: object) -> tuple[str | None, ...] | None:
    """Return the ids of the first LOOKED_AT shown objects, None in the place of one that cannot be read.

    Raises ValueError.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, (list, tuple)):
        raise ValueError("is no list of ids")  # noqa: TRY004  # pydantic takes only ValueError
    return tuple(next(_ids(hit), None) for hit in value[:LOOKED_AT])


def _ids(value: object) -> Iterator[str | None]:
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _ids(one) if not isinstance(one, (list, tuple)) else ()
        return
    if isinstance(value, dict):
        named = next((value[name] for name in _ID_FIELDS if value.get(name) not in (None, "")), None)
        yield from _ids(named) if not isinstance(named, dict) else ()
        return
    try:
        yield read_id(value)
    except ValueError:
        yield None
