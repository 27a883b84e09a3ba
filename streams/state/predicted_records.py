"""Predicted queries on `ltrr.memory`: predicted/application/entity -> a record of queries and scores."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

import numpy as np

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.memory.prediction import PredictedQuery
from ltrr.models.statistics.snapshot import Snapshot

_KIND: Final = "predicted"


class PredictedKey(NamedTuple):
    """Whose predictions a record holds."""

    application: str
    object_id: str

    def encode(self) -> bytes:
        """Return the Kafka key. The id is quoted, so that no other key of the topic looks like it."""
        return f"{_KIND}/{quote(self.application, safe='')}/{quote(self.object_id, safe='')}".encode()


def decode_predicted(raw: bytes) -> PredictedKey | None:
    """Return whose predictions a Kafka key is about, None for records of other kinds."""
    try:
        kind, application, object_id = raw.decode().split("/")
    except ValueError:
        return None
    return PredictedKey(unquote(application), unquote(object_id)) if kind == _KIND else None


def pack_predicted(queries: Sequence[PredictedQuery], version: int, generator: str) -> bytes:
    """Return a record. version: of the entity; generator: which one predicted."""
    meta = {"queries": [one.query for one in queries], "version": version, "generator": generator}
    return Snapshot(_KIND, meta, [np.array([one.score for one in queries])]).pack()


def unpack_predicted(data: bytes) -> tuple[tuple[PredictedQuery, ...], int]:
    """Return the queries of a record, and the version of the entity that they were predicted for.

    Raises SnapshotMismatch where it is none.
    """
    record = Snapshot.unpack(data)
    try:
        (scores,) = record.arrays
        pairs = zip(record.meta["queries"], scores.tolist(), strict=True)
        return tuple(PredictedQuery(query, score) for query, score in pairs), int(record.meta["version"])
    except (ValueError, TypeError, LookupError) as error:
        raise SnapshotMismatch("the contents of a record of predicted queries do not fit") from error
