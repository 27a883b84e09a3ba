"""What encoders make, looked at before an engine has it: Qdrant takes a vector with NaN, and finds nothing by it."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.models.errors import EngineFailed
from ltrr.retrievers.encoders import SparseVector

_SHOWN: Final = 80


def dense(encoder: str, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return finite vectors, as many as texts. Raises EngineFailed with the first text that has another."""
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        raise _failed(encoder, texts[int(np.argmin(finite))])
    return vectors


def sparse(encoder: str, texts: Sequence[str], vectors: list[SparseVector]) -> list[SparseVector]:
    """Return finite vectors, one for each text. Raises EngineFailed with the first text that has another."""
    for text, vector in zip(texts, vectors, strict=True):
        if not all(map(math.isfinite, vector.values)):
            raise _failed(encoder, text)
    return vectors


def _failed(encoder: str, text: str) -> EngineFailed:
    said = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return EngineFailed(
        f"encoder {encoder}", f"the vector of {said!r} is not finite: change the text, or take another encoder"
    )
