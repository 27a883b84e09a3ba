"""A mapping for a file that comes without one, proposed from its header and its first records."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

from pydantic import JsonValue

from ltrr.models.errors import InvalidInput
from ltrr.models.records.contacts import is_contact
from ltrr.models.records.entity import LONGEST_ID
from ltrr.serving.reading import cells
from ltrr.serving.reading.cells import present
from ltrr.serving.reading.mapping import ATTRIBUTE, FIELDS, SEPARATOR, SHORT, WITHIN, Column, Mapping
from ltrr.serving.reading.objects import flat, objects_of
from ltrr.serving.reading.proposals import names, shapes
from ltrr.serving.reading.proposals.drawings import drawings
from ltrr.serving.reading.proposals.headers import HINTS, called, is_plainly, language, translations, untranslated
from ltrr.serving.reading.records import Record

Mapped: TypeAlias = Map[str, Sequence[str]]

_WORDED: Final = ("name", "description")
_SINGLE: Final = ("name", "object_id", "created_s", "popularity")
_COUNTED: Final = ("created_s", "popularity")
_LOOKED_AT: Final = 500
_FEW: Final = 5
_SHOWN: Final = 40  # characters
_MOST_TYPES: Final = 20
_MOST_PARTS: Final = 3
_PAIR: Final = 2
_WHOLE: Final = 0.9
_DIFFERENT: Final = 0.999
_POINT: Final = "."
_SHORTEST_DATE: Final = 4  # "1" is a mark of what is published, no second of 1970


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping that would do. unsure: what it leaves open, or has guessed, and how to say it."""

    mapping: Mapping
    unsure: tuple[str, ...] = ()


def propose(sample: Sequence[Record], *, textual: bool) -> Proposal:
    """Return a mapping, without a name where no column may be one. Raises InvalidInput where there are no columns.

    Each column becomes a field by its name, or that of the object that it is in, and what is in it, of several one that
    most records have, and those that stand in its place elsewhere; where none is called like a name or a description,
    one that alone looks like it does, and where the one called like a name repeats, as categories do; else an
    attribute. First and last names are the name together, and where nothing is called so maker and model are, of which
    the maker is an attribute, too, as is what counts as popularity or as when a thing was made, under its own name.
    Names in other languages are aliases. Contacts stay that, and drawings are left out.
    Where no column tells records apart, several together are the id. What has several values in a record is neither its
    name nor its id, and an object of weights (see `Objects`) is one attribute.
    """
    objects = objects_of(sample)
    whole, rows = objects.weighed, [flat(one, objects) for one in sample]
    held = {name: texts for name, texts in _held(rows).items() if name not in whole}
    if not held:
        raise InvalidInput("no record has anything in a column: the first line of a table has to name its columns")
    left_out, held = drawings(held)
    worded = _worded(held)
    several = {name for one in rows for name, value in one.items() if isinstance(value, list) and len(value) > 1}
    taken = _by_name(held, worded, several, rows)
    unsure = []
    if "description" not in taken:
        found = shapes.describing(_free(worded, taken))
        taken |= {"description": (found[0],)} if len(found) == 1 else {}
        unsure += [_which(found)] if len(found) > 1 else []
    kept: tuple[str, ...] = ()
    if "name" not in taken and (pair := names.of_products(_free(worded, taken), len(rows), _FITS["name"])):
        taken["name"], kept = pair, pair[:1]
    called_so = taken.get("name", ())
    if len(called_so) != _PAIR and (not called_so or names.repeats(held[called_so[0]])):
        free = {one: texts for one, texts in _free(worded, taken).items() if one not in several}
        name, guessed = names.named(called_so[0] if called_so else None, free, len(rows), taken, worded)
        taken = taken if name is None else _called(taken, name)
        unsure += [guessed] if guessed is not None else []
    if translated := tuple(translations(taken.get("name", ()), list(held))):
        taken["aliases"] = (*taken.get("aliases", ()), *translated)
    if "object_id" not in taken:
        single = [name for name in held if name not in several]
        texts = [name for name in single if cells.kind_of([name], held[name]).kind == "text"]
        # numbers are different by chance, and change: only where no texts will do
        telling = (_telling(one, rows, taken.get("name", ())[:1]) for one in (texts, [*texts, *single]))
        taken["object_id"] = next(filter(None, telling), tuple(texts) or tuple(held))
    ids = held[taken["object_id"][0]] if len(taken["object_id"]) == 1 else []
    if repeated := next((one for one, count in Counter(ids).items() if count > 1), None):
        unsure.append(f"several records have the {taken['object_id'][0]} {repeated!r}: the last of them is kept")
    kept += tuple(name for field in _COUNTED for name in taken.get(field, ()) if name.lower() not in FIELDS)
    used = {one for field, columns in taken.items() if field != "object_id" or len(columns) == 1 for one in columns}
    mapped = {field: Column(column=taken[field]) for field in HINTS if field in taken}
    for name in held:
        if name not in used or name in kept:
            target = f"{ATTRIBUTE}{name}" if name in FIELDS or name in SHORT else name
            listed = any(isinstance(one.get(name), list) for one in rows)
            mapped[target] = _attribute(name, held[name], textual=textual, listed=listed)
    mapped |= {f"{ATTRIBUTE}{name.removeprefix(ATTRIBUTE)}": Column(column=(name,)) for name in sorted(whole)}
    return Proposal(Mapping(columns=mapped, leave_out=left_out), tuple(unsure))


def undescribed(sample: Sequence[Record], told: Callable[[str], bool]) -> str | None:
    """Return what to say where entities will have no description, though a column looks like one; None where none does.

    told: whether somebody has said what a column becomes.
    """
    held = _held([flat(one) for one in sample])
    found = shapes.describing({name: texts for name, texts in _worded(held).items() if not told(name)})
    return _which(found) if found and "description" not in held else None


def numbers_as_texts(sample: Sequence[Record]) -> str | None:
    """Return what to say of records that are entities as they are and write numbers as texts; None if none does.

    Such a text is in no range, and the last of every order.
    """
    held: dict[str, list[JsonValue]] = {}
    for record in sample:
        for name, value in flat(record).items():
            if name not in FIELDS:
                held.setdefault(name, []).extend(filter(present, value if isinstance(value, list) else [value]))
    said = []
    for name, values in held.items():
        texts = [one for one in values if isinstance(one, str)]
        if texts and (cells.odd_text(values) or cells.kind_of([name], texts).kind == "number"):
            said.append(f"{name.removeprefix(ATTRIBUTE)} ({texts[0][:_SHOWN]!r})")
    if not said:
        return None
    return f"numbers are written as texts, which have no size to compare: {', '.join(said[:_FEW])}; write them unquoted"


def _held(rows: Sequence[Record]) -> dict[str, Sequence[str]]:
    """Return column -> its cells that say something, as texts."""
    names = dict.fromkeys(name for one in rows for name in one)
    return {name: [str(cells.text(one[name])) for one in rows if present(one.get(name))] for name in names}


def _by_name(
    held: Mapped, worded: Mapped, several: Collection[str], rows: Sequence[Record]
) -> dict[str, tuple[str, ...]]:
    """Return field -> the columns that are called like it and may be it, the likeliest first.

    Of those that say the same the ones in another language than the name are the last. What an object has that is
    named itself says something of another thing, but where that is the name of the record.
    several: columns that have several values in some record.
    """
    single = {name: texts for name, texts in worded.items() if name not in several}
    people = names.of_people(single, rows, _FITS["name"])
    taken: dict[str, tuple[str, ...]] = {"name": people} if people else {}
    inner = (name.rpartition(WITHIN) for name in held if WITHIN in name)
    others = {outer for outer, _, called_so in inner if is_plainly("name", called_so)}
    for field, fits in _FITS.items():
        if field in taken:
            continue
        free = [name for name in held if not any(name in used for used in taken.values())]
        if "name" in taken and WITHIN not in taken["name"][0]:
            free = [name for name in free if name.rpartition(WITHIN)[0] not in others]
        if field in _WORDED:
            free = [name for name in free if name in worded]
        if field in _SINGLE:
            free = [name for name in free if name not in several]
        spoken = {None, language(taken["name"][0]) if "name" in taken else None}
        fitting = dict.fromkeys(name for name in called(field, free) if fits(held[name], len(rows)))
        if found := _in_language(list(fitting), spoken):
            likeliest = next((name for name in found if _in_most(held[name], len(rows))), found[0])
            if field == "object_id" and _counts_rows(held[likeliest]):
                likeliest = next((name for name in found if _is_key(held[name], len(rows))), likeliest)
            taken[field] = (
                likeliest,
                *(names.instead(likeliest, {name: held[name] for name in free}, rows) if field in _WORDED else ()),
            )
    return taken


def _called(taken: Map[str, tuple[str, ...]], name: str) -> dict[str, tuple[str, ...]]:
    """Return what columns become with one of them as the name, which then describes no more."""
    others = {field: columns for field, columns in taken.items() if (field, columns) != ("description", (name,))}
    return others | {"name": (name,)}


def _in_language(columns: Sequence[str], spoken: Collection[str | None]) -> list[str]:
    """Return columns so that of those that say the same in several languages the one in a language spoken is first."""
    said = list(dict.fromkeys(map(untranslated, columns)))
    return sorted(columns, key=lambda name: (said.index(untranslated(name)), language(name) not in spoken))


def _free(held: Mapped, taken: Map[str, Sequence[str]]) -> Mapped:
    """Return the columns that have become nothing yet, or the id alone."""
    used = {name for field, held_by in taken.items() if field != "object_id" for name in held_by}
    return {name: texts for name, texts in held.items() if name not in used}


def _worded(held: Mapped) -> Mapped:
    """Return the columns that may name or describe: those of contacts do not."""
    return {name: texts for name, texts in held.items() if not is_contact(name, texts[:_LOOKED_AT])}


def _which(found: Sequence[str]) -> str:
    said = f"{' and '.join(found)} may describe, and {'are' if len(found) > 1 else 'is'} searched as attributes are"
    return f"{said}: --map description=COLUMN says which describes"


def _attribute(name: str, held: Sequence[str], *, textual: bool, listed: bool) -> Column:
    """Return what a column becomes. listed: records have lists of values, none of which is several."""
    written = cells.kind_of([name], held)
    separator = shapes.separator(held) if written.kind == "text" and not listed else None
    if not textual:
        return Column(column=(name,), separator=separator)
    return Column(
        column=(name,),
        kind=written.kind,
        separator=separator or (SEPARATOR if written.kind == "text" else None),
        decimal=None if written.decimal == _POINT else written.decimal,
        date=written.date if written.kind == "date" else None,
    )


def _telling(columns: Sequence[str], rows: Sequence[Record], name: Sequence[str]) -> tuple[str, ...]:
    """Return the fewest columns, the name among them if it can be, that tell all records apart; or none."""
    ordered = list(dict.fromkeys([*name, *columns]))
    for count in range(1, _MOST_PARTS + 1):
        for chosen in combinations(ordered, count):
            found = {tuple(str(one.get(column)) for column in chosen) for one in rows}
            if len(found) == len(rows) and (count > 1 or _unique([parts[0] for parts in found], len(rows))):
                return chosen
    return ()


def _in_most(held: Sequence[object], rows: int) -> bool:
    """Tell whether most records have something in a column."""
    return 2 * len(held) > rows


def _unique(held: Sequence[str], rows: int) -> bool:
    """Tell whether a column is an id: each has its own but for one in ten that lacks it, and one in 1,000 repeated."""
    return (
        len(set(held)) >= _DIFFERENT * len(held)
        and len(held) >= _WHOLE * rows
        and max(map(len, held), default=0) <= LONGEST_ID
    )


def _counts_rows(held: Sequence[str]) -> bool:
    """Tell whether a column only numbers records: from 0 or 1 on, most no higher than there are records."""
    if not all(map(str.isdecimal, held)):
        return False
    numbers = list(map(int, held))
    return min(numbers) in {0, 1} and _in_most([one for one in numbers if one <= len(numbers)], len(numbers))


def _is_key(held: Sequence[str], rows: int) -> bool:
    """Tell whether each record has a text of its own in a column."""
    return len(held) == rows and cells.kind_of((), held).kind == "text"


def _are_numbers(held: Sequence[str], rows: int) -> bool:
    del rows
    written = cells.kind_of((), held)
    return _reads(lambda cell: cells.number(cell, written.decimal), held, least=0.0)


def _are_dates(held: Sequence[str], rows: int) -> bool:
    del rows
    written = cells.kind_of((), held)
    long = min(map(len, held), default=0) >= _SHORTEST_DATE
    return long and _reads(lambda cell: cells.date(cell, written.date), held)


def _reads(read: Callable[[str], float | None], held: Sequence[str], least: float | None = None) -> bool:
    try:
        found = [number for cell in held if (number := read(cell)) is not None]
    except ValueError:
        return False
    return bool(found) and (least is None or min(found) >= least)


_FITS: Final[dict[str, Callable[[Sequence[str], int], bool]]] = {
    "name": lambda held, rows: (
        not shapes.is_written_by_machines(held) and ((_in_most(held, rows) and len(set(held)) > 1) or rows == 1)
    ),
    "object_id": _unique,
    "description": lambda held, _: (
        bool(held) and cells.kind_of((), held).kind == "text" and not shapes.is_written_by_machines(held)
    ),
    "popularity": _are_numbers,
    "created_s": _are_dates,
    "type": lambda held, rows: (
        _in_most(held, rows) and len(set(held)) <= _MOST_TYPES and shapes.separator(held) is None
    ),
    "aliases": lambda held, _: bool(held) and not shapes.is_of_digits(held),
    "deleted": lambda held, _: bool(held),
}
