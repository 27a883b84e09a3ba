"""What requests become."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from ltrr.models.errors import EngineFailed
from ltrr.models.records.entity import Entity
from ltrr.retrievers.documents.vectors import Encoders, named
from ltrr.retrievers.encoders import DenseEncoder, SparseEncoder, SparseVector
from ltrr.retrievers.requests.requests import Mixture, VectorRequest

ENCODERS = named("wordllama", "expansion")


def test_each_request_gets_its_vector() -> None:
    """Texts are encoded by the encoder that a request names, also where both are asked the same; numbers are kept."""
    asked = [
        VectorRequest("love", "default", 5, using="sparse"),
        VectorRequest("love", "default", 5),
        VectorRequest((0.5, 0.25), "default", 5),
        VectorRequest("march", "default", 5),
    ]
    love, march = ENCODERS.dense.encode_queries(["love", "march"]).tolist()
    [terms] = ENCODERS.sparse.encode_queries(["love"])
    assert ENCODERS.queries(asked) == [terms, love, [0.5, 0.25], march]
    assert ENCODERS.queries([]) == []


def test_an_entity_has_both_vectors() -> None:
    """The same text stands behind both."""
    [(dense, sparse)] = ENCODERS.documents([Entity("x", "song", "Love")])
    assert dense == ENCODERS.dense.encode(["love"])[0].tolist()
    assert sparse == ENCODERS.sparse.encode(["love"])[0]


class Broken(DenseEncoder, SparseEncoder):
    """Makes numbers that are none of one text."""

    name = "broken"
    dimensions = 2
    idf = False

    def __init__(self, number: float, *, sparse: bool) -> None:
        self.number = number
        self.sparse = sparse

    def encode(self, texts: Sequence[str]) -> Any:  # noqa: ANN401  # of both kinds
        """Return what either kind of encoder would."""
        numbers = [self.number if "bad" in text else 1.0 for text in texts]
        if self.sparse:
            return [SparseVector([3, 7], [1.0, number]) for number in numbers]
        return np.array([[1.0, number] for number in numbers], dtype=np.float32)

    def encode_queries(self, texts: Sequence[str]) -> Any:  # noqa: ANN401  # of both kinds
        """Return the same."""
        return self.encode(texts)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_vectors_that_are_not_finite_are_refused(number: float, kind: Literal["dense", "sparse"]) -> None:
    """Neither an entity, a query nor a mixture gets one: the error names encoder and text; others are encoded."""
    broken = Broken(number, sparse=kind == "sparse")
    encoders = Encoders(broken, ENCODERS.sparse) if kind == "dense" else Encoders(ENCODERS.dense, broken)
    assert len(encoders.documents([Entity("x", "song", "Good")])) == 1
    with pytest.raises(EngineFailed, match=r"encoder broken: the vector of 'bad one' is not finite"):
        encoders.documents([Entity("x", "song", "Good"), Entity("y", "song", "Bad one")])
    with pytest.raises(EngineFailed, match="the vector of 'bad query' is not finite"):
        encoders.queries([VectorRequest(text, "default", 5, using=kind) for text in ("good", "bad query")])
    if kind == "dense":
        with pytest.raises(EngineFailed, match="the vector of 'bad taste' is not finite"):
            encoders.queries([VectorRequest(Mixture((("good", 1.0), ("bad taste", 0.5))), "default", 5)])


class Misshapen(DenseEncoder):
    """Says that it makes more dimensions than it does."""

    name = "misshapen"
    dimensions = 3

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return two dimensions."""
        return np.ones((len(texts), 2), dtype=np.float32)


def test_vectors_of_other_dimensions_are_refused() -> None:
    """No engine is given any of them, be they of entities or of queries."""
    encoders = Encoders(Misshapen(), ENCODERS.sparse)
    with pytest.raises(EngineFailed, match=r"encoder misshapen: made vectors of shape \(1, 2\) in place of \(1, 3\)"):
        encoders.documents([Entity("x", "song", "Good")])
    with pytest.raises(EngineFailed, match=r"in place of \(2, 3\): take another encoder"):
        encoders.queries([VectorRequest(text, "default", 5) for text in ("good", "better")])


class Repeating(SparseEncoder):
    """Names an index twice."""

    name = "repeating"
    idf = False

    def encode(self, texts: Sequence[str]) -> list[SparseVector]:
        """Return the same for all texts."""
        return [SparseVector([7, 3, 7], [0.5, 1.0, 0.25]) for _ in texts]


def test_an_index_is_there_once() -> None:
    """What an encoder gives an index twice is added up, in entities and in queries."""
    encoders = Encoders(ENCODERS.dense, Repeating())
    [(_, of_entity)] = encoders.documents([Entity("x", "song", "Good")])
    [of_query] = encoders.queries([VectorRequest("good", "default", 5, using="sparse")])
    assert of_entity == of_query == SparseVector([7, 3], [0.75, 1.0])
