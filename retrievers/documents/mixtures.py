"""Mixtures of texts as one vector to search with: a query together with what a user likes."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.retrievers.documents import checked
from ltrr.retrievers.encoders import DenseEncoder
from ltrr.retrievers.requests.requests import Mixture

KEPT: Final = 20_000


class Mixer:
    """Turns mixtures into vectors; may be used by several threads.

    Embeddings are kept by text, the `kept` last used: what people like is asked for again and again, and a card that
    changes has another text.
    """

    def __init__(self, encoder: DenseEncoder, kept: int = KEPT) -> None:
        self._encoder = encoder
        self._kept = kept
        self._lock = threading.Lock()
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def mix(self, mixture: Mixture) -> list[float]:
        """Return the weighted sum of the vectors of a mixture's texts, scaled to unit length. Raises EngineFailed."""
        texts, weights = zip(*mixture.parts, strict=True)
        mixed = np.array(weights, dtype=np.float32) @ self._encoded(texts)
        norm = float(np.linalg.norm(mixed))
        vector: list[float] = (mixed / norm if norm else mixed).tolist()
        return vector

    def _encoded(self, texts: Sequence[str]) -> NDArray[np.float32]:
        with self._lock:
            found = {text: self._vectors.get(text) for text in texts}
        missing = [text for text, vector in found.items() if vector is None]
        if missing:
            vectors = checked.dense(self._encoder, missing, self._encoder.encode(missing))
            found.update(zip(missing, vectors, strict=True))
        with self._lock:
            for text, vector in found.items():
                if vector is not None:
                    self._vectors[text] = vector
                    self._vectors.move_to_end(text)
            while len(self._vectors) > self._kept:
                self._vectors.popitem(last=False)
        return np.stack([vector for text in texts if (vector := found[text]) is not None])
