"""Numbers of entities in tantivy, whose fields have to be known beforehand: each attribute takes the next free one."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import tantivy

from ltrr.models.errors import EngineFailed, StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Order
from ltrr.retrievers.documents import documents
from ltrr.retrievers.engines.base import TEXT
from ltrr.retrievers.requests.requests import Within

MOST: Final = 512
_LEAST: Final = "number_{}"
_LARGEST: Final = "largest_{}"


def add_fields(builder: Any) -> None:  # noqa: ANN401  # the stubs of tantivy type a builder's methods loosely
    """Add the fields of all attributes that there may be: all numbers, the smallest first, and the largest."""
    for slot in range(MOST):
        builder.add_float_field(_LEAST.format(slot), fast=True)
        builder.add_float_field(_LARGEST.format(slot), fast=True)


class Numbers:
    """Which attribute has which field, kept in a file beside the index. Attributes beyond MOST have none.

    Raises StorageFailed where the file cannot be read or written.
    """

    def __init__(self, schema: tantivy.Schema, path: Path | None) -> None:
        self._schema = schema
        self._path = path
        self._slots: dict[str, int] = {}
        try:
            if path is not None and path.exists():
                self._slots = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise StorageFailed(f"cannot read {path}: {error}; run `ltrr index rebuild`") from error

    def learn(self, entities: Iterable[Entity]) -> None:
        """Give new attributes a field, before anything is written into it."""
        new = dict.fromkeys(name for one in entities for name in documents.numbers(one) if name not in self._slots)
        free = list(new)[: MOST - len(self._slots)]
        if not free:
            return
        slots = {**self._slots, **{name: len(self._slots) + place for place, name in enumerate(free)}}
        if self._path is not None:
            try:
                beside = self._path.with_suffix(".new")
                beside.write_text(json.dumps(slots))
                beside.replace(self._path)
            except OSError as error:
                raise StorageFailed(f"cannot write {self._path}: {error.strerror}; free some space") from error
        self._slots = slots

    def add(self, document: tantivy.Document, entity: Entity) -> None:
        """Put an entity's numbers into its document."""
        for name, held in documents.numbers(entity).items():
            slot = self._slots.get(name)
            if slot is not None:
                for number in sorted(held):
                    document.add_float(_LEAST.format(slot), number)
                document.add_float(_LARGEST.format(slot), max(held))

    def within(self, accepted: Within) -> tantivy.Query:
        """Return the query of a range."""
        slot = self._slot(accepted.field)
        if slot is None:
            return tantivy.Query.empty_query()
        bounds = accepted.range
        return tantivy.Query.range_query(
            self._schema,
            _LEAST.format(slot),
            tantivy.FieldType.Float,
            bounds.gt if bounds.gte is None else bounds.gte,
            bounds.lt if bounds.lte is None else bounds.lte,
            include_lower=bounds.gt is None,
            include_upper=bounds.lt is None,
        )

    def field(self, order: Order) -> str | None:
        """Return the field by which hits are ordered, None where no entity has the number."""
        slot = self._slot(order.field)
        return None if slot is None else (_LARGEST if order.falling else _LEAST).format(slot)

    def equal(self, field: str, number: float) -> tantivy.Query:
        """Return the query of one value of a field."""
        return tantivy.Query.range_query(self._schema, field, tantivy.FieldType.Float, number, number)

    def _slot(self, name: str) -> int | None:
        slot = self._slots.get(name)
        if slot is None and len(self._slots) >= MOST:
            raise EngineFailed(TEXT, f"{name!r} is beyond the {MOST} numbers that are kept here; have fewer of them")
        return slot
