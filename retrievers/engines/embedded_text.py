"""Full text in the process: tantivy behind the text requests."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, assert_never

import tantivy
from tantivy import Occur

from ltrr.models.errors import EngineFailed, StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Hit
from ltrr.retrievers.documents import documents
from ltrr.retrievers.engines.base import HEALTHY, TEXT
from ltrr.retrievers.requests.requests import SEPARATOR, Best, Clause, Near, Scale, Sum, Term, TextRequest, Words

_HEAP_BYTES: Final = 64_000_000
_MOST_TIED: Final = 2_000
_ANALYZER: Final = "spaces"

Levels = Mapping[tuple[str, str], Sequence[int]]


class EmbeddedText:
    """A `LocalEngine`: tantivy in a folder, or in memory without one.

    Searches may run in any thread beside one that indexes. Raises StorageFailed where the folder is in use or
    holds another schema.
    """

    kind = "tantivy"

    def __init__(self, folder: Path | None = None) -> None:
        self._schema = _schema()
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

    async def search(self, requests: Sequence[TextRequest]) -> list[list[Hit]]:
        """Answer requests in a worker thread."""
        return await asyncio.to_thread(self._search, requests)

    async def health(self) -> str:
        """Return "ok": it is a part of this process."""
        return HEALTHY

    async def stop(self) -> None:
        """Hold no connection."""

    def index(self, entities: Sequence[Entity]) -> None:
        """Add or replace entities and commit."""
        with self._lock, _translated():
            for entity in entities:
                name = documents.key(entity.application, entity.object_id)
                self._writer.delete_documents_by_term("key", name)
                self._writer.add_document(_document(entity, name))
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
        self._view = searcher, _levels(searcher)

    def _search(self, requests: Sequence[TextRequest]) -> list[list[Hit]]:
        searcher, levels = self._view
        with _translated():
            return [self._hits(searcher, levels, request) for request in requests]

    def _hits(self, searcher: tantivy.Searcher, levels: Levels, request: TextRequest) -> list[Hit]:
        query = _Translation(self._schema, levels, request.application).request(request)
        found = _with_ties(searcher, query, request.limit)
        hits = (Hit(searcher.doc(address)["object_id"][0], score) for score, address in found)
        return sorted(hits, key=lambda hit: (-hit.score, hit.object_id))[: request.limit]


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

    def __init__(self, schema: tantivy.Schema, levels: Levels, application: str) -> None:
        self._schema = schema
        self._levels = levels
        self._application = application

    def request(self, request: TextRequest) -> tantivy.Query:
        """Return the query of a request, filters included."""
        conditions = [
            [("application", self._application)],
            *([("facets", f) for f in any_] for any_ in request.filters),
        ]
        filters = [self._any([self._term(*term) for term in terms]) for terms in conditions]
        return tantivy.Query.boolean_query(
            [
                (Occur.Must, self.clause(request.clause)),
                *((Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in filters),
            ]
        )

    def clause(self, clause: Clause) -> tantivy.Query:
        """Return the query of a clause."""
        match clause:
            case Words():
                return self._any([self._word(clause, token) for token in clause.tokens])
            case Term(field, value, weight) | Near(field, value, weight, 0, False):
                return tantivy.Query.const_score_query(self._term(field, value), weight)
            case Near(field, value, weight, edits, prefix):
                near = tantivy.Query.fuzzy_term_query(self._schema, field, value, edits, prefix=prefix)
                return tantivy.Query.const_score_query(near, weight)
            case Scale():
                return self._any([self.clause(term) for term in self._steps(clause)])
            case Best(clauses):
                return tantivy.Query.disjunction_max_query([self.clause(part) for part in clauses])
            case Sum(clauses, bonuses):
                needed = self._any([self.clause(part) for part in clauses])
                optional = [(Occur.Should, self.clause(part)) for part in bonuses]
                return tantivy.Query.boolean_query([(Occur.Must, needed), *optional]) if optional else needed
            case _:
                assert_never(clause)

    def _any(self, queries: Sequence[tantivy.Query]) -> tantivy.Query:
        return tantivy.Query.boolean_query([(Occur.Should, query) for query in queries])

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, "basic")

    def _word(self, words: Words, token: str) -> tantivy.Query:
        fields = [
            tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, field, token, "freq"), boost)
            for field, boost in words.fields
        ]
        return tantivy.Query.disjunction_max_query(fields, words.tie)

    def _steps(self, scale: Scale) -> Iterator[Term]:
        present = self._levels.get((scale.field, self._application), ())
        for step, share in shares(present):
            weight = scale.weight * (1.0 - share if scale.falling else share)
            yield Term(scale.field, documents.level(self._application, step), weight)


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
    return builder.build()


def _document(entity: Entity, name: str) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("key", name)
    document.add_text("object_id", entity.object_id)
    for field, text in documents.words(entity).items():
        document.add_text(field, text)
    for field, values in documents.terms(entity).items():
        for value in values:
            document.add_text(field, value)
    return document


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        raise EngineFailed(TEXT, f"{error}; rebuild the index if this stays") from error
