"""Objects within records: their fields as columns, or their keys as values."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from pydantic import JsonValue

from ltrr.serving.reading import cells
from ltrr.serving.reading.mapping import WITHIN, is_within
from ltrr.serving.reading.records import Record

_CODE: Final = re.compile(r"[a-z]{2,3}|[A-Z]{2,3}|\d+")
_FEWEST_CODES: Final = 12


class Objects(NamedTuple):
    """Objects of a file's records that hold no fields of their own, by what they are called: `outer.inner`.

    weighed: their keys are values: "tag" of {"rock": 1.0, "soul": 0.4}. All that they have are weights. keyed: their
    keys are codes of what is in them, and that has the object's name: "languages" of {"deu": "German"}. Of either kind
    a record has half of all keys that there are at most, in the mean.
    """

    weighed: frozenset[str] = frozenset()
    keyed: frozenset[str] = frozenset()


NO_OBJECTS: Final = Objects()


def objects_of(sample: Sequence[Record], told: Iterable[str] = ()) -> Objects:
    """Return the objects of records that hold no fields of their own.

    told: columns that somebody names; an object in which one of them is that is there otherwise alone has fields.
    """
    found = _found(sample)
    if not any(found):
        return NO_OBJECTS
    fields = {*told}.difference(chain.from_iterable(flat(record, found) for record in sample))
    return Objects(*(frozenset(one for one in some if not _holds(one, fields)) for some in found))


def _found(sample: Iterable[Record]) -> Objects:
    found: dict[str, list[dict[str, JsonValue]]] = {}
    for record in sample:
        for name, value in record.items():
            for path, one in _objects(name, value):
                found.setdefault(path, []).append(one)
    sparse = {path: objects for path, objects in found.items() if _is_sparse(objects)}
    weighed = frozenset(path for path, objects in sparse.items() if all(map(_are_weights, objects)))
    return Objects(weighed, frozenset(path for path, objects in sparse.items() if _are_codes(objects)) - weighed)


def _holds(name: str, columns: Iterable[str]) -> bool:
    return any(one != name and is_within(one, name) for one in columns)


def _objects(name: str, value: JsonValue) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    if isinstance(value, dict) and value:
        yield name, value
        for inner, one in value.items():
            yield from _objects(f"{name}{WITHIN}{inner}", one)


def _is_sparse(objects: Sequence[dict[str, JsonValue]]) -> bool:
    return 2 * sum(map(len, objects)) <= len({key for one in objects for key in one}) * len(objects)


def _are_codes(objects: Sequence[dict[str, JsonValue]]) -> bool:
    """Tell whether keys are codes, none of which half of the objects have, as they would have what they are called."""
    keys = Counter(key for one in objects for key in one)
    usual = 2 * max(keys.values()) >= len(objects)
    alike = len(set(map(len, keys))) == 1 or all(map(str.isdecimal, keys))
    return len(keys) >= _FEWEST_CODES and alike and not usual and all(map(_CODE.fullmatch, keys))


def _are_weights(value: dict[str, JsonValue]) -> bool:
    numbers = (one for one in value.values() if isinstance(one, (int, float)) and not isinstance(one, bool))
    return sum(0 < one <= 1 for one in numbers) == len(value)


def flat(record: Record, objects: Objects = NO_OBJECTS) -> Record:
    """Return a record without objects in it: their fields are called `outer.inner`; lists of objects are lists.

    objects: those of the file, see `Objects`; weighed ones are left as they are where all they have are weights. A list
    within a list is one text: `[["CUT", 1], ["SAW", 2]]` are "CUT 1" and "SAW 2".
    """
    if not any(isinstance(value, (dict, list)) for value in record.values()):
        return record
    held: Record = {}
    for name, value in record.items():
        for path, one in _leaves(name, value, objects):
            held[path] = [*several(held[path]), *several(one)] if path in held else one
    return held


def _leaves(name: str, value: JsonValue, objects: Objects) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, dict) and name in objects.keyed:
        within = objects._replace(keyed=objects.keyed - {name})
        for one in value.values():
            yield from _leaves(name, one, within)
    elif isinstance(value, dict) and not (name in objects.weighed and _are_weights(value)):
        for inner, one in value.items():
            yield from _leaves(f"{name}{WITHIN}{inner}", one, objects)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for one in value:
            yield from _leaves(name, one, objects)
    elif isinstance(value, list) and any(isinstance(one, list) for one in value):
        yield name, [_joined(one) for one in value]
    else:
        yield name, value


def several(value: JsonValue) -> list[JsonValue]:
    """Return the values of a field, whether it is a list of them or one."""
    return value if isinstance(value, list) else [value]


def _joined(value: JsonValue) -> str:
    return " ".join(map(_joined, value)) if isinstance(value, list) else str(cells.text(value) or "")
