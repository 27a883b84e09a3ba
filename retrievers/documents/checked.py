"""What encoders make, looked at before an engine has it.

Qdrant takes a vector with NaN, and finds nothing by it; an index twice in a sparse vector counts once in Qdrant Edge
until it is opened again, and is added up from then on; and where one vector of a batch has other dimensions, it keeps
some of the others.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.models.errors import EngineFailed
from ltrr.retrievers.encoders import DenseEncoder, SparseEncoder, SparseVector

_SHOWN: Final = 80


def dense(encoder: DenseEncoder, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return vectors that are finite and of the encoder's dimensions, as many as texts.

    Raises EngineFailed where they have another shape, or with the first text that has a number that is not finite.
    """
    wanted = (len(texts), encoder.dimensions)
    if vectors.shape != wanted:
        said = f"made vectors of shape {vectors.shape} in place of {wanted}: take another encoder"
        raise EngineFailed(f"encoder {encoder.name}", said)
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        raise _failed(encoder.name, texts[int(np.argmin(finite))])
    return vectors


def sparse(encoder: SparseEncoder, texts: Sequence[str], vectors: list[SparseVector]) -> list[SparseVector]:
    """Return finite vectors with each index once, one for each text; what an index has twice is added up.

    Raises EngineFailed with the first text whose vector is not finite.
    """
    for text, vector in zip(texts, vectors, strict=True):
        if not all(map(math.isfinite, vector.values)):
            raise _failed(encoder.name, text)
    return [vector if len(set(vector.indices)) == len(vector.indices) else _merged(vector) for vector in vectors]


def _merged(vector: SparseVector) -> SparseVector:
    sums = defaultdict[int, float](float)
    for index, value in zip(*vector, strict=True):
        sums[index] += value
    return SparseVector(list(sums), list(sums.values()))


def _failed(encoder: str, text: str) -> EngineFailed:
    said = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return EngineFailed(
        f"encoder {encoder}", f"the vector of {said!r} is not finite: change the text, or take another encoder"
    )
