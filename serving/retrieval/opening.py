"""Open what searches retrieve from."""

import tempfile
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ltrr.models.errors import InvalidSettings
from ltrr.models.memory.prediction import PredictedScores, QueryGenerator
from ltrr.models.plans.plan import Arm
from ltrr.models.retrieval import MemoryIndex
from ltrr.retrievers import encoders, generators, strategies
from ltrr.retrievers.documents.vectors import Encoders, named
from ltrr.retrievers.engines.addresses import ElasticsearchAddress, QdrantAddress
from ltrr.retrievers.engines.base import TEXT, VECTOR, SharedEngine
from ltrr.retrievers.index import opening
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.near_queries import NearQueries
from ltrr.retrievers.understanding.synonyms import Synonyms
from ltrr.serving.retrieval.recall import Recall
from ltrr.serving.settings.settings import Settings
from ltrr.streams.files.folder import holding
from ltrr.streams.files.room import Free, Room, free_bytes

_NEAR_ENCODER = "wordllama"  # some 30 us for a query, whatever encodes entities


def strategy_arms() -> dict[str, Arm]:
    """Return every strategy that exists as an arm, by name."""
    return {s.name: Arm(s.name, s.calls, reserved=s.reserved, learned=s.learned) for s in strategies.discover()}


def open_index(
    settings: Settings, folder: Path | None, generator: QueryGenerator | None = None, free: Free = free_bytes
) -> Index:
    """Open the index of a data folder, or one in memory, over the engines that the settings name.

    generator: predicts queries for its entities, where no other process does. free: reads what a disk has left. Raises
    StorageFailed where another process has the index, be it embedded or on Kafka, before anything of it is opened.
    """
    room = Room(folder or Path(tempfile.gettempdir()), settings.disk_reserve_mb, free)
    room.need_to_open(folder / "index" if folder else None)
    return opening.open_index(
        folder / "index" if folder else None,
        encoders=open_encoders(settings),
        exact=settings.vector_exact,
        depth=settings.ladder[-1],
        deadlines_s=_deadlines_s(settings),
        elasticsearch=elasticsearch_address(settings),
        qdrant=qdrant_address(settings),
        generator=generator,
        need_room=room.need,
        held=hold_index(folder) if folder else None,
        synonyms=Synonyms.read(settings.synonyms, settings.stemmer)
        if settings.synonyms
        else Synonyms({}, settings.stemmer),
    )


def hold_index(folder: Path) -> AbstractContextManager[None]:
    """Return the lock on the index of a data folder: the locks of its log and its spool do not know of each other."""
    return holding(folder / "index", f"the index in {folder}")


def open_generator(settings: Settings) -> QueryGenerator | None:
    """Return what predicts queries for entities, None where nothing is to."""
    return generators.load(settings.generator) if settings.generator else None


def open_recall(predicted: PredictedScores | None) -> Recall:
    """Return what reads memories: near queries are found by spelling and by the encoder that is in this process."""
    return Recall(lambda: NearQueries(encoders.load_dense(_NEAR_ENCODER)), predicted)


def open_shared(settings: Settings) -> dict[str, SharedEngine[Any]]:
    """Return the engines that are servers, by the name that calls use."""
    return opening.open_shared(
        open_encoders(settings), _deadlines_s(settings), elasticsearch_address(settings), qdrant_address(settings)
    )


def open_memory_index(settings: Settings) -> MemoryIndex | None:
    """Return the index of the memory's pairs, None where there is no Elasticsearch."""
    address = elasticsearch_address(settings)
    if address is None:
        return None
    from ltrr.retrievers.engines.elasticsearch_memory import ElasticsearchMemory  # noqa: PLC0415  # its client loads slowly

    return ElasticsearchMemory(replace(address, index=settings.elasticsearch_memory_index))


def need_no_servers(settings: Settings) -> None:
    """Raise InvalidSettings where servers are named that nothing would write to: index agents read Kafka."""
    if settings.elasticsearch or settings.qdrant:
        raise InvalidSettings(
            "LTRR_ELASTICSEARCH and LTRR_QDRANT need Kafka, from where their entities come: set LTRR_KAFKA too"
        )


def elasticsearch_address(settings: Settings) -> ElasticsearchAddress | None:
    """Return where Elasticsearch is, or None where full text runs in this process."""
    if settings.elasticsearch is None:
        return None
    return ElasticsearchAddress(
        urls=settings.elasticsearch,
        index=settings.elasticsearch_index,
        api_key=_shown(settings.elasticsearch_api_key),
        user=settings.elasticsearch_user,
        password=_shown(settings.elasticsearch_password),
        ca=settings.elasticsearch_ca,
        analyzer=settings.elasticsearch_analyzer,
        stemmer=settings.stemmer,
        shards=settings.elasticsearch_shards,
        replicas=settings.elasticsearch_replicas,
    )


def qdrant_address(settings: Settings) -> QdrantAddress | None:
    """Return where Qdrant is, or None where vectors are searched in this process."""
    if settings.qdrant is None:
        return None
    return QdrantAddress(
        url=settings.qdrant,
        collection=settings.qdrant_collection,
        api_key=_shown(settings.qdrant_api_key),
        grpc_port=settings.qdrant_grpc_port,
        ca=settings.qdrant_ca,
        exact=settings.vector_exact,
    )


def open_encoders(settings: Settings) -> Encoders:
    """Return the encoders that the settings name."""
    return named(settings.encoder, settings.sparse_encoder)


def _deadlines_s(settings: Settings) -> dict[str, float]:
    return {TEXT: settings.text_deadline_s, VECTOR: settings.vector_deadline_s}


def _shown(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
