"""Columns as what they become: a file's records, by its mapping, as entities are sent."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from pydantic import JsonValue

from ltrr.models.errors import InvalidEvent
from ltrr.serving.reading import cells
from ltrr.serving.reading.cells import Kind, Order, Written, present
from ltrr.serving.reading.mapping import ATTRIBUTE, FIELDS, SEPARATOR, Mapping, joined_id
from ltrr.serving.reading.objects import flat, objects_of, several
from ltrr.serving.reading.records import Record
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.timestamps import read_date, write_date

_LISTS: Final = ("aliases", "related")
_NUMBERS: Final = ("popularity", "quality", "version")
_RANGES: Final[dict[str, Callable[[float], bool]]] = {
    "popularity": lambda number: number >= 0,
    "quality": lambda number: 0 <= number <= 1,
    "version": float.is_integer,
    "created_s": math.isfinite,
}
_CALLED: Final = ("object_id", "name")
_FIT: Final = 0.9
_NULLS: Final = frozenset(("NULL", r"\N"))
"""What databases write into texts for nothing; somebody may be called so."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a field or attribute comes from. kind: None where values say themselves what they are."""

    columns: tuple[str, ...]
    kind: Kind | None = None
    separator: str = ""
    decimal: str = "."
    date: Order | None = None
    strict: bool = False


class Columns:
    """Turns records into entities as they are sent.

    mapping: what is said of columns; columns that it does not name become the field of their name, where it is not
    taken and the sample fits, else attributes. sample: the first records. textual: whether all fields are text. Where
    they are not, texts all of which are numbers or dates are these, as in a table. What is weighed (see
    `Objects`) is one attribute, but where the mapping names what is in it.
    """

    def __init__(self, mapping: Mapping, sample: Sequence[Record], *, textual: bool) -> None:
        self._type = mapping.type
        self._separator = SEPARATOR if textual else ""
        told = [*chain.from_iterable(one.column for one in mapping.columns.values()), *mapping.leave_out]
        self.objects = objects_of(sample, told)
        self._sample = [flat(one, self.objects) for one in sample]
        self._textual = textual
        self._sources: dict[str, _Source] = {}
        for target, column in mapping.columns.items():
            written = self._guess(column.column)
            separator = self._separator if column.separator is None else column.separator
            self._sources[target] = _Source(
                column.column,
                column.kind or self._kind(written),
                separator,
                column.decimal or written.decimal,
                column.date or written.date,
                strict=column.kind is not None,
            )
        self._tells = mapping.tells
        self._known: set[str] = set()
        for name in dict.fromkeys(name for one in self._sample for name in one):
            self._know(name)

    @property
    def understood(self) -> dict[str, tuple[tuple[str, ...], Kind | None]]:
        """Return field or attribute -> the columns that it comes from, and what an attribute's cells are."""
        return {target: (one.columns, self._cells(target, one)) for target, one in self._sources.items()}

    def _cells(self, target: str, source: _Source) -> Kind | None:
        if target in FIELDS or source.kind is not None:
            return None if target in FIELDS else source.kind
        values = list(chain.from_iterable(several(one.get(name)) for one in self._sample for name in source.columns))
        numbers = [isinstance(one, (int, float)) and not isinstance(one, bool) for one in values if present(one)]
        return "number" if numbers and all(numbers) else "text"

    def odd_one(self, target: str) -> tuple[Kind, str] | None:
        """Return what nearly all cells of an attribute of texts are, and one that is not, see `cells.odd_one`.

        Where values say themselves what they are, that is a text among numbers.
        """
        source = self._sources[target]
        if source.strict or source.kind not in {"text", None}:
            return None
        if self._textual:
            return cells.odd_one(source.columns, self._held(source.columns))
        values = [one[name] for one in self._sample for name in source.columns if present(one.get(name))]
        return cells.odd_text(values)

    def undecided_date(self, target: str) -> str | None:
        """Return a date of an attribute that may begin with the day or with the month, see `cells.undecided_date`."""
        source = self._sources[target]
        return None if source.date or source.strict else cells.undecided_date(self._held(source.columns))

    def entity(self, record: Record) -> Record:
        """Return what a record says, as an entity is sent. Raises InvalidEvent."""
        held = flat(record, self.objects)
        if not held.keys() <= self._known:
            for name in held:
                self._know(name)
        sent: Record = {}
        attributes: Record = {}
        for target, source in self._sources.items():
            values = [held.get(name) for name in source.columns]
            if target not in _CALLED:
                values = list(map(_without_null, values))
            found = list(filter(present, values))
            if not found:
                continue
            if target in FIELDS:
                sent[target] = _field(target, source, values)
            else:
                attributes[target.removeprefix(ATTRIBUTE)] = _attribute(target, source, found)
        if others := self._other_names(held):
            aliases = sent.get("aliases")
            sent["aliases"] = list(dict.fromkeys([*(aliases if isinstance(aliases, list) else ()), *others]))
        if attributes:
            sent["attributes"] = attributes
        return sent if "type" in sent else sent | {"type": self._type}

    def named(self, record: Record) -> Record:
        """Return the name and the object id of a record, as far as it has them, whatever else is wrong with it."""
        held = flat(record, self.objects)
        return {
            target: _field(target, source, values)
            for target, source in self._sources.items()
            if target in _CALLED and any(map(present, values := [held.get(name) for name in source.columns]))
        }

    def _other_names(self, held: Record) -> list[str]:
        """Return the names behind the first, where a record has a list of them."""
        named = [held.get(column) for column in self._sources["name"].columns] if "name" in self._sources else []
        lists = (list(filter(present, value)) for value in named if isinstance(value, list))
        return [str(cells.text(one)) for one_list in lists for one in one_list[1:] if one != one_list[0]]

    def _know(self, name: str) -> None:
        """Decide what becomes of a column, where the mapping does not say it."""
        if name in self._known:
            return
        self._known.add(name)
        if self._tells(name):
            return
        written = self._guess((name,))
        free = name not in self._sources and self._fits(name, written)
        target = name if free else f"{ATTRIBUTE}{name}"
        self._sources[target] = _Source(
            (name,), self._kind(written), self._separator, written.decimal, date=written.date
        )

    def _fits(self, name: str, written: Written) -> bool:
        """Tell whether a column may be the field that it is called, but for one cell in ten, which may be spoilt."""
        if name not in _RANGES:
            return True
        held = self._held((name,))
        return sum(_may_be(name, cell, written) for cell in held) >= _FIT * len(held)

    def _kind(self, written: Written) -> Kind | None:
        """Return what cells are; None where values say it themselves, and are no texts of numbers or dates."""
        return None if written.kind == "text" and not self._textual else written.kind

    def _guess(self, columns: Iterable[str]) -> Written:
        return cells.kind_of(columns, self._held(columns))

    def _held(self, columns: Iterable[str]) -> list[str]:
        values = (one[name] for one in self._sample for name in columns if name in one)
        return [
            str(cells.text(part))
            for value in values
            for part in (value if isinstance(value, list) else (value,))
            if present(part)
        ]


def _without_null(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [one for one in value if one not in _NULLS]
    return None if isinstance(value, str) and value in _NULLS else value


def _field(target: str, source: _Source, found: Sequence[JsonValue]) -> JsonValue:
    """Return the value of a field. found: of each column, None where it says nothing."""
    if target == "object_id" and len(found) > 1:
        return joined_id([str(cells.text(value) or "") for value in found])
    present = [value for value in found if value is not None]
    if target in _LISTS:
        return [str(one) for value in present for one in _several(value, source.separator)]
    if target in _NUMBERS or target == "created_s":
        return _read(target, source, present[0], _date if target == "created_s" else _number)
    texts = present if target != "description" else chain.from_iterable(several(value) for value in present)
    return " ".join(str(text) for value in texts if (text := cells.text(value)) is not None)


def _attribute(target: str, source: _Source, found: Sequence[JsonValue]) -> JsonValue:
    if source.kind is None and len(found) == 1 and not (source.separator and isinstance(found[0], str)):
        return found[0]
    if source.kind in _READERS:
        try:
            parts = [one for value in found for one in _several(value, source.separator)]
            return [_read(target, source, one, _READERS[source.kind]) for one in parts]
        except InvalidEvent:
            if source.strict:
                raise
    weights: Record = {}
    for value in found:
        weights |= _texts(value, source.separator)
    return weights


def _texts(value: JsonValue, separator: str) -> Record:
    if isinstance(value, str):
        return dict(cells.texts(value, separator)) if separator else {value: 1.0}
    if isinstance(value, list):
        return {str(cells.text(one)): 1.0 for one in value if one is not None}
    return {str(cells.text(value)): 1.0}


def _several(value: JsonValue, separator: str) -> list[JsonValue]:
    if isinstance(value, str) and separator:
        return [*cells.texts(value, separator)]
    return several(value)


def _read(target: str, source: _Source, value: JsonValue, read: Callable[[JsonValue, _Source], JsonValue]) -> JsonValue:
    try:
        return read(value, source)
    except ValueError as error:
        column = "+".join(source.columns)
        where = target if column in {target, target.removeprefix(ATTRIBUTE)} else f"{target} (column {column})"
        raise InvalidEvent(Reason.BAD_FIELD, f"{where}: {error}; docs/entities.md says what to write") from None


def _may_be(field: str, cell: str, written: Written) -> bool:
    """Tell whether a cell is what a field of numbers or dates takes, or says nothing."""
    try:
        found = cells.date(cell, written.date) if field == "created_s" else cells.number(cell, written.decimal)
    except ValueError:
        return False
    return found is None or _RANGES[field](found)


def _number(value: JsonValue, source: _Source) -> JsonValue:
    return cells.number(value, source.decimal) if isinstance(value, str) else value


def _date(value: JsonValue, source: _Source) -> JsonValue:
    return cells.date(value, source.date) if isinstance(value, str) else read_date(value)


def _date_text(value: JsonValue, source: _Source) -> JsonValue:
    moment = _date(value, source)
    return write_date(moment) if isinstance(moment, float) else None


def _flag(value: JsonValue, _: _Source) -> JsonValue:
    return cells.flag(str(cells.text(value)))


_READERS: Final[dict[Kind | None, Callable[[JsonValue, _Source], JsonValue]]] = {
    "number": _number,
    "date": _date_text,
    "flag": _flag,
}
