"""What engines hold of an entity, and are asked for: a dense and a sparse vector."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ltrr.models.records.entity import Entity
from ltrr.retrievers.documents import checked, documents
from ltrr.retrievers.documents.mixtures import Mixer
from ltrr.retrievers.encoders import DenseEncoder, SparseEncoder, SparseVector, load_dense, load_sparse
from ltrr.retrievers.requests.requests import DENSE, SPARSE, Mixture, VectorName, VectorRequest

Vector: TypeAlias = list[float] | SparseVector


class Encoders:
    """The two encoders of an index."""

    def __init__(self, dense: DenseEncoder, sparse: SparseEncoder) -> None:
        self.dense = dense
        self.sparse = sparse
        self._mixer = Mixer(dense)

    @property
    def facts(self) -> dict[str, str]:
        """Return what vectors depend on: those of other encoders cannot be compared."""
        return {"encoder": self.dense.name, "sparse_encoder": self.sparse.name}

    def documents(self, entities: Sequence[Entity]) -> list[tuple[list[float], SparseVector]]:
        """Return the vectors of entities. Raises EngineFailed as `checked` does."""
        texts = [documents.embedded_text(entity) for entity in entities]
        dense = checked.dense(self.dense, texts, self.dense.encode(texts))
        sparse = checked.sparse(self.sparse, texts, self.sparse.encode(texts))
        return list(zip(dense.tolist(), sparse, strict=True))

    def queries(self, requests: Sequence[VectorRequest]) -> list[Vector]:
        """Return the vector of each request, of the kind that it names; texts are encoded at once.

        Raises EngineFailed as `checked` does.
        """
        dense = _texts(requests, DENSE)
        encoded: dict[tuple[str, str], Vector] = {}
        if dense:
            vectors = checked.dense(self.dense, dense, self.dense.encode_queries(dense)).tolist()
            encoded.update({(DENSE, text): vector for text, vector in zip(dense, vectors, strict=True)})
        if sparse := _texts(requests, SPARSE):
            terms = checked.sparse(self.sparse, sparse, self.sparse.encode_queries(sparse))
            encoded.update({(SPARSE, text): vector for text, vector in zip(sparse, terms, strict=True)})
        return [self._query(request, encoded) for request in requests]

    def _query(self, request: VectorRequest, encoded: Mapping[tuple[str, str], Vector]) -> Vector:
        if isinstance(request.near, str):
            return encoded[request.using, request.near]
        return self._mixer.mix(request.near) if isinstance(request.near, Mixture) else list(request.near)


def named(dense: str, sparse: str) -> Encoders:
    """Return the encoders of these names. Raises UnknownName, InvalidSettings."""
    return Encoders(load_dense(dense), load_sparse(sparse))


def _texts(requests: Sequence[VectorRequest], using: VectorName) -> list[str]:
    found = (request.near for request in requests if request.using == using and isinstance(request.near, str))
    return list(dict.fromkeys(found))
