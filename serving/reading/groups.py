"""Rows of a table that are one thing in several forms, of which the first alone says what all have."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from ltrr.models.errors import InvalidEvent
from ltrr.serving.reading.cells import present
from ltrr.serving.reading.records import Record, Row

_MOST: Final = 0.9
_SOME: Final = 0.1
_FEWEST: Final = 2
_LISTED: Final = 300  # characters


@dataclass(frozen=True, slots=True)
class Group:
    """Which neighbouring rows are one thing: those with the same cell in a column.

    shared: columns that are empty in all rows of a thing but its first.
    """

    column: str
    shared: tuple[str, ...]

    @property
    def said(self) -> str:
        """Return what to say of a group that nobody has named."""
        return (
            f"rows with the same {self.column} are taken for one thing in several forms, all of which have what its "
            f'first row says of {", ".join(self.shared)[:_LISTED]}; "group": "" in a map file says that they are not'
        )

    def inherited(self, rows: Iterable[Row], own: Sequence[str]) -> Iterator[Row]:
        """Yield rows, later ones of a thing with what its first row says in the shared columns.

        own: columns of the id. A later row that has none of its own, as of one more picture, is no entity, and left
        out.
        """
        first: Record = {}
        for number, row in rows:
            if isinstance(row, InvalidEvent):
                yield number, row
                continue
            if not present(row.get(self.column)) or row[self.column] != first.get(self.column):
                first = row
                yield number, row
            elif all(present(row.get(name)) for name in own):
                yield number, {name: first[name] for name in self.shared if name in first} | row


def group_of(sample: Sequence[Record], column: str | None = None) -> Group | None:
    """Return how the rows of a table belong together, None where each stands for itself.

    Each has a cell in the column, equal ones stand together, and what nearly all first rows fill no other row does.
    column: the one by which they do, which then need not be so; found out where it is None.
    """
    columns = list(dict.fromkeys(name for row in sample for name in row))
    if column is not None:
        return Group(column, _shared(columns, _things(sample, column), 0.0))
    things = {name: _things(sample, name) for name in columns if all(present(row.get(name)) for row in sample)}
    found = [Group(name, _shared(columns, held, _MOST)) for name, held in things.items() if _stand_together(name, held)]
    return max((one for one in found if one.shared), key=lambda group: len(group.shared), default=None)


def _things(sample: Sequence[Record], column: str) -> list[list[Record]]:
    return [list(rows) for _, rows in groupby(sample, key=lambda row: row.get(column))]


def _stand_together(column: str, things: Sequence[Sequence[Record]]) -> bool:
    """Tell whether some things have several rows, and none has other things' rows between its own."""
    several = sum(len(rows) > 1 for rows in things)
    return several >= _FEWEST and len({str(rows[0][column]) for rows in things}) == len(things)


def _shared(columns: Sequence[str], things: Sequence[Sequence[Record]], most: float) -> tuple[str, ...]:
    """Return the columns that only first rows fill, of one thing of several rows in ten at least.

    most: the share of things whose first rows have to fill one of them.
    """
    several = [rows for rows in things if len(rows) > 1]
    later = {name for rows in several for row in rows[1:] for name in row}
    filled = Counter(name for rows in several for name in rows[0] if name not in later)
    if max(filled.values(), default=0) < max(1, most * len(several)):
        return ()
    return tuple(name for name in columns if filled[name] >= max(1, _SOME * len(several)))
