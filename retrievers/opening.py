"""Open what searches retrieve from: engines in this process, or servers where an address is given."""

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from models.prediction import QueryGenerator
from retrievers import encoders
from retrievers.cards import Cards
from retrievers.encoders import Encoder
from retrievers.engine import TEXT, VECTOR, Engine, LocalEngine, SharedEngine
from retrievers.engines.elasticsearch_client import ElasticsearchAddress
from retrievers.engines.elasticsearch_text import ElasticsearchText
from retrievers.engines.embedded_text import EmbeddedText
from retrievers.engines.embedded_vector import EmbeddedVector
from retrievers.engines.qdrant_vector import QdrantAddress, QdrantVector
from retrievers.index import DEPTH, Index
from retrievers.predicted import Predicted
from retrievers.wave import DEADLINE_S


def open_index(
    folder: Path | None = None,
    *,
    encoder: str | Encoder = "wordllama",
    depth: int = DEPTH,
    deadlines_s: Mapping[str, float] | None = None,
    elasticsearch: ElasticsearchAddress | None = None,
    qdrant: QdrantAddress | None = None,
    generator: QueryGenerator | None = None,
) -> Index:
    """Return an index over a folder, which one process at a time uses; None keeps it for as long as it is open.

    encoder: its name or itself. generator: predicts queries for entities; None where others do.
    depth: the largest budget of the ladder. deadlines_s: engine -> seconds. Raises
    StorageFailed where the folder cannot be used, InvalidSettings where it was made for another encoder or engines.
    """
    encoder = encoders.load(encoder) if isinstance(encoder, str) else encoder
    with ExitStack() as opened:
        cards = opened.enter_context(closing(Cards(folder / "cards.sqlite" if folder else None)))
        predicted = None
        if generator is not None:
            file = folder / "predicted.sqlite" if folder else None
            predicted = opened.enter_context(closing(Predicted(generator, file)))
        shared = open_shared(encoder, deadlines_s, elasticsearch, qdrant)
        engines: dict[str, Engine[Any]] = {**shared}
        local: list[LocalEngine[Any]] = []
        if TEXT not in shared:
            local.append(opened.enter_context(closing(EmbeddedText(folder / "text" if folder else None))))
            engines[TEXT] = local[-1]
        if VECTOR not in shared:
            vectors = folder or Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="ltrr-")))
            local.append(opened.enter_context(closing(EmbeddedVector(vectors / "vectors", encoder))))
            engines[VECTOR] = local[-1]
        cards.require(encoder=encoder.name, **{name: engine.kind for name, engine in sorted(engines.items())})
        return Index(cards, engines, local, opened, depth, deadlines_s, predicted)


def open_shared(
    encoder: str | Encoder,
    deadlines_s: Mapping[str, float] | None = None,
    elasticsearch: ElasticsearchAddress | None = None,
    qdrant: QdrantAddress | None = None,
) -> dict[str, SharedEngine[Any]]:
    """Return the engines that are servers, by the name that calls use; they connect at the first request."""
    deadlines_s = deadlines_s or {}
    engines: dict[str, SharedEngine[Any]] = {}
    if elasticsearch is not None:
        engines[TEXT] = ElasticsearchText(elasticsearch, deadlines_s.get(TEXT, DEADLINE_S))
    if qdrant is not None:
        encoder = encoders.load(encoder) if isinstance(encoder, str) else encoder
        engines[VECTOR] = QdrantVector(qdrant, encoder, deadlines_s.get(VECTOR, DEADLINE_S))
    return engines
