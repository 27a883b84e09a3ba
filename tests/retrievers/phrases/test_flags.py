"""Attributes that are true or false: who looks for what is so types the attribute's name."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.retrievers.documents import documents
from ltrr.retrievers.phrases.phrase import told
from ltrr.retrievers.requests.requests import SEPARATOR, facet


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        ("vegan", "true", ["vegan"]),
        ("is_vegan", "True", ["vegan"]),
        ("hasFreeWifi", "TRUE", ["free wifi"]),
        ("gluten-free", "true", ["gluten free"]),
        ("is", "true", ["is"]),
        ("vegan", "false", []),
        ("vegan", "yes", ["yes"]),
    ],
)
def test_a_flag_is_said_by_its_name(attribute: str, value: str, said: list[str]):
    """Without the word that asks for it; nobody says what is not so. Other texts are as they are."""
    assert list(told(attribute, {value: 0.5}).items()) == [(one, 0.5) for one in said]


def test_true_among_others_is_a_word():
    """A tag "true" beside "story" is no flag."""
    assert told("tags", {"true": 1.0, "story": 0.5}) == {"true": 1.0, "story": 0.5}


def test_an_index_holds_flags_as_they_are_and_as_they_are_said():
    """Words are those that people type; filters take both."""
    terms = documents.terms(meal := Entity("x", "meal", "Soup", {"is_vegan": {"true": 1.0}, "hot": {"false": 1.0}}))
    assert terms["values"] == ("vegan",)
    assert terms["facets"] == tuple(
        facet(name, value)
        for name, value in (("type", "meal"), ("is_vegan", "true"), ("is_vegan", "vegan"), ("hot", "false"))
    )
    assert f"{facet('is_vegan', 'vegan')}{SEPARATOR}10" in terms["weights"]
    assert documents.words(meal)["attributes"] == "meal vegan"
    assert documents.embedded_text(meal) == "soup vegan"
    assert all(documents.passes(meal, [(facet("is_vegan", one),)]) for one in ("true", "vegan"))
    assert not documents.passes(meal, [(facet("hot", "hot"),)])
