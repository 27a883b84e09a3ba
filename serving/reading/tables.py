"""Catalogues as tables: a header, then rows of cells with commas, semicolons, tabs or bars between them."""

import csv
import re
from _csv import Reader
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BufferedReader
from itertools import chain, islice
from typing import Final, Literal, TypeAlias

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.serving.reading.records import Record, Records
from ltrr.streams.events.refusals import Reason

_SAMPLE_CHARACTERS: Final = 256 * 1024
_SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MOST_CELL: Final = 256 * 1024
_ADDRESS: Final = re.compile(r"\w+://\S+|www\.\S+|\S+@\S+\.\w+", re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?\d+(?:[.,]\d+)?")
_MOSTLY: Final = 0.9
_COMPARED: Final = 1_000  # rows
_EVIDENCE: Final = 2
Quoting: TypeAlias = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE


def read(file: BufferedReader) -> Records:
    """Return the rows of a table in UTF-8; a row of several lines has the number of its first.

    Where the first row is plainly no header but a record, columns are called by their places: "column_1". Raises
    InvalidInput where two columns have one name, or a line is not UTF-8.
    """
    csv.field_size_limit(_MOST_CELL)
    lines = _decoded(file)
    sample, size = [], 0
    while size < _SAMPLE_CHARACTERS and (line := next(lines, "")):
        sample.append(line)
        size += len(line)
    separator, quoting = _form(sample)
    reader = csv.reader(chain(sample, lines), delimiter=separator, quoting=quoting, strict=True)
    form = f"a table with {_SEPARATORS[separator]}"
    if width := _width_without_header(sample, separator, quoting):
        columns, form = tuple(map(_called, range(1, width + 1))), f"{form} and without a header"
    else:
        columns = _header(reader)
    return Records(form, "line", _rows(reader, columns), True, columns)  # noqa: FBT003


def _form(sample: Sequence[str]) -> tuple[str, Quoting]:
    """Return the separator under which most rows are as wide as the header, and how cells are quoted.

    `csv.Sniffer` guesses at quotes from the first few, and takes a letter for a separator where there is one column.
    """
    forms: list[tuple[str, Quoting]] = [
        *((separator, csv.QUOTE_MINIMAL) for separator in _SEPARATORS),
        ("\t", csv.QUOTE_NONE),
    ]
    return max(forms, key=lambda form: _fit(sample, *form))


def _fit(sample: Sequence[str], separator: str, quoting: Quoting) -> tuple[float, int]:
    """Return the share of rows that are as wide as the header, with how wide that is."""
    reader = csv.reader(sample, delimiter=separator, quoting=quoting, strict=True)
    widths: list[int] = []
    with suppress(
        csv.Error
    ):  # a row may go on behind the sample; where it is no table of this form few lines were read
        widths.extend(len(row) for row in reader if row)
    if not widths or widths[0] == 1:
        return 0.0, 1
    return widths.count(widths[0]) / len(widths) * reader.line_num / len(sample), widths[0]


def _width_without_header(sample: Sequence[str], separator: str, quoting: Quoting) -> int:
    """Return how many columns a table has whose first row is a record, 0 where it may be a header.

    A record has an address, or texts that others have in their column, too, beside numbers above numbers: one is not
    enough, and columns may be called by years.
    """
    rows: list[list[str]] = []
    with suppress(csv.Error):
        reader = csv.reader(sample, delimiter=separator, quoting=quoting, strict=True)
        rows.extend(islice(filter(any, reader), _COMPARED))
    first, *others = rows or [[]]
    others = [row for row in others if len(row) == len(first) and row != first]
    kinds = Counter(_kind(cell, [row[at] for row in others if row[at]]) for at, cell in enumerate(first))
    is_record = kinds["address"] or (kinds["text"] and kinds["text"] + kinds["number"] >= _EVIDENCE)
    return len(first) if is_record and others else 0


def _kind(cell: str, below: Sequence[str]) -> str | None:
    """Return what a cell is that is no name of its column. below: the other cells of that."""
    if _ADDRESS.fullmatch(cell):
        return "address"
    if _NUMBER.fullmatch(cell):
        return "number" if 0 < _MOSTLY * len(below) <= sum(map(bool, map(_NUMBER.fullmatch, below))) else None
    return "text" if cell in below and len(set(below)) > 1 else None


def _called(place: int) -> str:
    return f"column_{place}"


def _header(reader: Reader) -> tuple[str, ...]:
    try:
        cells = next((cells for cells in reader if any(cells)), [])
    except csv.Error as error:
        raise InvalidInput(f"line 1 is no header: {error}") from None
    names = [name.strip() or _called(place) for place, name in enumerate(cells, start=1)]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput(f"line 1: the column {name!r} is there twice; leave one")
    return tuple(names)


def _rows(reader: Reader, columns: Sequence[str]) -> Iterator[tuple[int, Record | InvalidEvent]]:
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, _refused(f"no CSV ({error})")
            continue
        if not any(cells):
            continue
        while len(cells) > len(columns) and not cells[-1]:
            cells.pop()
        if len(cells) != len(columns):
            yield number, _refused(f"{len(cells)} cells where the header has {len(columns)}")
            continue
        found = zip(columns, map(str.strip, cells), strict=True)
        yield number, {name: cell for name, cell in found if cell}


def _decoded(file: BufferedReader) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        try:
            yield line.decode()
        except UnicodeDecodeError:
            advice = "convert the file, such as by `iconv -f WINDOWS-1252 -t UTF-8`"
            raise InvalidInput(f"line {number} is not UTF-8: {advice}") from None


def _refused(problem: str) -> InvalidEvent:
    return InvalidEvent(Reason.BAD_FIELD, f"{problem}; docs/entities.md says what to write")
