"""Changes of the catalogue in files: JSON lines or CSV, as they are or compressed with gzip."""

import csv
import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedIOBase, BufferedReader
from typing import BinaryIO, Final, cast

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.models.records.entity import Entity, Place
from ltrr.serving.events.lines import numbered_lines
from ltrr.streams.events.codec import parse_change
from ltrr.streams.events.refusals import Reason

_GZIP: Final = b"\x1f\x8b"
_HEAD: Final = 4096
_NEEDED: Final = ("object_id",)
_LISTS: Final = ("aliases", "related")
_PLAIN: Final = ("type", "name", "description", "popularity", "quality", "created_s", "application", "version")
_DELETED: Final = "deleted"
_ATTRIBUTE: Final = "attributes."
_DOCS: Final = "docs/entities.md says what to write"


def numbered_changes(file: BinaryIO) -> Iterator[tuple[int, Entity | Place | InvalidEvent]]:
    """Yield (line number from 1, a change or why it is refused); a CSV row of several lines has that of its first.

    A file whose first line is a header that names `object_id` is CSV. Raises InvalidInput where the header has other
    columns than are known, or the file is no gzip or no UTF-8 after all.
    """
    try:
        source = _peekable(file)
        head = source.peek(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0]
        yield from _rows(source) if b"object_id" in head and not head.startswith(b"{") else _json_lines(source)
    except (gzip.BadGzipFile, EOFError) as error:
        raise InvalidInput(f"the file is no whole gzip: {error}; make it anew") from error


def _peekable(file: BinaryIO) -> BufferedReader:
    """Return the file, decompressed where it begins as gzip does."""
    source = file if isinstance(file, BufferedReader) else BufferedReader(cast("BufferedIOBase", file))
    return BufferedReader(gzip.GzipFile(fileobj=source)) if source.peek(2)[:2] == _GZIP else source


def _json_lines(file: BinaryIO) -> Iterator[tuple[int, Entity | Place | InvalidEvent]]:
    for number, line in numbered_lines(file):
        yield number, _parsed(line)


def _rows(file: BinaryIO) -> Iterator[tuple[int, Entity | Place | InvalidEvent]]:
    reader = csv.reader(_decoded(file), strict=True)
    header: list[str] = []
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
            if not cells:
                continue
            if not header:
                header = _checked([name.strip() for name in cells])
                continue
            yield number, _parsed(_as_json(header, cells))
        except StopIteration:
            return
        except csv.Error as error:
            yield number, _refused(f"no CSV ({error})")
        except InvalidEvent as refused:
            yield number, refused


def _decoded(file: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise InvalidInput(f"line {number} is not UTF-8: convert the file") from None


def _checked(header: list[str]) -> list[str]:
    known = {*_NEEDED, *_LISTS, *_PLAIN, _DELETED}
    for name in header:
        if name not in known and not (name.startswith(_ATTRIBUTE) and name != _ATTRIBUTE):
            raise InvalidInput(f"line 1: there is no column {name!r}; {_DOCS}")
        if header.count(name) > 1:
            raise InvalidInput(f"line 1: the column {name!r} is there twice; leave one")
    return header


def _as_json(header: Sequence[str], cells: Sequence[str]) -> bytes:
    """Return a row as a line of JSON; empty cells are left out. Raises InvalidEvent."""
    if len(cells) != len(header):
        raise _refused(f"{len(cells)} cells where the header has {len(header)}")
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
    if row.pop(_DELETED, "false").lower() not in {"false", "0", "no"}:
        return json.dumps({_DELETED: True, **row}).encode()
    attributes = {name.removeprefix(_ATTRIBUTE): row[name] for name in row if name.startswith(_ATTRIBUTE)}
    fields: dict[str, object] = {name: cell for name, cell in row.items() if not name.startswith(_ATTRIBUTE)}
    fields |= {name: _parts(row[name]) for name in _LISTS if name in row}
    if attributes:
        fields["attributes"] = {name: _weights(name, cell) for name, cell in attributes.items()}
    return json.dumps(fields).encode()


def _weights(name: str, cell: str) -> Mapping[str, float]:
    """Read `value:weight|value`, where no weight is 1."""
    weights: dict[str, float] = {}
    for part in _parts(cell):
        value, colon, weight = part.rpartition(":")
        if not colon:
            weights[part] = 1.0
        elif re.fullmatch(r"\s*[0-9.]+(e-?[0-9]+)?\s*", weight) and value.strip():
            weights[value.strip()] = float(weight)
        else:
            raise _refused(f"{_ATTRIBUTE}{name}: {part[:50]!r} has no weight after its last colon")
    return weights


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def _parsed(line: bytes) -> Entity | Place | InvalidEvent:
    try:
        return parse_change(line)
    except InvalidEvent as refused:
        return refused


def _refused(problem: str) -> InvalidEvent:
    return InvalidEvent(Reason.BAD_FIELD, f"{problem}; {_DOCS}")
