"""Ids in queries: with and without leading zeros, and beside other words and numbers."""

import asyncio

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.engines.embedded_text import EmbeddedText
from ltrr.retrievers.requests.requests import TextRequest
from ltrr.retrievers.strategies.fulltext import FullText
from ltrr.retrievers.strategies.fuzzy import Fuzzy
from tests.retrievers.test_matching import matched

PADDED = Entity("NGC0087", "galaxy", "NGC0087")
VALUED = Entity("v", "galaxy", "Ann's galaxy", {"other": {"UGC 08024": 1.0}})
OTHERS = (Entity("NGC0870", "galaxy", "NGC0870"), Entity("o", "galaxy", "A galaxy of 8024 stars"))


@pytest.mark.parametrize("typed", ["ngc 87", "NGC87", "ngc 087", "NGC0087"])
def test_an_id_is_the_same_with_other_zeros_before_its_number(typed: str):
    """However it is padded, it is named as a whole, where nothing is as it was typed."""
    features = matched(typed, PADDED, *OTHERS)
    assert features["match.whole"]["NGC0087"] == features["match.words"]["NGC0087"] == 1.0
    assert max(features["match.words"][one.object_id] for one in OTHERS) < 1.0


@pytest.mark.parametrize("typed", ["12", "012"])
def test_what_is_typed_exactly_is_named_alone(typed: str):
    """Of ids that zeros alone tell apart."""
    cards = [Entity("12", "invoice", "Chairs"), Entity("012", "invoice", "Tables")]
    features = matched(typed, *cards)
    assert features["match.whole"] == {one.object_id: float(one.object_id == typed) for one in cards}
    beside = matched(f"nr {typed}k", *(Entity(f"{one.object_id}k", "invoice", one.name) for one in cards))
    assert beside["match.words"][f"{typed}k"] > max(
        share for object_id, share in beside["match.words"].items() if object_id != f"{typed}k"
    )


def test_what_is_called_so_is_asked_for_before_an_id_that_is_a_word():
    """Ids may be words of paths: "playground" is an id, and what something else is called."""
    equipment, playground = (
        Entity("playground", "map", "Playground Equipment"),
        Entity("leisure/1", "map", "Playground"),
    )
    other = Entity("o", "map", "Painted Playground")
    words = matched("playground", equipment, playground, other)["match.words"]
    assert words["leisure/1"] == 1.0 > words["playground"] > words["o"]


@pytest.mark.parametrize("typed", ["06081", "06081 italia", "post code 06081"])
def test_a_value_as_it_was_typed_comes_before_an_id_with_other_zeros(typed: str):
    """A town's post code may be another one's number."""
    cards = [Entity("006081", "town", "Gavi"), Entity("1", "town", "Assisi", {"cap": {"06081": 1.0, "06082": 1.0}})]
    features = matched(typed, *cards, **{"06081": 1})
    assert features["match.words"]["1"] > features["match.words"]["006081"]
    assert matched("6081", *cards)["match.whole"]["006081"] == 1.0


def test_a_padded_number_of_a_value_is_asked_for_without_zeros():
    """It stands before what has that number elsewhere alone, and behind what has it as it was typed."""
    exact = Entity("e", "galaxy", "Ben's galaxy", {"other": {"UGC 8024": 1.0}})
    words = matched("ugc 8024", VALUED, exact, *OTHERS, ugc=2)["match.words"]
    assert words["e"] > words["v"] > words["o"]


@pytest.mark.parametrize("typed", ["ngc 87", "ngc87", "ugc 8024", "ugc8024", "ugc 008024"])
def test_engines_find_what_is_padded_otherwise(typed: str):
    """By id, name and value, with a space or without one, in both text strategies."""
    engine = EmbeddedText()
    engine.index([PADDED, VALUED])
    query = Query(typed, normalise(typed), tokenise(typed), 0.0, 0)
    strategies = [strategy(lambda _, ids: [None for _ in ids]) for strategy in (FullText, Fuzzy)]
    requests = [one for strategy in strategies for one in strategy.requests(query, 10).values()]
    asked = [one for one in requests if isinstance(one, TextRequest)]
    wanted = PADDED if "87" in typed else VALUED
    found = asyncio.run(engine.search(asked))
    assert [hits[0].object_id for hits in found] == [wanted.object_id] * 2
    engine.close()


@pytest.mark.parametrize("typed", ["cie 10 K35.9", "K35.9 cie-10", "icd-10: K35.9"])
def test_an_id_comes_before_names_with_another_number_of_the_query(typed: str):
    """Who types an id means what has it, whatever else names the list that it is of."""
    code = Entity("K359", "diagnosis", "Appendicitis")
    burns = Entity("T310", "diagnosis", "Burns of less than 10% of the body")
    words = matched(typed, code, burns, **{"10": 2})["match.words"]
    assert words["K359"] >= 0.5 > words["T310"]


@pytest.mark.parametrize("typed", ["messier 33", "Messier33", "messier 33 galaxy"])
def test_a_number_behind_its_attribute_s_name_is_the_value_that_begins_so(typed: str):
    """What has the `messier` "M33" is the only one of that number."""
    spiral = Entity("s", "galaxy", "Triangulum", {"messier": {"M33": 1.0}})
    others = Entity("m", "galaxy", "Whirlpool", {"messier": {"M51": 1.0}}), Entity("h", "galaxy", "Object 33")
    features = matched(typed, spiral, *others)
    assert max(features["match.words"], key=features["match.words"].__getitem__) == "s"
    assert features["match.words"]["s"] > 2 * features["match.words"]["m"]
