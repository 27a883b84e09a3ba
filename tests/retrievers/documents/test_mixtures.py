"""Mixtures of texts become one vector, and what was embedded is not embedded again."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ltrr.retrievers.documents.mixtures import Mixer
from ltrr.retrievers.requests.requests import Mixture

AXES = {"x": (1.0, 0.0), "y": (0.0, 1.0), "": (0.0, 0.0)}


class Axes:
    """An encoder of two texts and nothing, which counts what it is asked."""

    name = "axes"
    dimensions = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the axis of each text."""
        self.asked += texts
        return np.array([AXES[text] for text in texts], dtype=np.float32)


def test_vectors_are_added_by_weight():
    """The sum has unit length; a text that comes twice counts twice; a mixture of nothing stays zeros."""
    mixer = Mixer(Axes())
    assert mixer.mix(Mixture((("x", 3.0), ("y", 4.0)))) == pytest.approx([0.6, 0.8])
    assert mixer.mix(Mixture((("x", 1.0), ("y", 4.0), ("x", 2.0)))) == pytest.approx([0.6, 0.8])
    assert mixer.mix(Mixture((("", 1.0),))) == [0.0, 0.0]


def test_embeddings_are_kept_by_text_the_last_used():
    """What was embedded is not embedded again, until others have taken its place."""
    encoder = Axes()
    mixer = Mixer(encoder, kept=2)
    for text in ("x", "y", "x", "", "x", "y"):
        mixer.mix(Mixture(((text, 1.0),)))
    assert encoder.asked == ["x", "y", "", "y"]
