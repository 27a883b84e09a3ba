"""What requests become."""

from ltrr.models.records.entity import Entity
from ltrr.retrievers.documents.vectors import named
from ltrr.retrievers.requests.requests import VectorRequest

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
