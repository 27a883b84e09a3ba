"""Term expansion from static embeddings."""

import numpy as np
import pytest

from ltrr.models.errors import InvalidSettings, UnknownName
from ltrr.retrievers.encoders import SparseVector, load_sparse
from ltrr.retrievers.encoders.expansion import Expansion
from ltrr.retrievers.encoders.wordllama import read_wheel


@pytest.fixture(scope="module")
def expansion() -> Expansion:
    """Return the encoder."""
    return load_sparse("expansion")


def overlap(left: SparseVector, right: SparseVector) -> float:
    """Return the inner product."""
    weights = dict(zip(*left, strict=True))
    return sum(weights.get(index, 0.0) * value for index, value in zip(*right, strict=True))


def test_words_expand_into_their_neighbours(expansion: Expansion) -> None:
    """A word weighs most for itself, less for what means nearly the same, nothing for what does not."""
    assert set(expansion.neighbours("singer")) >= {"singing", "vocals"}
    assert all(0.0 < weight < 1.0 for weight in expansion.neighbours("singer").values())
    singer, vocals, diesel = expansion.encode(["singer", "vocals", "diesel"])
    assert overlap(singer, singer) > overlap(singer, vocals) > 0.0 == overlap(singer, diesel)


def test_unknown_words_stand_for_themselves(expansion: Expansion) -> None:
    """A word that no vocabulary has, in any script, is found by itself; its index is no row of the vocabulary."""
    [zyzzyva, hebrew] = expansion.encode(["zyzzyvaqx", "קפה"])
    for vector in (zyzzyva, hebrew):
        assert max(vector.indices) >= 2**31
        assert max(vector.indices) < 2**32
        assert overlap(vector, vector) > 0.0
    assert overlap(zyzzyva, hebrew) == 0.0


def test_a_text_is_encoded_alike_in_any_batch(expansion: Expansion) -> None:
    """Vectors do not depend on what is encoded beside them or was before, nor on the order of words or spelling."""
    texts = ["Psychedelic Trance", "love love song", "female vocalists"]
    fresh = Expansion(*read_wheel())
    assert expansion.encode(texts) == [fresh.encode([text])[0] for text in reversed(texts)][::-1]
    folded, turned = expansion.encode(["PSYCHEDELIC trance", "trance, psychedélic"])
    assert folded.indices == turned.indices == expansion.encode(texts)[0].indices
    assert turned.values == pytest.approx(folded.values)


def test_weights_are_bounded(expansion: Expansion) -> None:
    """Indices rise and are unique; a repeated word counts more, but not in proportion; nothing gives nothing."""
    once, thrice, empty = expansion.encode(["diesel", "diesel diesel diesel", " "])
    assert once.indices == sorted(set(once.indices))
    assert 1.0 < max(thrice.values) / max(once.values) < 3.0
    assert empty == SparseVector([], [])
    assert expansion.encode_queries(["diesel"]) == [once]


def test_the_shorter_of_equal_matches_is_first(expansion: Expansion) -> None:
    """Further words of an entity cost it a little."""
    diesel, short, long = expansion.encode(["diesel", "diesel engine", "diesel engine wedding march"])
    assert 1.0 < overlap(diesel, short) / overlap(diesel, long) < 1.1


def test_what_is_kept_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the cache is full it is begun anew, and vectors stay the same."""
    monkeypatch.setattr("ltrr.retrievers.encoders.expansion._KEPT", 3)
    encoder = Expansion(*read_wheel())
    before = encoder.encode(["love song", "wedding march"])
    assert encoder.encode(["love song", "wedding march"]) == before
    assert len(encoder._known) <= 4
    assert np.all([np.isfinite(value) for vector in before for value in vector.values])


def test_a_process_has_one(expansion: Expansion) -> None:
    """Whoever asks for it gets the same, whose vocabulary was encoded once."""
    assert load_sparse("expansion") is expansion


def test_names() -> None:
    """A name that is no sparse encoder is refused with those that are; a model of one that has none, too."""
    with pytest.raises(UnknownName, match="no sparse encoder is called 'wordllama'; there are: expansion, fastembed"):
        load_sparse("wordllama")
    with pytest.raises(InvalidSettings, match="say expansion"):
        load_sparse("expansion:large")
