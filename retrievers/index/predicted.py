"""The predicted queries of an index: made as entities come and go, kept in its folder."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ltrr.models.errors import StorageFailed
from ltrr.models.memory.prediction import PredictedQuery, Predictions, QueryGenerator
from ltrr.models.records.entity import Entity

_TABLE: Final = """
create table if not exists predicted (
    application text not null, object_id text not null, generator text not null, queries text not null,
    primary key (application, object_id)
) without rowid;
"""


class Predicted:
    """Predictions for a catalogue, in memory; SQLite keeps them in a folder, so that a model runs once for each entity.

    What another generator has predicted is predicted again. Changes come one after the other; reads, in any thread.
    """

    def __init__(self, generator: QueryGenerator, path: Path | None = None) -> None:
        self._scores = Predictions()
        self._generator = generator
        self._lock = threading.Lock()
        with _translated(path):
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(":memory:" if path is None else path, check_same_thread=False)
            self._file.execute("pragma journal_mode = wal")
            self._file.executescript(_TABLE)

    def of(self, application: str, query: str) -> Mapping[str, float]:
        """Return entity -> score of those that are predicted best for a normalised query."""
        with self._lock:
            return self._scores.of(application, query)

    def open(self, entities: Sequence[Entity]) -> None:
        """Begin with the catalogue as it is: take over what is kept of it, and predict what is missing."""
        with _translated(None):
            rows = self._file.execute(
                "select application, object_id, queries from predicted where generator = ?", (self._generator.name,)
            )
            kept = {(application, object_id): queries for application, object_id, queries in rows}
        self._generator.follow([None] * len(entities), entities)
        missing = []
        for entity in entities:
            queries = kept.pop((entity.application, entity.object_id), None)
            if queries is None:
                missing.append(entity)
            else:
                self._put(entity.application, entity.object_id, [PredictedQuery(*one) for one in json.loads(queries)])
        self._predict(missing)

    def replace(self, old: Sequence[Entity | None], new: Sequence[Entity | None]) -> None:
        """Follow changes, pairwise, and predict for what is there now."""
        self._generator.follow(old, new)
        gone = [(was.application, was.object_id) for was, now in zip(old, new, strict=True) if was and not now]
        with _translated(None), self._file:
            self._file.executemany("delete from predicted where application = ? and object_id = ?", gone)
        for application, object_id in gone:
            self._put(application, object_id, ())
        self._predict([entity for entity in new if entity])

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _predict(self, entities: Sequence[Entity]) -> None:
        if not entities:
            return
        predicted = self._generator.predict(entities)
        rows = [
            (one.application, one.object_id, self._generator.name, json.dumps([(q.query, q.score) for q in queries]))
            for one, queries in zip(entities, predicted, strict=True)
        ]
        with _translated(None), self._file:
            self._file.executemany("insert or replace into predicted values (?, ?, ?, ?)", rows)
        for entity, queries in zip(entities, predicted, strict=True):
            self._put(entity.application, entity.object_id, queries)

    def _put(self, application: str, object_id: str, queries: Sequence[PredictedQuery]) -> None:
        with self._lock:
            self._scores.put(application, object_id, queries)


@contextmanager
def _translated(path: Path | None) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StorageFailed(f"predicted queries{f' in {path}' if path else ''}: {error}") from error
