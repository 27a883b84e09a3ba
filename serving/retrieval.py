"""Open what searches retrieve from."""

from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from models.errors import InvalidSettings
from retrievers import opening, strategies
from retrievers.engine import TEXT, VECTOR, SharedEngine
from retrievers.engines.elasticsearch_text import ElasticsearchAddress
from retrievers.engines.qdrant_vector import QdrantAddress
from retrievers.index import Index
from serving.settings import Settings

ENCODER: Final = "wordllama"


def strategy_calls() -> dict[str, tuple[str, ...]]:
    """Return the calls of every strategy that exists, by name."""
    return {strategy.name: strategy.calls for strategy in strategies.discover()}


def open_index(settings: Settings, folder: Path | None) -> Index:
    """Open the index of a data folder, or one in memory, over the engines that the settings name."""
    return opening.open_index(
        folder / "index" if folder else None,
        encoder=ENCODER,
        depth=settings.ladder[-1],
        deadlines_s=_deadlines_s(settings),
        elasticsearch=elasticsearch_address(settings),
        qdrant=qdrant_address(settings),
    )


def open_shared(settings: Settings) -> dict[str, SharedEngine[Any]]:
    """Return the engines that are servers, by the name that calls use."""
    return opening.open_shared(
        ENCODER, _deadlines_s(settings), elasticsearch_address(settings), qdrant_address(settings)
    )


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
        exact=settings.qdrant_exact,
    )


def _deadlines_s(settings: Settings) -> dict[str, float]:
    return {TEXT: settings.text_deadline_s, VECTOR: settings.vector_deadline_s}


def _shown(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
