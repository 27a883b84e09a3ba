"""Columns that hold drawings or other code, with the numbers that measure them: nobody searches for these."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

from ltrr.serving.reading import cells
from ltrr.serving.reading.mapping import WITHIN, is_within
from ltrr.serving.reading.proposals import shapes


def drawings(held: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], dict[str, Sequence[str]]]:
    """Return what is to be left out, and all other columns with their cells.

    Of an object with a drawing its numbers go too, and an object of which nothing else is left goes whole.
    """
    drawn = {name for name, texts in held.items() if shapes.is_drawn(texts)}
    within = {name.rpartition(WITHIN)[0] for name in drawn} - {""}
    beside = {
        name
        for name, texts in held.items()
        if name.rpartition(WITHIN)[0] in within and cells.kind_of((), texts).kind == "number"
    }
    gone = drawn | beside
    kept = {name: texts for name, texts in held.items() if name not in gone}
    return tuple(dict.fromkeys(_outermost(name, kept) for name in held if name in gone)), kept


def _outermost(name: str, kept: Mapping[str, Sequence[str]]) -> str:
    """Return the outermost object that a column is in, of which nothing is kept, else the column."""
    outer = accumulate(name.split(WITHIN), lambda before, part: f"{before}{WITHIN}{part}")
    return next(one for one in outer if not any(is_within(other, one) for other in kept))
