"""The predicted queries of an index: made as entities come and go, kept in its folder."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from heapq import nsmallest
from pathlib import Path
from typing import Final

from ltrr.models.errors import StorageFailed
from ltrr.models.memory.prediction import QueryGenerator
from ltrr.models.records.entity import Entity
from ltrr.retrievers.documents.batches import batches
from ltrr.retrievers.index.cards import Cards
from ltrr.retrievers.index.packed_scores import PackedScores, packed, query_hash

_ASKED: Final = 500  # numbers in one question; SQLite takes 999 or more
_RECALLED: Final = 100
_KEPT: Final = 10_000
_KEPT_PLACES: Final = "select application, object_id from predictions order by application, object_id"
_TABLES: Final = """
drop table if exists predicted;
create table if not exists predictions (
    number integer primary key, application text not null, object_id text not null, generator text not null,
    queries blob not null, unique (application, object_id)
);
"""


class Predicted:
    """Predictions for a catalogue; SQLite keeps them in a folder, so that a model runs once for each entity.

    In memory are hashes of queries, and for each the numbers of rows: some 150 bytes for each entity. What another
    generator has predicted is predicted again. Changes come one after the other; reads, in any thread.
    """

    def __init__(self, generator: QueryGenerator, path: Path | None = None) -> None:
        self._generator = generator
        self._catalogue: Cards | None = None
        self._lock = threading.Lock()
        self._best: dict[int, Mapping[str, float]] = {}
        with _translated(path):
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(":memory:" if path is None else path, check_same_thread=False)
            self._file.execute("pragma journal_mode = wal")
            with self._file:
                self._file.executescript(_TABLES)
                self._file.execute("delete from predictions where generator <> ?", (generator.name,))
            # reads of a file do not wait for what is written to it
            self._reader = self._file if path is None else sqlite3.connect(path, check_same_thread=False)
            self._scores = PackedScores(self._file.execute("select number, queries from predictions order by number"))

    def of(self, application: str, query: str) -> Mapping[str, float]:
        """Return entity -> score of those, at most 100, that are predicted best for a normalised query."""
        place = query_hash(application, query)
        with self._lock:
            best = self._best.get(place)
            if best is None:
                scores = self._scores.best(place, _RECALLED)
                named = {name: scores[number] for number, name in self._names(list(scores))}
                best = dict(nsmallest(_RECALLED, named.items(), key=lambda item: (-item[1], item[0])))
                if len(self._best) >= _KEPT:
                    self._best.clear()
                self._best[place] = best
            return best

    def open(self, catalogue: Cards) -> None:
        """Begin with the catalogue as it is: predict what is missing, and forget what is gone."""
        self._catalogue = catalogue
        with _translated(None):
            gone, missing = _apart(self._file.execute(_KEPT_PLACES), catalogue.places())
        if gone:
            self._replace(gone, ())
        if not missing:
            return
        for batch in batches(catalogue):
            if lacking := [entity for entity in batch if entity.place in missing]:
                self._follow((), ())
                self._replace((), lacking)

    def replace(self, old: Sequence[Entity | None], new: Sequence[Entity | None]) -> None:
        """Follow changes of the catalogue, pairwise, that it has already, and predict for what is there now."""
        if not old:
            return
        self._follow(old, new)
        gone = [was.place for was, now in zip(old, new, strict=True) if was and not now]
        self._replace(gone, [entity for entity in new if entity])

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()
        self._file.close()

    def _follow(self, old: Sequence[Entity | None], new: Sequence[Entity | None]) -> None:
        """Tell the generator of changes; the first time of the whole catalogue, which most that only search spare."""
        if self._catalogue is None:
            self._generator.follow(old, new)
            return
        for batch in batches(self._catalogue):
            self._generator.follow([None] * len(batch), batch)
        self._catalogue = None

    def _replace(self, gone: Sequence[tuple[str, str]], entities: Sequence[Entity]) -> None:
        predicted = self._generator.predict(entities) if entities else []
        rows = {one.place: packed(one.application, of) for one, of in zip(entities, predicted, strict=True)}
        which = "from predictions where application = ? and object_id = ?"
        with _translated(None), self._file:
            was = [
                row for place in (*gone, *rows) for row in self._file.execute(f"select number, queries {which}", place)
            ]
            self._file.executemany(f"delete {which}", (*gone, *rows))
            new = list(enumerate(rows.values(), self._scores.next))
            values = [
                (number, *place, self._generator.name, queries)
                for place, (number, queries) in zip(rows, new, strict=True)
            ]
            self._file.executemany("insert into predictions values (?, ?, ?, ?, ?)", values)
        changed = self._scores.replace(was, new)
        with self._lock:
            for place in changed:
                self._best.pop(place, None)

    def _names(self, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Yield number and object id of those that are there."""
        for start in range(0, len(numbers), _ASKED):
            asked = numbers[start : start + _ASKED]
            which = f"number in ({','.join('?' * len(asked))})"
            with _translated(None):
                yield from self._reader.execute(f"select number, object_id from predictions where {which}", asked)  # noqa: S608


def _apart(
    kept: Iterator[tuple[str, str]], there: Iterator[tuple[str, str]]
) -> tuple[list[tuple[str, str]], set[tuple[str, str]]]:
    """Return what is in one sequence alone, and what is in the other, which are sorted and may be long."""
    gone: list[tuple[str, str]] = []
    missing = set[tuple[str, str]]()
    one, other = next(kept, None), next(there, None)
    while one or other:
        if one and (other is None or one < other):
            gone.append(one)
            one = next(kept, None)
        elif other and (one is None or other < one):
            missing.add(other)
            other = next(there, None)
        else:
            one, other = next(kept, None), next(there, None)
    return gone, missing


@contextmanager
def _translated(path: Path | None) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StorageFailed(f"predicted queries{f' in {path}' if path else ''}: {error}") from error
