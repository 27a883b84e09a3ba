"""BM25 as every machine has it: full-text search of SQLite, over the texts that engines are given."""

import sqlite3
from collections.abc import Iterable

from ltrr.models.errors import InvalidSettings
from ltrr.models.records.entity import Entity
from ltrr.models.text import tokenise
from ltrr.retrievers.documents.documents import TEXT_FIELDS, words

# words are split and folded by `normalise` already: marks stay in them, as vowel signs do there
_TABLE = f"""create virtual table texts using fts5(
    {", ".join(TEXT_FIELDS)}, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M*'"
)"""
_ROW = f"insert into texts values ({', '.join('?' for _ in TEXT_FIELDS)})"  # noqa: S608  # no value is in it
_FOUND = "select rowid from texts where texts match ? order by bm25(texts), rowid limit ?"


class Fts5:
    """An index in memory of the words of entities. Among equals what came first is first."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._object_ids: list[str] = []
        self._database = sqlite3.connect(":memory:")
        try:
            self._database.execute(_TABLE)
        except sqlite3.OperationalError as error:
            self._database.close()
            raise InvalidSettings(f"SQLite {sqlite3.sqlite_version} of this Python has no FTS5: {error}") from error
        self._database.executemany(_ROW, map(self._row, entities))

    def search(self, text: str, size: int) -> tuple[str, ...]:
        """Return the object ids of the entities that have any of a text's words, the best first."""
        # between quotes nothing is an operator; without a letter or digit a token is none to SQLite
        tokens = [token.replace('"', '""') for token in tokenise(text) if any(map(str.isalnum, token))]
        if not tokens:
            return ()
        asked = " OR ".join(f'"{token}"' for token in tokens)
        return tuple(self._object_ids[row - 1] for (row,) in self._database.execute(_FOUND, (asked, size)))

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def _row(self, entity: Entity) -> tuple[str, ...]:
        self._object_ids.append(entity.object_id)
        fields = words(entity)
        return tuple(fields[name] for name in TEXT_FIELDS)
