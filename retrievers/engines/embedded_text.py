"""Full text in the process: tantivy behind the text requests."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, assert_never

import tantivy
from tantivy import Occur

from ltrr.models.errors import EngineFailed, StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit, Order
from ltrr.models.text import ENGLISH
from ltrr.retrievers.documents import documents
from ltrr.retrievers.engines.base import HEALTHY, TEXT
from ltrr.retrievers.engines.embedded_numbers import Numbers, add_fields
from ltrr.retrievers.requests.requests import (
    SEPARATOR,
    Best,
    Clause,
    Every,
    Filter,
    Near,
    Scale,
    Scaled,
    Sum,
    Term,
    TextRequest,
    Within,
    Words,
)

_HEAP_BYTES: Final = 64_000_000
_MOST_TIED: Final = 2_000
_ANALYZER: Final = "spaces"
_NUMBERS: Final = "numbers.json"
_USUAL: Final = {"aliases": 2, "description": 16, "shingles": 8}  # words of a field that some entities have

_SCALES: Final = 256

Levels = Mapping[tuple[str, str], Sequence[int]]
Scales = Callable[[str, Scale], tantivy.Query]
"""Return the query of a scale in an application."""


class EmbeddedText:
    """A `LocalEngine`: tantivy in a folder, or in memory without one. stemmer: of the catalogue, see `stem`.

    Searches may run in any thread beside one that indexes. Raises StorageFailed where the folder is in use or
    holds another schema.
    """

    kind = "tantivy"

    def __init__(self, folder: Path | None = None, stemmer: str = ENGLISH) -> None:
        self._stemmer = stemmer
        self._schema = _schema()
        self._numbers = Numbers(self._schema, None if folder is None else folder / _NUMBERS)
        try:
            if folder is None:
                self._index = tantivy.Index(self._schema)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                self._index = tantivy.Index(self._schema, str(folder))
            analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            self._index.register_tokenizer(_ANALYZER, analyzer)
            self._index.config_reader("manual")
            self._writer = self._index.writer(_HEAP_BYTES, 1)
        except (OSError, ValueError) as error:
            raise StorageFailed(f"cannot open the text index in {folder}: {error}") from error
        self._lock = threading.Lock()
        self._refresh()

    async def search(self, requests: Sequence[TextRequest], patience: float = 1.0) -> list[list[Hit]]:
        """Answer requests in a worker thread."""
        del patience
        return await asyncio.to_thread(self._search, requests)

    async def health(self) -> str:
        """Return "ok": it is a part of this process."""
        return HEALTHY

    async def stop(self) -> None:
        """Hold no connection."""

    def index(self, entities: Sequence[Entity]) -> None:
        """Add or replace entities and commit."""
        with self._lock, _translated():
            self._numbers.learn(entities)
            for entity in entities:
                name = documents.key(entity.application, entity.object_id)
                self._writer.delete_documents_by_term("key", name)
                document = _document(entity, name, self._stemmer)
                self._numbers.add(document, entity)
                self._writer.add_document(document)
            self._commit()

    def delete(self, application: str, object_ids: Iterable[str]) -> None:
        """Remove entities and commit."""
        with self._lock, _translated():
            for object_id in object_ids:
                self._writer.delete_documents_by_term("key", documents.key(application, object_id))
            self._commit()

    def optimise(self) -> None:
        """Merge nothing: it does so by itself."""

    def close(self) -> None:
        """Let go of the folder."""
        with self._lock, _translated():
            self._writer.wait_merging_threads()

    def _commit(self) -> None:
        self._writer.commit()
        self._refresh()

    def _refresh(self) -> None:
        self._index.reload()
        searcher = self._index.searcher()
        # of a term for each level, and the same for most searches
        self._view = searcher, lru_cache(_SCALES)(partial(_scale, self._schema, _levels(searcher)))

    def _search(self, requests: Sequence[TextRequest]) -> list[list[Hit]]:
        searcher, scales = self._view
        with _translated():
            return [self._hits(searcher, scales, request) for request in requests]

    def _hits(self, searcher: tantivy.Searcher, scales: Scales, request: TextRequest) -> list[Hit]:
        query = _Translation(self._schema, self._numbers, scales, request.application).request(request)
        if request.order is not None:
            return self._ordered(searcher, query, request.order, request.limit)
        found = _with_ties(searcher, query, request.limit)
        hits = (Hit(_object_id(searcher, address), score) for score, address in found)
        return sorted(hits, key=lambda hit: (-hit.score, hit.object_id))[: request.limit]

    def _ordered(self, searcher: tantivy.Searcher, query: tantivy.Query, order: Order, limit: int) -> list[Hit]:
        """Return hits in the order of a number, then those that have none; scores fall from place to place."""
        field = self._numbers.field(order)
        found: list[str] = []
        if field is not None:
            has = tantivy.Query.exists_query(field)
            known = tantivy.Query.boolean_query([(Occur.Must, query), (Occur.Must, has)])
            query = tantivy.Query.boolean_query([(Occur.Must, query), (Occur.MustNot, has)])
            way = tantivy.Order.Desc if order.falling else tantivy.Order.Asc
            hits = searcher.search(known, limit, count=False, order_by_field=field, order=way).hits
            found = [object_id for _, object_id in sorted(_places(searcher, hits, falling=order.falling))]
            if len(hits) == limit:  # others may tie with the last
                last = hits[-1][0]
                before = sum(number != last for number, _ in hits)
                tied = tantivy.Query.boolean_query(
                    [(Occur.Must, known), (Occur.Must, self._numbers.equal(field, last))]
                )
                found = [*found[:before], *_first_ids(searcher, tied, limit - before)]
        if len(found) < limit:
            found += _first_ids(searcher, query, limit - len(found))
        return [Hit(object_id, -float(place)) for place, object_id in enumerate(found)]


def _places(
    searcher: tantivy.Searcher, hits: Sequence[tuple[float, tantivy.DocAddress]], *, falling: bool
) -> Iterator[tuple[float, str]]:
    for number, address in hits:
        yield -number if falling else number, _object_id(searcher, address)


def _first_ids(searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> list[str]:
    """Return the first object ids that match, in their order: of very many by the dictionary of all ids."""
    found = searcher.search(tantivy.Query.const_score_query(query, 1.0), _MOST_TIED + 1, count=False).hits
    if len(found) <= _MOST_TIED:
        return sorted(_object_id(searcher, address) for _, address in found)[:limit]
    return [object_id for object_id, _ in searcher.terms_with_prefix("object_id", "", query, limit)]


def _object_id(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> str:
    return str(searcher.doc(address)["object_id"][0])


def _with_ties(searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> list[tuple[float, tantivy.DocAddress]]:
    """Return the best `limit` and all that tie with the last of them, so that ids can break the tie.

    tantivy breaks ties by where a document lies, which its merges in the background change. Of very many ties
    _MOST_TIED are looked at.
    """
    asked = 2 * limit  # with the last alone it could not be told whether others tie with it
    while True:
        found = searcher.search(query, asked, count=False).hits
        if len(found) < asked or found[-1][0] < found[limit - 1][0] or asked >= _MOST_TIED:
            return [hit for hit in found if hit[0] >= found[min(limit, len(found)) - 1][0]]
        asked = min(asked * 8, max(limit, _MOST_TIED))


class _Translation:
    """Turns the clauses of one application into tantivy queries."""

    def __init__(self, schema: tantivy.Schema, numbers: Numbers, scales: Scales, application: str) -> None:
        self._schema = schema
        self._numbers = numbers
        self._scales = scales
        self._application = application

    def request(self, request: TextRequest) -> tantivy.Query:
        """Return the query of a request, filters included."""
        filters = [self._term("application", self._application), *map(self._condition, request.filters)]
        scored = [] if request.clause is None else [self.clause(request.clause)]
        unscored = (tantivy.Query.const_score_query(query, 0.0) for query in filters)
        return tantivy.Query.boolean_query([(Occur.Must, query) for query in (*scored, *unscored)])

    def _condition(self, accepted: Filter) -> tantivy.Query:
        if isinstance(accepted, Within):
            return self._numbers.within(accepted)
        return _any([self._term("facets", one) for one in accepted])

    def clause(self, clause: Clause) -> tantivy.Query:  # noqa: PLR0911  # one for each kind of clause
        """Return the query of a clause."""
        match clause:
            case Words():
                return _any([self._word(clause, token) for token in clause.tokens])
            case Term(field, value, weight) | Near(field, value, weight, 0, False):
                return tantivy.Query.const_score_query(self._term(field, value), weight)
            case Near(field, value, weight, edits, prefix):
                near = tantivy.Query.fuzzy_term_query(self._schema, field, value, edits, prefix=prefix)
                return tantivy.Query.const_score_query(near, weight)
            case Scale():
                return self._scales(self._application, clause)
            case Best(clauses):
                return tantivy.Query.disjunction_max_query([self.clause(part) for part in clauses])
            case Scaled(scaled, share):
                return tantivy.Query.boost_query(self.clause(scaled), share)
            case Every(clauses):
                return tantivy.Query.boolean_query([(Occur.Must, self.clause(part)) for part in clauses])
            case Sum(clauses, bonuses):
                needed = _any([self.clause(part) for part in clauses])
                optional = [(Occur.Should, self.clause(part)) for part in bonuses]
                return tantivy.Query.boolean_query([(Occur.Must, needed), *optional]) if optional else needed
            case _:
                assert_never(clause)

    def _term(self, field: str, value: str) -> tantivy.Query:
        return _term(self._schema, field, value)

    def _word(self, words: Words, token: str) -> tantivy.Query:
        fields = [
            tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, field, token, "freq"), boost)
            for field, boost in words.fields
        ]
        return tantivy.Query.disjunction_max_query(fields, words.tie)


def _term(schema: tantivy.Schema, field: str, value: str) -> tantivy.Query:
    return tantivy.Query.term_query(schema, field, value, "basic")


def _any(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Should, query) for query in queries])


def _scale(schema: tantivy.Schema, levels: Levels, application: str, scale: Scale) -> tantivy.Query:
    def weighed(step: int, share: float) -> tantivy.Query:
        term = _term(schema, scale.field, documents.level(application, step))
        return tantivy.Query.const_score_query(term, scale.weight * (1.0 - share if scale.falling else share))

    return _any(weighed(*one) for one in shares(levels.get((scale.field, application), ())))


def shares(levels: Sequence[int]) -> Iterator[tuple[int, float]]:
    """Return each level's place in [0, 1]; level 0 (none at all) is at 0, however far below the others."""
    positive = [step for step in levels if step > 0]
    low, high = min(positive, default=1), max(positive, default=1)
    for step in levels:
        yield step, (step - low + 1) / (high - low + 1) if step > 0 else 0.0


def _levels(searcher: tantivy.Searcher) -> Levels:
    levels = defaultdict[tuple[str, str], list[int]](list)
    for field in documents.LEVEL_FIELDS:
        for term, _ in searcher.terms_with_prefix(field, ""):
            application, _, step = term.rpartition(SEPARATOR)
            levels[field, application].append(int(step))
    return levels


def _schema() -> Any:  # noqa: ANN401  the stubs of tantivy type a builder's methods loosely
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("object_id", stored=True, tokenizer_name="raw", index_option="basic")
    for field in documents.WORD_FIELDS:
        builder.add_text_field(field, tokenizer_name=_ANALYZER, index_option="freq")
    for field in documents.TERM_FIELDS:
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    add_fields(builder)
    return builder.build()


def _document(entity: Entity, name: str, stemmer: str) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("key", name)
    document.add_text("object_id", entity.object_id)
    for field, text in documents.words(entity, stemmer).items():
        document.add_text(field, text or _nothing(field))
    for field, values in documents.terms(entity).items():
        for value in values:
            document.add_text(field, value)
    return document


def _nothing(field: str) -> str:
    """Return as many words that nobody asks for as the field of other entities usually has.

    BM25 of tantivy has the mean length of a field over all documents, those without it as well: where one in a hundred
    has aliases, each would seem a hundred times as long as they are, and no word of theirs would count.
    """
    return " ".join([SEPARATOR] * _USUAL.get(field, 0))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        raise EngineFailed(TEXT, f"{error}; rebuild the index if this stays") from error
