"""Changes of the catalogue in a file, in whatever form and under whatever names it has them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, Final, TypeAlias

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.models.records.entity import Entity, Place
from ltrr.serving.reading.columns import Columns, flat
from ltrr.serving.reading.formats import records_of
from ltrr.serving.reading.mapping import ATTRIBUTE, DEFAULT_TYPE, FIELDS, SHORT, Column, Mapping
from ltrr.serving.reading.proposals.proposal import Proposal, propose, undescribed
from ltrr.serving.reading.records import Record, Records, Row
from ltrr.serving.settings.applications import served_change
from ltrr.streams.events.codec import parse_change

SAMPLE: Final = 10_000
_NEEDED: Final = ("object_id", "name")
Change: TypeAlias = Entity | Place | InvalidEvent


class NeedsMapping(InvalidInput):
    """A file whose columns have other names than ltrr's.

    proposal: a mapping that would do; unsure: what it leaves open; sample: its records.
    """

    def __init__(self, proposal: Proposal, form: str, sample: Sequence[Record]) -> None:
        super().__init__("the file has other names than ltrr: give --map, or --propose to have one written")
        self.proposal, self.unsure = proposal.mapping, proposal.unsure
        self.form = form
        self.sample = sample


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of a file.

    form: what it is, for people; unit: what its numbers count; columns: None as they are; unsure: what may be a field
    and is not one, and how to say so, None where nothing.
    """

    form: str
    unit: str
    numbered: Iterator[tuple[int, Change]]
    columns: Columns | None
    unsure: str | None = None


@contextmanager
def changes_of(
    file: BinaryIO, mapping: Mapping | None = None, served: Sequence[str] | None = None
) -> Iterator[Changes]:
    """Yield what a file changes; a record that cannot be read stands for itself alone.

    served: applications, as `served_change` has them; None takes what is named. A file with the names of ltrr needs no
    mapping. Raises NeedsMapping where another has none, InvalidInput where the file cannot be used.
    """
    with records_of(file) as records:
        first, rest = _begun(records)
        sample = [record for _, record in first if not isinstance(record, InvalidEvent)][:SAMPLE]
        columns = _columns(records, sample, mapping)
        said = frozenset(mapping.columns) | mapping.told if mapping else frozenset[str]()
        unsure = None if "description" in said else undescribed(sample, said)
        yield Changes(records.form, records.unit, _read(chain(first, rest), columns, served), columns, unsure)


def proposed(file: BinaryIO) -> NeedsMapping:
    """Return what would do as the mapping of a file."""
    with records_of(file) as records:
        first, _ = _begun(records)
        sample = [record for _, record in first if not isinstance(record, InvalidEvent)][:SAMPLE]
        return NeedsMapping(propose(sample, textual=records.textual), records.form, sample)


def _begun(
    records: Records,
) -> tuple[list[tuple[int, Record | InvalidEvent]], Iterator[tuple[int, Record | InvalidEvent]]]:
    rows = iter(records.rows)
    return list(islice(rows, SAMPLE)), rows


def _columns(records: Records, sample: Sequence[Record], mapping: Mapping | None) -> Columns | None:
    """Return what turns records into entities; None where they are entities as they are."""
    if mapping is not None:
        names = frozenset(records.columns or (name for record in sample for name in flat(record)))
        there = {*mapping.columns, *names}
        needed = _NEEDED[:1] if "deleted" in there else _NEEDED
        # a record of JSON need not have what others have, but for what each has
        wanted = mapping.used if records.columns else mapping.sources(needed)
        missing = sorted(wanted - names) if names else []
        if missing:
            raise InvalidInput(f"--map: there is no column {missing[0]!r}; there are: {', '.join(sorted(names))[:500]}")
        for field in needed:
            if sample and field not in there:
                short = next((short for short, long in SHORT.items() if long == field), field)
                raise InvalidInput(f"--map: no column becomes the {short}: add {short}=COLUMN, or leave --map out")
        return Columns(mapping, sample, textual=records.textual)
    headers = [records.columns] if records.columns else sample
    if not headers or any("object_id" in one and ("name" in one or "deleted" in one) for one in headers):
        return Columns(_native(records), sample, textual=True) if records.textual else None
    raise NeedsMapping(propose(sample, textual=records.textual), records.form, sample)


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
            yield number, refused
