"""What a catalogue's file holds before it is understood: fields by name, and where each record stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

from ltrr.models.errors import InvalidEvent

Record: TypeAlias = dict[str, JsonValue]
Row: TypeAlias = tuple[int, Record | InvalidEvent]


@dataclass(frozen=True, slots=True)
class Records:
    """A file's records, each with its number from 1, or why it cannot be read.

    form: what the file is, for people. unit: what the numbers count. textual: whether every field is text, of which
    has to be found out what it is. columns: the header where there is one.
    """

    form: str
    unit: str
    rows: Iterable[Row]
    textual: bool = False
    columns: tuple[str, ...] = ()
