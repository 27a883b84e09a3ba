"""Counts of values over candidates."""

from ltrr.models.records.entity import Entity
from ltrr.serving.search.facets import MOST_VALUES, count_facets
from tests.serving.shop import Shop, catalogue


def test_values_are_counted():
    """Each value of a field counts the entities that carry it, whatever its weight; most frequent first."""
    cards = [
        Entity("a", "song", "A", {"genre": {"Soul": 0.1, "pop": 1.0}}),
        Entity("b", "song", "B", {"genre": {"soul": 0.9}}),
        Entity("c", "artist", "C", {"genre": {"Soul": 1.0, "jazz": 1.0}}),
    ]
    counts = {
        field: [(one.value, one.count) for one in found]
        for field, found in count_facets(cards, ["genre", "type", "mood"]).items()
    }
    assert counts == {
        "genre": [("Soul", 3), ("jazz", 1), ("pop", 1)],
        "type": [("song", 2), ("artist", 1)],
        "mood": [],
    }


def test_values_are_bounded():
    """Of very many values the most frequent are sent."""
    cards = [Entity(f"{number}", f"type {number:03}", "X") for number in range(80)]
    cards += [Entity("again", "type 079", "X")]
    (found,) = count_facets(cards, ["type"]).values()
    assert len(found) == MOST_VALUES
    assert (found[0].value, found[0].count) == ("type 079", 2)


def test_an_answer_counts_its_candidates(shop: Shop):
    """Facets count all candidates of the search, the same on every page; none are sent that were not asked for."""
    first = shop.search(size=4, facets=["genre", "type"])
    (logged,) = shop.impressions()
    genres = {entity.object_id: next(iter(entity.attributes["genre"])) for entity in catalogue()}
    found = [genres[candidate.object_id] for candidate in logged.candidates]
    assert len(found) > 4
    assert {one["value"]: one["count"] for one in first["facets"]["genre"]} == {g: found.count(g) for g in set(found)}
    assert first["facets"]["type"] == [{"value": "song", "count": len(found)}]
    further = shop.search(size=4, facets=["genre", "type"], query_id=first["query_id"], page=2)
    assert further["facets"] == first["facets"]
    assert shop.search()["facets"] == {}
