"""WordLlama from its wheel."""

import numpy as np
import pytest

from ltrr.models.errors import UnknownName
from ltrr.retrievers.encoders import load_dense


def test_similar_texts_are_near() -> None:
    """Vectors are of unit length, and meaning shows; a text without content gives zeros."""
    encoder = load_dense("wordllama")
    vectors = encoder.encode(["a wedding march", "marriage ceremony", "diesel engine", ""])
    assert vectors.shape == (4, encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1


def test_unknown_encoder() -> None:
    """A name that is no encoder is refused with those that are."""
    with pytest.raises(UnknownName, match="wordllama"):
        load_dense("oracle")
