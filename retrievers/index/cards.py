"""Entity cards: what is known of each entity, on disk, and which engines still have to be told."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import starmap
from pathlib import Path
from typing import Any, Final

from msgspec import json

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.models.records.entity import Entity, Place
from ltrr.retrievers.documents.batches import newest_of
from ltrr.retrievers.index.recent import Recent

CARDS: Final = "cards.sqlite"
"""The file of an index's folder."""

_ASKED: Final = 500  # ids in one question; SQLite takes 999 or more
_READ: Final = 1_000
_NAMED: Final = 10_000
_RECENT: Final = 8_000_000
_LAYOUT: Final = "11"
_TABLES: Final = """
create table if not exists facts (name text primary key, value text not null);
create table if not exists cards (
    application text not null, object_id text not null, card text not null, state text not null,
    primary key (application, object_id)
) without rowid;
create index if not exists unsettled on cards (state) where state <> 'settled';
create table if not exists changed (
    application text not null, object_id text not null, card text, primary key (application, object_id)
) without rowid;
create trigger if not exists put before insert on cards
when exists (select 1 from facts where name = 'packed')
and not exists (select 1 from changed where application = new.application and object_id = new.object_id)
begin
    insert into changed values (new.application, new.object_id, (
        select card from cards
        where application = new.application and object_id = new.object_id and state <> 'delete'
    ));
end;
create trigger if not exists mark before update of state on cards
when new.state = 'delete' and old.state <> 'delete'
and exists (select 1 from facts where name = 'packed')
and not exists (select 1 from changed where application = old.application and object_id = old.object_id)
begin
    insert into changed values (old.application, old.object_id, old.card);
end;
"""
_PACKED: Final = "packed"
_HELD: Final = """
select changed.card, cards.card from changed left join cards on cards.application = changed.application
and cards.object_id = changed.object_id and cards.state <> 'delete' limit ?
"""


class Cards:
    """All entities, in an SQLite file of a folder, or for the process alone without one.

    Cards that were read lately are in memory, up to eight million characters of them, so that a process does not grow
    with the catalogue. Reads, in any thread, do not wait for what is being written to a file.

    A change is first written down as pending (`put`, `mark`), then told to engines, then settled: what a crash
    leaves pending is told again after opening. In the same transaction the file notes what changes of the catalogue
    that something was packed of (`rebase`). Raises StorageFailed where the file cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._recent = Recent(_RECENT)
        with _translated(path):
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(":memory:" if path is None else path, check_same_thread=False)
            self._file.execute("pragma journal_mode = wal")
            self._file.executescript(_TABLES)
            (count,) = self._file.execute("select count(*) from cards where state <> 'delete'").fetchone()
            self._count = int(count)
            # what is in memory has one connection, and its reads see what is committed by waiting for the writer
            self._reader = self._file if path is None else sqlite3.connect(path, check_same_thread=False)
            self._reading = self._lock if path is None else threading.Lock()

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
        """Yield all, by application and object id, reading a thousand at a time."""
        for _, _, card in self._all("card", _READ):
            yield _entity(card)

    def __len__(self) -> int:
        return self._count

    def places(self) -> Iterator[Place]:
        """Yield where all are, in the same order."""
        for application, object_id, _ in self._all("null", _NAMED):
            yield Place(application, object_id)

    def get(self, application: str, object_ids: Sequence[str]) -> list[Entity | None]:
        """Return entities in the order asked, None where an id is unknown."""
        found = self._recent.get(application, object_ids)
        lacking = list(dict.fromkeys(object_id for object_id in object_ids if object_id not in found))
        for start in range(0, len(lacking), _ASKED):
            asked = lacking[start : start + _ASKED]
            reading = self._recent.reading()
            which = f"application = ? and object_id in ({','.join('?' * len(asked))}) and state <> 'delete'"
            rows = self._rows(f"select card from cards where {which}", application, *asked)  # noqa: S608
            read = [(_entity(text), len(text)) for (text,) in rows]
            self._recent.keep(read, reading)
            found.update((card.object_id, card) for card, _ in read)
        return [found.get(object_id) for object_id in object_ids]

    def lacking(self, application: str, object_ids: Iterable[str]) -> set[str]:
        """Return those of some ids that no entity has."""
        lacking = set(object_ids)
        asked = list(lacking)
        for start in range(0, len(asked), _ASKED):
            some = asked[start : start + _ASKED]
            which = f"application = ? and object_id in ({','.join('?' * len(some))}) and state <> 'delete'"
            rows = self._rows(f"select object_id from cards where {which}", application, *some)  # noqa: S608
            lacking.difference_update(object_id for (object_id,) in rows)
        return lacking

    def example(self, application: str) -> str | None:
        """Return the id of one of an application's entities."""
        rows = self._rows(
            "select object_id from cards where application = ? and state <> 'delete' limit 1", application
        )
        return rows[0][0] if rows else None

    def held(self, entities: Sequence[Entity]) -> list[Entity | None]:
        """Return what is held of each, None where nothing is, in their order."""
        asked: dict[str, list[str]] = {}
        for entity in entities:
            asked.setdefault(entity.application, []).append(entity.object_id)
        found = {
            (application, object_id): card
            for application, object_ids in asked.items()
            for object_id, card in zip(object_ids, self.get(application, object_ids), strict=True)
        }
        return [found[entity.place] for entity in entities]

    def newest(self, entities: Iterable[Entity]) -> list[Entity]:
        """Return the newest of each entity, without those that are older than what is held, or the same."""
        newest = newest_of(entities)
        both = zip(newest, self.held(newest), strict=True)
        return [one for one, held in both if held is None or (one.version >= held.version and one != held)]

    def put(self, entities: Sequence[Entity]) -> None:
        """Keep entities, pending."""
        new = {entity.place for entity, held in zip(entities, self.held(entities), strict=True) if held is None}
        rows = [(*entity.place, json.encode(entity).decode(), "index") for entity in entities]
        with self._lock, _translated(None), self._file:
            self._file.executemany("insert or replace into cards values (?, ?, ?, ?)", rows)
        self._count += len(new)
        self._recent.forget(entity.place for entity in entities)

    def mark(self, application: str, object_ids: Sequence[str]) -> None:
        """Forget entities; that engines forget them is pending."""
        change = "update cards set state = 'delete' where application = ? and object_id = ? and state <> 'delete'"
        with self._lock, _translated(None), self._file:
            self._count -= self._file.executemany(change, [(application, one) for one in object_ids]).rowcount
        self._recent.forget((application, object_id) for object_id in object_ids)

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

    @property
    def packed(self) -> str | None:
        """What was packed of the catalogue, None where nothing is."""
        held = self._rows("select value from facts where name = ?", _PACKED)
        return str(held[0][0]) if held else None

    def rebase(self, packed: str) -> None:
        """Note what is packed of the catalogue as it is now."""
        with self._lock, _translated(None), self._file:
            self._file.execute("insert or replace into facts values (?, ?)", (_PACKED, packed))
            self._file.execute("delete from changed")

    def changes(self, most: int) -> list[tuple[Entity | None, Entity | None]]:
        """Return what was there when it was packed, if anything, and what is there now, of at most so many."""
        rows = self._rows(_HELD, most)
        return [(before and _entity(before), after and _entity(after)) for before, after in rows]

    def _in_state(self, state: str) -> list[Entity]:
        rows = self._file.execute("select card from cards where state = ?", (state,))
        return [_entity(card) for (card,) in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()
        self._file.close()

    def _all(self, column: str, at_once: int) -> Iterator[tuple[str, str, str]]:
        """Yield application, object id and a column of all that are held; what changes meanwhile is there or not."""
        order = "order by application, object_id limit ?"
        which = f"where (application, object_id) > (?, ?) and state <> 'delete' {order}"
        after = "", ""
        while rows := self._rows(f"select application, object_id, {column} from cards {which}", *after, at_once):  # noqa: S608
            yield from rows
            after = rows[-1][:2]

    def _rows(self, statement: str, *values: str | int) -> list[Any]:
        with self._reading, _translated(None):
            return self._reader.execute(statement, values).fetchall()


def stored_places(folder: Path) -> Iterator[Place]:
    """Yield where all entities of an index's folder are; others may use it meanwhile. Raises StorageFailed."""
    path = folder / CARDS
    if not path.exists():
        return
    with _translated(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
        yield from starmap(Place, file.execute("select application, object_id from cards where state <> 'delete'"))


def stored_facts(folder: Path) -> dict[str, str]:
    """Return what an index's folder was made with, see `Cards.require`; nothing where there is none."""
    path = folder / CARDS
    if not path.exists():
        return {}
    with _translated(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
        return dict(file.execute("select name, value from facts"))


_entity: Final = json.Decoder(Entity).decode


@contextmanager
def _translated(path: Path | None) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        advice = "; make its folder writable, or set LTRR_DATA_DIR" if _is_closed(error) else ""
        raise StorageFailed(f"entity cards{f' in {path}' if path else ''}: {error}{advice}") from error


def _is_closed(error: Exception) -> bool:
    """Tell whether a file could not be opened or written, which reading one that others write to needs, too."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
