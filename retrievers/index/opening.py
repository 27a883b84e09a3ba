"""Open what searches retrieve from: engines in this process, or servers where an address is given."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from pathlib import Path
from typing import Any

from ltrr.models.memory.prediction import QueryGenerator
from ltrr.retrievers.documents.vectors import Encoders, named
from ltrr.retrievers.engines.addresses import ElasticsearchAddress, QdrantAddress
from ltrr.retrievers.engines.base import TEXT, VECTOR, Engine, LocalEngine, SharedEngine
from ltrr.retrievers.engines.embedded_text import EmbeddedText
from ltrr.retrievers.engines.embedded_vector import EmbeddedVector
from ltrr.retrievers.index.cards import CARDS, Cards
from ltrr.retrievers.index.index import DEPTH, Index
from ltrr.retrievers.index.predicted import Predicted
from ltrr.retrievers.index.wave import DEADLINE_S
from ltrr.retrievers.understanding.synonyms import NO_SYNONYMS, Synonyms


def open_index(
    folder: Path | None = None,
    *,
    encoders: Encoders | None = None,
    exact: bool = False,
    depth: int = DEPTH,
    deadlines_s: Mapping[str, float] | None = None,
    elasticsearch: ElasticsearchAddress | None = None,
    qdrant: QdrantAddress | None = None,
    generator: QueryGenerator | None = None,
    need_room: Callable[[], None] = lambda: None,
    held: AbstractContextManager[None] | None = None,
    synonyms: Synonyms = NO_SYNONYMS,
) -> Index:
    """Return an index over a folder, which one process at a time uses; None keeps it for as long as it is open.

    encoders: those that need no download where absent. exact: compare every dense vector in this process; a server's
    address has its own. generator: predicts queries for entities; None where others do. depth: the largest budget of
    the ladder. deadlines_s: engine -> seconds. need_room: as `Index` has it. held: a lock on the folder, entered before
    any engine opens it and left after all have let go. synonyms: of queries, with the stemmer of the catalogue. Raises
    StorageFailed where the folder cannot be used, InvalidSettings where it was made for other encoders or engines.
    """
    encoders = encoders or named("wordllama", "expansion")
    with ExitStack() as opened:
        opened.enter_context(held or nullcontext())
        cards = opened.enter_context(closing(Cards(folder / CARDS if folder else None)))
        shared = open_shared(encoders, deadlines_s, elasticsearch, qdrant)
        kinds = {name: engine.kind for name, engine in shared.items()}
        cards.require(
            **encoders.facts,
            stemmer=synonyms.stemmer,
            **{TEXT: EmbeddedText.kind, VECTOR: EmbeddedVector.kind, **kinds},
        )
        predicted = None
        if generator is not None:
            file = folder / "predicted.sqlite" if folder else None
            predicted = opened.enter_context(closing(Predicted(generator, file)))
        engines: dict[str, Engine[Any]] = {**shared}
        local: list[LocalEngine[Any]] = []
        if TEXT not in shared:
            local.append(
                opened.enter_context(closing(EmbeddedText(folder / "text" if folder else None, synonyms.stemmer)))
            )
            engines[TEXT] = local[-1]
        if VECTOR not in shared:
            vectors = folder or Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="ltrr-")))
            local.append(opened.enter_context(closing(EmbeddedVector(vectors / "vectors", encoders, exact=exact))))
            engines[VECTOR] = local[-1]
        known = folder / "known.bin" if folder else None
        return Index(cards, engines, local, opened, depth, deadlines_s, predicted, need_room, known, synonyms)


def open_shared(
    encoders: Encoders,
    deadlines_s: Mapping[str, float] | None = None,
    elasticsearch: ElasticsearchAddress | None = None,
    qdrant: QdrantAddress | None = None,
) -> dict[str, SharedEngine[Any]]:
    """Return the engines that are servers, by the name that calls use; they connect at the first request."""
    deadlines_s = deadlines_s or {}
    engines: dict[str, SharedEngine[Any]] = {}
    if elasticsearch is not None:
        from ltrr.retrievers.engines.elasticsearch_text import ElasticsearchText  # noqa: PLC0415  # its client loads slowly

        engines[TEXT] = ElasticsearchText(elasticsearch, deadlines_s.get(TEXT, DEADLINE_S))
    if qdrant is not None:
        from ltrr.retrievers.engines.qdrant_vector import QdrantVector  # noqa: PLC0415  # its client loads slowly

        engines[VECTOR] = QdrantVector(qdrant, encoders, deadlines_s.get(VECTOR, DEADLINE_S))
    return engines
