"""Which columns name records: one that is called so, two that make up people's names, or what looks most like it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from ltrr.serving.reading.cells import kind_of, present
from ltrr.serving.reading.mapping import WITHIN
from ltrr.serving.reading.proposals import shapes
from ltrr.serving.reading.proposals.headers import called, halves, is_plainly, made
from ltrr.serving.reading.records import Record

_MOST_ALIKE: Final = 10
_MOST: Final = 0.5
_LISTED: Final = 500  # characters
Held = Mapping[str, Sequence[str]]


def of_people(held: Held, rows: Sequence[Record], fits: Callable[[Sequence[str], int], bool]) -> tuple[str, ...]:
    """Return the columns of first and last names, where these name the records; else none.

    A column that is called as a name is, and is different in nearly every record, goes before them; what is the name of
    somebody else, as an author's is, names where nothing else does.
    """
    found = halves(list(held))
    parts = {name for first, last, _ in found for name in (first, last)}
    others = [name for name in called("name", list(held)) if name not in parts and fits(held[name], len(rows))]
    if any(is_plainly("name", name) and shapes.is_unique(held[name]) for name in others):
        return ()
    for first, last, whose in found:
        worded = all(fits(held[one], len(rows)) and shapes.is_worded(held[one]) for one in (first, last))
        if worded and not (whose and others) and not _hold(rows, first, last):
            return first, last
    return ()


def of_products(held: Held, rows: int, fits: Callable[[Sequence[str], int], bool]) -> tuple[str, ...]:
    """Return the columns of a maker and of a model, which are the name together; else none."""
    return next((pair for pair in made(list(held)) if all(fits(held[one], rows) for one in pair)), ())


def named(
    called_so: str | None, free: Held, rows: int, taken: Mapping[str, Sequence[str]], worded: Held
) -> tuple[str | None, str | None]:
    """Return the column that alone looks like the name and tells rows apart, else the one that is called so.

    Where there is neither it is the likest, None where none may be, with what to say of that: where no other is of
    words, what would describe. called_so: None where none is that may be it. free, worded: columns that are nothing
    yet, or the id, and all that may name. taken: field -> its columns; those of the id name where nothing else does.
    """
    found = shapes.naming(free, rows)
    if len(found) == 1 and shapes.is_unique(free[found[0]]):
        return found[0], None
    if called_so is not None:
        return called_so, None
    near = found or [name for name, texts in free.items() if shapes.is_slug(texts) and shapes.is_unique(texts)]
    others = {name: texts for name, texts in free.items() if name not in taken.get("object_id", ())}
    guess = near[0] if near else shapes.likest_a_name(others, rows) or shapes.likest_a_name(free, rows)
    if guess is None or not (near or shapes.is_worded(free[guess])):
        described = {name: worded[name] for name in taken.get("description", ())}
        guess = shapes.likest_a_name(described, rows) or guess
    if guess is not None and repeats(free.get(guess, ())):  # a kind; an id tells at least which it is
        guess = next((one for one in taken.get("object_id", ()) if shapes.is_unique(free.get(one, ()))), guess)
    said = f"no column is called like a name, of: {', '.join(free)[:_LISTED]}"
    if unfit := next(called("name", list(free)), None):
        lacks = "most records have nothing in it" if 2 * len(free[unfit]) <= rows else "it names no record"
        said = f"{unfit} is called like a name, but {lacks}"
    if guess is None:
        return None, f"{said}; none looks like one either: say which is the name"
    may = f", {' or '.join(near[1:])} may be it too" if near[1:] else ""
    return guess, f"{said}; {guess} is a guess{may}: check which is the name"


def instead(column: str, columns: Held, rows: Sequence[Record]) -> Iterator[str]:
    """Yield other texts of the object that a column is a field of, of which records have one or the other."""
    within, dot, _ = column.partition(WITHIN)
    filled = {at for at, one in enumerate(rows) if present(one.get(column))}
    for other in columns if dot else ():
        has = {at for at, one in enumerate(rows) if present(one.get(other))}
        beside = other != column and other.startswith(f"{within}{WITHIN}") and has and not has & filled
        if beside and kind_of((), columns[other]).kind == "text":
            filled |= has
            yield other


def repeats(texts: Sequence[str]) -> bool:
    """Tell whether values repeat ten times over, as categories do."""
    return _MOST_ALIKE * len(set(texts)) < len(texts)


def _hold(rows: Sequence[Record], first: str, last: str) -> bool:
    """Tell whether most first names hold the last one: they are whole names."""
    pairs = [(str(one[first]), str(one[last])) for one in rows if present(one.get(first)) and present(one.get(last))]
    return sum(part in whole for whole, part in pairs) > _MOST * len(pairs)
