"""Where servers are; their clients, which take seconds to load, are not needed to say so."""

from dataclasses import dataclass
from pathlib import Path

from ltrr.models.text import ENGLISH


@dataclass(frozen=True, slots=True)
class ElasticsearchAddress:
    """Where Elasticsearch is and how to get in.

    urls: of its nodes, with commas between. index: alias of the index. api_key, or user and password. ca: file of
    certificates to trust besides the system's. analyzer: of the fields of words; text is folded and split by ltrr
    before, so `whitespace` adds nothing. stemmer: of the catalogue, see `stem`.
    """

    urls: str
    index: str = "ltrr-entities"
    api_key: str | None = None
    user: str | None = None
    password: str | None = None
    ca: Path | None = None
    analyzer: str = "whitespace"
    stemmer: str = ENGLISH
    shards: int = 1
    replicas: int = 0


@dataclass(frozen=True, slots=True)
class QdrantAddress:
    """Where Qdrant is and how to get in.

    url: of its HTTP interface. collection: alias of the collection of entities. grpc_port: where given, searches and
    writes go there by gRPC, which is twice as fast. ca: file of certificates to trust (HTTP alone). exact: compare
    every dense vector instead of asking the graph.
    """

    url: str
    collection: str = "ltrr-entities"
    api_key: str | None = None
    grpc_port: int | None = None
    ca: Path | None = None
    exact: bool = False
