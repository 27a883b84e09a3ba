"""What requests for neighbours become: vectors."""

from collections.abc import Sequence

from retrievers.encoders import Encoder
from retrievers.mixtures import Mixer
from retrievers.requests import Mixture, VectorRequest


def query_vectors(encoder: Encoder, mixer: Mixer, requests: Sequence[VectorRequest]) -> list[list[float]]:
    """Return the dense vector of each request; all texts are encoded at once, those of mixtures by `mixer`."""
    texts = [request.near for request in requests if isinstance(request.near, str)]
    encoded = iter(encoder.encode(texts).tolist())
    vectors: list[list[float]] = []
    for request in requests:
        if isinstance(request.near, str):
            vectors.append(next(encoded))
        else:
            vectors.append(list(mixer.mix(request.near) if isinstance(request.near, Mixture) else request.near))
    return vectors
