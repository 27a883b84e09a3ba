"""What requests for neighbours become: vectors."""

from collections.abc import Sequence

from retrievers.encoders import Encoder
from retrievers.requests import VectorRequest


def query_vectors(encoder: Encoder, requests: Sequence[VectorRequest]) -> list[list[float]]:
    """Return the dense vector of each request; all texts are encoded at once."""
    texts = [request.near for request in requests if isinstance(request.near, str)]
    encoded = iter(encoder.encode(texts).tolist())
    return [next(encoded) if isinstance(request.near, str) else list(request.near) for request in requests]
