"""The forms that a catalogue's file may have, told by its beginning."""

import codecs
import csv
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from io import BufferedIOBase, BufferedReader, BytesIO, StringIO
from itertools import chain, islice
from typing import BinaryIO, Final, cast

from backports import zstd
from python_calamine import CalamineError, PasswordError, SheetTypeEnum, load_workbook

from ltrr.models.errors import InvalidInput
from ltrr.serving.reading import json_records, parquet, tables
from ltrr.serving.reading.other_events import LOOKED_AT, refuse_other_records, refuse_other_text
from ltrr.serving.reading.records import Records

_HEAD: Final = 65_536
_GZIP: Final = b"\x1f\x8b"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
_PARQUET: Final = b"PAR1"
_ARCHIVES: Final = {
    b"PK\x03\x04": "a ZIP archive, and no spreadsheet: unpack it",
    b"\xd0\xcf\x11\xe0": "of an old office program, and no spreadsheet: save what it holds as CSV in UTF-8",
}
_PDF: Final = b"%PDF"
_FEWEST_ROWS: Final = 2
_MARKUP: Final = re.compile(rb"<[?!a-z]", re.IGNORECASE)
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLANKS: Final = codecs.BOM_UTF8 + b" \t\r\n"


@contextmanager
def records_of(file: BinaryIO) -> Iterator[Records]:
    """Yield the records of a file: Parquet, a spreadsheet, JSON (lines, an array, an export), else a table.

    Tables and JSON may be compressed with gzip or Zstandard; they are UTF-8, or UTF-16 with a byte-order mark. Raises
    InvalidInput where the file, as far as it is read, cannot be used as what it is.
    """
    with _whole():
        source = _peekable(file)
        if source.peek(4).startswith(_PARQUET):
            yield parquet.read(source)
            return
        if source.peek(4)[:4] in _ARCHIVES:
            yield _of_spreadsheet(source.read())
            return
        plain = _decompressed(source)
        head = plain.peek(_HEAD).lstrip(_BLANKS)
        _refuse_others(head)
        is_json = head[:1] in {b"{", b"["}
        yield json_records.read(plain) if is_json else tables.read(plain)


@contextmanager
def json_of(file: BinaryIO) -> Iterator[Records]:
    """Yield the events of a file: JSON, compressed and marked as `records_of` reads it, each as it stands there.

    Raises InvalidInput where the file, as far as it is read, cannot be used, or holds no events of UBI.
    """
    with _whole():
        plain = _decompressed(_peekable(file))
        refuse_other_text(plain.peek(_HEAD)[:_HEAD])
        found = json_records.read(plain, holders=("hits",), entities=False)
        rows = iter(found.rows)
        first = list(islice(rows, LOOKED_AT))
        refuse_other_records(row for _, row in first)
        yield replace(found, rows=chain(first, rows))


@contextmanager
def _whole() -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zstd.ZstdError) as error:
        raise InvalidInput(f"the file cannot be decompressed: {error}; make it anew") from error


def _of_spreadsheet(raw: bytes) -> Records:
    """Return the rows of the first sheet of a workbook that has a header and a row. Raises InvalidInput."""
    try:
        book = load_workbook(BytesIO(raw))
        names = [one.name for one in book.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
        sheets = {name: rows for name in names if len(rows := book.get_sheet_by_name(name).to_python()) >= _FEWEST_ROWS}
    except PasswordError:
        raise InvalidInput("the spreadsheet is protected by a password: save it without one") from None
    except CalamineError:
        raise InvalidInput(f"the file is {_ARCHIVES[raw[:4]]}") from None
    if not sheets:
        raise InvalidInput("no sheet of the spreadsheet has a row of names and rows below it")
    name, rows = next(iter(sheets.items()))
    written = StringIO()
    csv.writer(written).writerows([_cell(value) for value in row] for row in rows)
    table = tables.read(BufferedReader(BytesIO(written.getvalue().encode()), _HEAD))
    return replace(table, form=f"a spreadsheet, of which the sheet {name!r} is read", unit="row")


def _cell(value: object) -> str:
    """Return a cell as it stands in a table; dates in ISO 8601."""
    match value:
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
    return str(value)


def _refuse_others(head: bytes) -> None:
    """Refuse what is known to be none of the forms. Raises InvalidInput."""
    if head.startswith(_PDF):
        raise InvalidInput("the file is a PDF: export what it was made of as CSV")
    if _MARKUP.match(head):
        raise InvalidInput(
            "the file is XML or HTML, which is not read: write its records as a table or as JSON lines, one object of "
            "fields for each (a shop's feed can mostly be had as CSV or TSV, too)"
        )


def _peekable(file: BinaryIO) -> BufferedReader:
    return file if isinstance(file, BufferedReader) else BufferedReader(cast("BufferedIOBase", file), _HEAD)


def _decompressed(source: BufferedReader) -> BufferedReader:
    """Return what a file holds, without a mark of its byte order, as UTF-8."""
    head = source.peek(4)
    if head.startswith(_GZIP):
        source = BufferedReader(gzip.GzipFile(fileobj=source), _HEAD)
    elif head.startswith(_ZSTANDARD):
        source = BufferedReader(zstd.ZstdFile(source), _HEAD)
    head = source.peek(4)
    if head.startswith(_UTF16):
        try:
            return BufferedReader(BytesIO(source.read().decode("utf-16").encode()), _HEAD)
        except UnicodeDecodeError as error:
            raise InvalidInput(f"the file begins as UTF-16 and is none: {error.reason}; convert it to UTF-8") from None
    if head.startswith(codecs.BOM_UTF8):
        source.read(len(codecs.BOM_UTF8))
    return source
