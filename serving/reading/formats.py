"""The forms that a catalogue's file may have, told by its beginning."""

import codecs
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BufferedIOBase, BufferedReader, BytesIO
from itertools import chain, islice
from typing import BinaryIO, Final, cast

from backports import zstd

from ltrr.models.errors import InvalidInput
from ltrr.serving.reading import json_records, parquet, tables
from ltrr.serving.reading.other_events import LOOKED_AT, refuse_other_records, refuse_other_text
from ltrr.serving.reading.records import Records

_HEAD: Final = 65_536
_GZIP: Final = b"\x1f\x8b"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
_PARQUET: Final = b"PAR1"
_OTHERS: Final = {
    b"PK\x03\x04": "a ZIP archive, as spreadsheets (.xlsx, .ods) are: save the table as CSV in UTF-8, or unpack it",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet (.xls): save the table as CSV in UTF-8",
    b"%PDF": "a PDF: export what it was made of as CSV",
}
_MARKUP: Final = re.compile(rb"<[?!a-z]", re.IGNORECASE)
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLANKS: Final = codecs.BOM_UTF8 + b" \t\r\n"


@contextmanager
def records_of(file: BinaryIO) -> Iterator[Records]:
    """Yield the records of a file: Parquet, JSON (lines, an array, an export), else a table.

    Tables and JSON may be compressed with gzip or Zstandard; they are UTF-8, or UTF-16 with a byte-order mark. Raises
    InvalidInput where the file, as far as it is read, cannot be used as what it is.
    """
    with _whole():
        source = _peekable(file)
        if source.peek(4).startswith(_PARQUET):
            yield parquet.read(source)
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


def _refuse_others(head: bytes) -> None:
    """Refuse what is known to be none of the forms. Raises InvalidInput."""
    for beginning, form in _OTHERS.items():
        if head.startswith(beginning):
            raise InvalidInput(f"the file is {form}")
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
