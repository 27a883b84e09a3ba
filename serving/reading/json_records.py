"""Catalogues as JSON: objects line by line, an array of them, or what search engines export and take in."""

from collections.abc import Iterable, Iterator, Sequence
from io import BufferedReader, BytesIO
from itertools import chain
from typing import Final, TypeAlias, TypeVar

from pydantic import JsonValue
from pydantic_core import from_json

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.serving.events.lines import numbered_lines
from ltrr.serving.reading.proposals.headers import called
from ltrr.serving.reading.records import Record, Records
from ltrr.streams.events.codec import MAX_BYTES
from ltrr.streams.events.refusals import Reason, not_json

_ID: Final = "_id"
_SOURCE: Final = "_source"
_ACTIONS: Final = ("index", "create", "update", "delete")
_HOLDERS: Final = ("hits", "response", "docs", "documents", "products", "items", "results", "entities", "data")
_LISTING: Final = ("features", "@graph", "itemListElement", "records", "rows", "entries", "values")
"""Of GeoJSON, JSON-LD, schema.org, Airtable and others: what is a list in an object of its own, and may be a field."""
_NAMES, _ROWS = "columns", "data"
_KEY: Final = "key"
_FEWEST_KEYED: Final = 10
_FEWEST_NAMED: Final = 3
_Kind = TypeVar("_Kind")
Lines: TypeAlias = Iterable[tuple[int, bytes]]
Values: TypeAlias = Iterable[tuple[int, JsonValue | InvalidEvent]]


def read(file: BufferedReader, holders: Sequence[str] = _HOLDERS, *, entities: bool = True) -> Records:
    """Return the objects of a file: of each line, else of the one array, or of the list within the one object.

    A line that is an array stands for its elements; in an array of arrays the first one names the values of the others,
    and a table may be written by its columns, see `_table`. Of one object that holds ten others, or three that have a
    name, and nothing else, each is one, with what it is called as `key`. `_source` is taken out of what exports put
    around it, with `_id` as its object id, and an action line's `_id` is that of the document behind it. holders: names
    of lists in an object; entities: whether they are such, so that `_id` matters, or events. Raises InvalidInput where
    the file is one array and damaged.
    """
    number, first = 0, b""
    while not first.strip() and (first := file.readline()):
        number += 1
    value = _parsed(first)
    if isinstance(value, InvalidEvent):
        return _whole(first + file.read(), number - 1, holders, entities=entities)
    if (inner := _inner(value, holders)) is not None and not file.peek(1):
        return Records("JSON", "record", _documents(enumerate(inner, start=1), entities=entities))
    rest = ((number + further, line) for further, line in numbered_lines(file))
    return Records("JSON lines", "line", _documents(_values(chain([(number, first.strip())], rest)), entities=entities))


def _whole(raw: bytes, skipped: int, holders: Sequence[str], *, entities: bool) -> Records:
    """Return the objects of a document of several lines, or of lines the first of which is damaged."""
    try:
        value: JsonValue = from_json(raw)
    except ValueError as error:
        if raw.lstrip().startswith(b"["):
            raise InvalidInput(f"the file is no whole JSON array: {error}; make it anew") from None
        lines = ((skipped + number, line) for number, line in numbered_lines(BytesIO(raw)))
        return Records("JSON lines", "line", _documents(_values(lines), entities=entities))
    inner = _inner(value, holders)
    found = enumerate([value] if inner is None else inner, start=1)
    return Records("JSON", "record", _documents(found, entities=entities))


def _inner(value: JsonValue, holders: Sequence[str]) -> list[JsonValue] | None:
    """Return the list that a document is, or holds alone or under a name that says so, or as objects by their keys."""
    if (table := _table(value)) is not None:
        return table
    if not isinstance(value, dict):
        return value if isinstance(value, list) else None
    objects = {key: one for key, one in value.items() if isinstance(one, dict)}
    if len(objects) == len(value) and _are_entities(list(objects.values())):
        return [{_KEY: key, **one} for key, one in objects.items()]
    alone = next(iter(value.values())) if len(value) == 1 else None
    if isinstance(alone, list) and len(alone) > 1 and all(isinstance(one, dict) for one in alone):
        return alone
    folded = {name.casefold(): one for name, one in value.items()}
    held = next((folded[name] for name in holders if isinstance(folded.get(name), (dict, list))), None)
    if held is not None:
        return _inner(held, holders)
    return _listing(value, holders) if holders is _HOLDERS else None


def _listing(value: Record, holders: Sequence[str]) -> list[JsonValue] | None:
    """Return the list of objects, or of arrays, that a document is about which is no record itself.

    One of LISTING, where it has not both a name and an id; else its only list of three objects or more, or what the
    only object in it is about that is no record either, if it has neither.
    """
    named, told = (any(called(field, list(value))) for field in ("name", "object_id"))
    for name in _LISTING if not (named and told) else ():
        held = value.get(name)
        if _all_of(dict, held) or len(_all_of(list, held)) > 0:
            return _inner(held, holders)
    if named or told:
        return None
    long = [one for one in value.values() if len(_all_of(dict, one)) >= _FEWEST_NAMED]
    if len(long) == 1:
        return _inner(long[0], holders)
    within = [found for one in value.values() if isinstance(one, dict) and (found := _inner(one, holders))]
    return within[0] if len(within) == 1 else None


def _table(value: JsonValue) -> list[JsonValue] | None:
    """Return the objects of a table: rows behind a row of names, `columns` and `data`, or cells by column and number.

    The last two are what pandas writes. Of lists alone, one of which is called like a name, each is a column.
    """
    names: JsonValue = None
    rows: JsonValue = None
    if isinstance(value, list):
        names, rows = next(iter(value), None), value[1:]
    elif isinstance(value, dict):
        names, rows = value.get(_NAMES), value.get(_ROWS)
        columns = _all_of(dict, list(value.values()))
        numbers = list(map(str, range(len(columns[0])))) if len(columns) > 1 else []
        if numbers and all(list(one) == numbers for one in columns):
            return [
                dict(zip(value, cells, strict=True)) for cells in zip(*(one.values() for one in columns), strict=True)
            ]
        lists = _all_of(list, list(value.values()))
        if len(set(map(len, lists))) == 1 and len(lists[0]) > 1 and any(called("name", list(value))):
            return [dict(zip(value, cells, strict=True)) for cells in zip(*lists, strict=True)]
    texts, arrays = _all_of(str, names), _all_of(list, rows)
    return [dict(zip(texts, row, strict=False)) for row in arrays] if texts and arrays else None


def _all_of(kind: type[_Kind], values: JsonValue) -> list[_Kind]:
    """Return the values of a list where all are of a kind, else none."""
    found = [one for one in values if isinstance(one, kind)] if isinstance(values, list) else []
    return found if isinstance(values, list) and len(found) == len(values) else []


def _are_entities(objects: Sequence[Record]) -> bool:
    """Tell whether the objects within another one are entities, and no fields of one: many, or some that have names."""
    if len(objects) >= _FEWEST_KEYED:
        return True
    return len(objects) >= _FEWEST_NAMED and all(any(called("name", list(one))) for one in objects)


def _values(lines: Lines) -> Iterator[tuple[int, JsonValue | InvalidEvent]]:
    for number, line in lines:
        if len(line) > MAX_BYTES and not line.startswith(b"["):
            yield number, InvalidEvent(Reason.TOO_LARGE, f"the line has more than {MAX_BYTES} bytes: leave out fields")
            continue
        value = _parsed(line)
        yield from ((number, one) for one in (value if isinstance(value, list) else [value]))


def _documents(values: Values, *, entities: bool) -> Iterator[tuple[int, Record | InvalidEvent]]:
    """Yield what stands for itself, and what action lines and exports say of documents."""
    action: tuple[str, Record] | None = None
    for number, value in values:
        if not isinstance(value, dict):
            yield (
                number,
                value if isinstance(value, InvalidEvent) else _no_object(value, "entity" if entities else "event"),
            )
            action = None
        elif action is not None:
            kind, place = action
            action = None
            if kind == "update":
                yield number, InvalidEvent(Reason.BAD_FIELD, "is an update of a part: send the entity whole")
            else:
                yield number, _identified(value, place if entities else {})
        elif (found := _action(value)) is None:
            source = value.get(_SOURCE)
            yield number, _identified(source, value if entities else {}) if isinstance(source, dict) else value
        elif found[0] == "delete" and entities:
            yield number, {"object_id": found[1].get(_ID), "deleted": True}
        elif found[0] != "delete":
            action = found


def _action(value: Record) -> tuple[str, Record] | None:
    """Return the action and what it is about, where a document is an action line of `_bulk`."""
    if len(value) == 1:
        ((kind, about),) = value.items()
        if kind in _ACTIONS and isinstance(about, dict):
            return kind, about
    return None


def _identified(document: Record, place: Record) -> Record:
    given = place.get(_ID)
    return document if given is None or "object_id" in document else {"object_id": given, **document}


def _parsed(raw: bytes) -> JsonValue | InvalidEvent:
    try:
        value: JsonValue = from_json(raw)
    except ValueError as error:
        return not_json(str(error))
    return value


def _no_object(value: JsonValue, what: str) -> InvalidEvent:
    unnamed = "; an array does not name its values: a table with a first line of names does"
    told = f"an {what} is one JSON object: send {{...}}{unnamed if isinstance(value, list) else ''}"
    return InvalidEvent(Reason.NOT_AN_EVENT, told)
