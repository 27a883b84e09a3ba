"""Changes of the catalogue in a file, in whatever form and under whatever names it has them."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, islice
from typing import BinaryIO, Final, TypeAlias

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.models.records.entity import Entity, Place
from ltrr.serving.reading.cells import present
from ltrr.serving.reading.columns import Columns
from ltrr.serving.reading.formats import records_of
from ltrr.serving.reading.groups import Group, group_of
from ltrr.serving.reading.mapping import ATTRIBUTE, DEFAULT_TYPE, FIELDS, SHORT, WITHIN, Column, Mapping
from ltrr.serving.reading.objects import flat, objects_of
from ltrr.serving.reading.proposals.headers import called
from ltrr.serving.reading.proposals.proposal import Proposal, numbers_as_texts, propose, undescribed
from ltrr.serving.reading.records import Record, Records, Row
from ltrr.serving.settings.applications import served_change
from ltrr.streams.events.codec import parse_change

SAMPLE: Final = 10_000
_NEEDED: Final = ("object_id", "name")
_CALLED: Final = ("name", "object_id")
Change: TypeAlias = Entity | Place | InvalidEvent


class NeedsMapping(InvalidInput):
    """A file whose columns have other names than ltrr's.

    proposal: a mapping that would do; unsure: what it leaves open, or has guessed; sample: its records; columns: what
    they become by it.
    """

    def __init__(self, proposal: Proposal, form: str, sample: Sequence[Record], *, textual: bool) -> None:
        told = f"{_unlike(proposal.mapping)}: give --map, or --propose to have one written"
        super().__init__("; not sure: ".join((told, *proposal.unsure)))
        self.proposal, self.unsure = proposal.mapping, proposal.unsure
        self.form = form
        self.sample = sample
        self.columns = Columns(proposal.mapping, sample, textual=textual)


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of a file.

    form: what it is, for people; unit: what its numbers count; columns: None as they are; unsure: what may be a field
    and is not one, how to say so, and what is named that is not there.
    """

    form: str
    unit: str
    numbered: Iterator[tuple[int, Change]]
    columns: Columns | None
    unsure: tuple[str, ...] = ()


@contextmanager
def changes_of(
    file: BinaryIO, mapping: Mapping | None = None, served: Sequence[str] | None = None
) -> Iterator[Changes]:
    """Yield what a file changes; a record that cannot be read stands for itself alone.

    served: applications, as `served_change` has them; None takes what is named. A file with the names of ltrr needs no
    mapping. Raises NeedsMapping where another has none, InvalidInput where the file cannot be used.
    """
    with records_of(file) as records:
        first, rest, sample, group = _begun(records, mapping)
        names = frozenset(records.columns or _named(sample))
        columns = _columns(records, names, sample, group, mapping)
        told = mapping or Mapping()
        unsure = (
            group.said if group and told.group is None else None,
            None if "description" in told.columns else undescribed(sample, told.tells),
            _not_there(told.missing(names), names) if names else None,
            numbers_as_texts(sample) if columns is None else None,
        )
        rows = _read(chain(first, rest), columns, served)
        yield Changes(records.form, records.unit, rows, columns, tuple(filter(None, unsure)))


def proposed(file: BinaryIO) -> NeedsMapping:
    """Return what would do as the mapping of a file."""
    with records_of(file) as records:
        _, _, sample, group = _begun(records, None)
        return _needs(records, sample, group)


def _needs(records: Records, sample: Sequence[Record], group: Group | None) -> NeedsMapping:
    found = propose(sample, textual=records.textual)
    if group is not None:
        mapping = found.mapping.model_copy(update={"group": group.column})
        found = Proposal(mapping, (*found.unsure, group.said))
    return NeedsMapping(found, records.form, sample, textual=records.textual)


def _begun(records: Records, mapping: Mapping | None) -> tuple[list[Row], Iterator[Row], list[Record], Group | None]:
    """Return the first rows, the others, the records among the first, and how they belong together.

    Rows have what they share with the first of their group.
    """
    rows = iter(records.rows)
    first = list(islice(rows, SAMPLE))
    told = mapping.group if mapping is not None else None
    denied = told == "" or not (records.textual or told)
    group = None if denied else group_of(_records(first), told)
    if group is not None:
        rows = group.inherited(chain(first, rows), _own(group, _records(first), mapping))
        first = list(islice(rows, SAMPLE))
    return first, rows, _records(first), group


def _records(rows: Sequence[Row]) -> list[Record]:
    return [record for _, record in rows if not isinstance(record, InvalidEvent)]


def _own(group: Group, sample: Sequence[Record], mapping: Mapping | None) -> list[str]:
    """Return the columns that are the id, but for that of the group; without a mapping one called so that all fill."""
    if mapping is not None:
        return sorted(mapping.sources(("object_id",)) - {group.column})
    things = [row for row in sample if any(present(row.get(name)) for name in group.shared)]
    ids = (name for name in called("object_id", list(sample[0])) if name != group.column)
    return list(islice((name for name in ids if all(present(row.get(name)) for row in things)), 1))


def _columns(
    records: Records, names: Collection[str], sample: Sequence[Record], group: Group | None, mapping: Mapping | None
) -> Columns | None:
    """Return what turns records into entities; None where they are entities as they are. names: of all columns."""
    if mapping is not None:
        there = {*mapping.columns, *names}
        needed = _NEEDED[:1] if "deleted" in there else _NEEDED
        # a record of JSON need not have what others have, but for what each has
        wanted = mapping.missing(names) if records.columns else sorted(mapping.sources(needed).difference(names))
        if names and (missing := wanted):
            raise InvalidInput(f"--map: there is no column {missing[0]!r}; there are: {', '.join(sorted(names))[:500]}")
        for field in needed:
            if sample and field not in there:
                short = next((short for short, long in SHORT.items() if long == field), field)
                raise InvalidInput(f"--map: no column becomes the {short}: add {short}=COLUMN, or leave --map out")
        return Columns(mapping, sample, textual=records.textual)
    headers = [records.columns] if records.columns else sample
    if not headers or any("object_id" in one and ("name" in one or "deleted" in one) for one in headers):
        return Columns(_native(records), sample, textual=True) if records.textual else None
    raise _needs(records, sample, group)


def _unlike(mapping: Mapping) -> str:
    """Return how the names of a file are unlike those of ltrr."""
    others = [(name, one.column) for name, one in mapping.columns.items() if name in FIELDS and one.column != (name,)]
    if [(name, len(column)) for name, column in others] != [("object_id", 1)]:
        return "the file has other names than ltrr"
    return f"object_id is what the file calls {others[0][1][0]}, all else has the names of ltrr"


def _named(sample: Sequence[Record]) -> frozenset[str]:
    """Return what a mapping may name: fields, also of objects whose keys are no fields, and these."""
    objects = objects_of(sample)
    fields = (name for record in sample for name in (*flat(record), *flat(record, objects)))
    return objects.weighed.union(fields)


def _not_there(missing: Sequence[str], names: Collection[str]) -> str | None:
    """Return what to say of what a mapping names and no record has, None where there is nothing."""
    if not missing:
        return None
    parts = (name.split(WITHIN) for name in names)
    known = dict.fromkeys(WITHIN.join(one[:count]) for one in parts for count in range(1, len(one) + 1))
    near = list(dict.fromkeys(match for name in missing for match in get_close_matches(name, known, 1)))
    meant = f"; did you mean {', '.join(map(repr, near))}?" if near else ""
    return f"no record of the first {SAMPLE:,} has what the mapping calls {', '.join(map(repr, missing))[:500]}{meant}"


def _native(records: Records) -> Mapping:
    """Return the mapping of a table whose header has ltrr's names, and attributes besides."""
    return Mapping(
        columns={
            name if name in FIELDS else f"{ATTRIBUTE}{name.removeprefix(ATTRIBUTE)}": Column(column=(name,))
            for name in records.columns
        }
    )


def _read(rows: Iterator[Row], columns: Columns | None, served: Sequence[str] | None) -> Iterator[tuple[int, Change]]:
    for number, record in rows:
        if isinstance(record, InvalidEvent):
            yield number, record
            continue
        try:
            sent = {"type": DEFAULT_TYPE, **record} if columns is None else columns.entity(record)
            yield number, parse_change(sent) if served is None else served_change(sent, served)
        except InvalidEvent as refused:
            named = record if columns is None else columns.named(record)
            called = next((str(named[field]) for field in _CALLED if named.get(field)), "")
            yield number, InvalidEvent(refused.reason, str(refused), called)
