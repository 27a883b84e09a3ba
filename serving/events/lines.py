"""Read files of JSON lines, of any length, from a path or standard input."""

import codecs
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ltrr.models.errors import InvalidInput
from ltrr.streams.events.codec import MAX_BYTES

STANDARD_INPUT = "-"
_LONGEST = MAX_BYTES + 2  # with the end of the line


@contextlib.contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for "-". Raises InvalidInput where it cannot be read."""
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115  # closed below
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from error
    with file:
        yield file


def numbered_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, line) of the lines that are not blank.

    A line longer than an event may be is cut off just behind that size, so that it is refused as too large. A mark of
    the byte order stands where one of several files in a pipe begins, and is left out.
    """
    number = 0
    while line := file.readline(_LONGEST):
        number += 1
        cut_off = len(line) == _LONGEST and not line.endswith(b"\n")
        kept = line if cut_off else line.removeprefix(codecs.BOM_UTF8).strip()
        while not line.endswith(b"\n") and (line := file.readline(MAX_BYTES)):
            pass
        if kept:
            yield number, kept
