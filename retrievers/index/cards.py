"""Entity cards: what is known of each entity, in memory and on disk, and which engines still have to be told."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.retrievers.documents.batches import newest_of

_LAYOUT: Final = "5"
_TABLES: Final = """
create table if not exists facts (name text primary key, value text not null);
create table if not exists cards (
    application text not null, object_id text not null, card text not null, state text not null,
    primary key (application, object_id)
) without rowid;
create index if not exists unsettled on cards (state) where state <> 'settled';
"""


class Cards:
    """All entities, in memory; SQLite keeps them in a folder, or for the process alone without one.

    A change is first written down as pending (`put`, `mark`), then told to engines, then settled: what a crash
    leaves pending is told again after opening. Raises StorageFailed where the file cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._entities: dict[tuple[str, str], Entity] = {}
        with _translated(path):
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(":memory:" if path is None else path, check_same_thread=False)
            self._file.execute("pragma journal_mode = wal")
            self._file.executescript(_TABLES)
            for (card,) in self._file.execute("select card from cards where state <> 'delete'"):
                entity = _entity(json.loads(card))
                self._entities[entity.application, entity.object_id] = entity

    def require(self, **facts: str) -> None:
        """Note what the folder was made with. Raises InvalidSettings where it was made with something else."""
        with self._lock, _translated(None), self._file:
            for name, value in {"layout": _LAYOUT, **facts}.items():
                self._file.execute("insert or ignore into facts values (?, ?)", (name, value))
                (held,) = self._file.execute("select value from facts where name = ?", (name,)).fetchone()
                if held != value:
                    remedy = "" if name == "layout" else "set it so, or "
                    raise InvalidSettings(
                        f"the data folder was made with {name}={held}, not {value}: {remedy}index into an empty folder"
                        ", or, where no servers are named, run `ltrr index rebuild`"
                    )

    def note(self, **facts: str) -> None:
        """Note that the folder is now as one made with these."""
        with self._lock, _translated(None), self._file:
            rows = {"layout": _LAYOUT, **facts}.items()
            self._file.executemany("insert or replace into facts values (?, ?)", rows)

    def __iter__(self) -> Iterator[Entity]:
        return iter(list(self._entities.values()))

    def __len__(self) -> int:
        return len(self._entities)

    def get(self, application: str, object_ids: Sequence[str]) -> list[Entity | None]:
        """Return entities in the order asked, None where an id is unknown."""
        return [self._entities.get((application, object_id)) for object_id in object_ids]

    def newest(self, entities: Iterable[Entity]) -> list[Entity]:
        """Return the newest of each entity, without those older than what is held."""
        return [
            entity
            for entity in newest_of(entities)
            for (held,) in [self.get(entity.application, [entity.object_id])]
            if held is None or entity.version >= held.version
        ]

    def put(self, entities: Sequence[Entity]) -> None:
        """Keep entities, pending."""
        rows = [(entity.application, entity.object_id, json.dumps(asdict(entity)), "index") for entity in entities]
        with self._lock, _translated(None), self._file:
            self._file.executemany("insert or replace into cards values (?, ?, ?, ?)", rows)
        self._entities.update({(entity.application, entity.object_id): entity for entity in entities})

    def mark(self, application: str, object_ids: Sequence[str]) -> None:
        """Forget entities; that engines forget them is pending."""
        change = "update cards set state = 'delete' where application = ? and object_id = ?"
        with self._lock, _translated(None), self._file:
            self._file.executemany(change, [(application, object_id) for object_id in object_ids])
        for object_id in object_ids:
            self._entities.pop((application, object_id), None)

    def unsettle(self) -> None:
        """Note that engines may lack every entity."""
        with self._lock, _translated(None), self._file:
            self._file.execute("update cards set state = 'index' where state = 'settled'")

    def settle(self, entities: Iterable[Entity]) -> None:
        """Note that engines know what happened to these."""
        places = [(entity.application, entity.object_id) for entity in entities]
        which = "application = ? and object_id = ?"
        with self._lock, _translated(None), self._file:
            self._file.executemany(f"delete from cards where state = 'delete' and {which}", places)  # noqa: S608
            self._file.executemany(f"update cards set state = 'settled' where {which}", places)  # noqa: S608

    def pending(self) -> tuple[list[Entity], list[Entity]]:
        """Return the entities that engines may lack, and those that they may still have."""
        with self._lock, _translated(None):
            return self._in_state("index"), self._in_state("delete")

    def _in_state(self, state: str) -> list[Entity]:
        rows = self._file.execute("select card from cards where state = ?", (state,))
        return [_entity(json.loads(card)) for (card,) in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _entity(card: dict[str, Any]) -> Entity:
    """Return the entity of a card, also of one that was written before there were numbers and dates."""
    tuples = {name: tuple(card[name]) for name in ("aliases", "related")}
    compared = {name: {one: tuple(held) for one, held in card.get(name, {}).items()} for name in ("numbers", "dates")}
    return Entity(**{**card, **tuples, **compared})


@contextmanager
def _translated(path: Path | None) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StorageFailed(f"entity cards{f' in {path}' if path else ''}: {error}") from error
