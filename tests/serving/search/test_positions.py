"""The position curve as it is served: learned from swapped pages, shown with its interval, logged with each page."""

import pytest

from ltrr.models.ranking.position import POSITIONS, log_curve
from ltrr.models.records.entity import Entity
from tests.serving.shop import Shop, hits


def looks(shop: Shop) -> list[float]:
    """Return the served curve."""
    return [row["look"] for row in shop.get("/v1/policy")["positions"]]


def test_new_service_serves_the_logarithmic_curve():
    """With an interval that says how little is known, and the same in the metrics."""
    with Shop() as shop:
        rows = shop.get("/v1/policy")["positions"]
        assert [row["position"] for row in rows] == list(range(1, POSITIONS + 1))
        assert looks(shop) == pytest.approx(log_curve(POSITIONS), abs=1e-6)
        assert all(row["low"] < row["look"] < row["high"] for row in rows[1:])
        shop.search(size=5)
        (logged,) = shop.impressions()
        assert logged.curve == log_curve(5)
        assert (logged.slot_share, logged.swap_share) == (0.05, 0.03)
        assert shop.metric("ltrr_position_look", {"position": "2"}) == pytest.approx(log_curve(2)[1])


@pytest.mark.whole
def test_what_people_take_moves_the_curve_that_is_served_and_logged():
    """Who takes only what stands first, whatever it is, makes the second place less looked at."""
    with Shop(explore_share=0.0, swap_share=1.0) as shop:
        for _ in range(40):
            answer = shop.search(size=3)
            shop.click(answer["query_id"], hits(answer)[0])
        assert {(page.slot_share, page.swap_share) for page in shop.impressions()} == {(0.0, 1.0)}
        served = looks(shop)
        assert served[1] < 0.9 * log_curve(2)[1]
        answer = shop.search(size=3)
        assert shop.impressions()[-1].curve == pytest.approx(served[:3], abs=1e-6)
        shop.search(size=3, query_id=answer["query_id"], page=2)
        assert shop.impressions()[-1].curve == pytest.approx(served[3:6], abs=1e-6)


def test_pages_depart_from_their_ranking_as_they_say():
    """Every page has two neighbours swapped, or one candidate from behind it that is marked and has its features."""
    with Shop(explore_share=0.0, swap_share=1.0) as swapping, Shop(explore_share=1.0) as exploring:
        for _ in range(5):
            swapping.search(size=4)
            exploring.search(size=4)
        for page in swapping.impressions():
            places = [candidate.position for candidate in page.candidates[:4]]
            assert sum(place != at for at, place in enumerate(places, start=1)) == 2
        for page in exploring.impressions():
            (explored,) = (candidate for candidate in page.candidates if candidate.explored)
            assert (page.slot_share, page.swap_share) == (1.0, 0.0)
            assert explored.position in {2, 3, 4}
            assert len(explored.features) == len(page.feature_names)


@pytest.mark.parametrize("query", ["obscura", "thunder obscura"])
def test_what_the_query_names_is_not_swapped_away(query: str):
    """Where one entity alone holds it, it stands first on every page, and the page says that nothing was drawn."""
    named = Entity("named", "band", "Obscura", attributes={"song": {"Thunder": 1.0}})
    others = [Entity(f"o{n}", "band", f"Thunder {n}", popularity=float(n)) for n in range(30)]
    with Shop(entities=[named, *others], explore_share=0.0, swap_share=1.0) as shop:
        for _ in range(5):
            assert hits(shop.search(query, size=3))[0] == "named"
        assert {page.swap_share for page in shop.impressions()} == {0.0}
        shop.search("thunder", size=3)
        assert shop.impressions()[-1].swap_share == 1.0


def test_what_the_query_names_has_nothing_random_beside_it():
    """Nor where it alone was found; where as many are named so as the page has places, any of them may be meant."""
    named, alone = Entity("named", "band", "Obscura"), Entity("alone", "band", "Zephyr")
    others = [Entity(f"o{n}", "band", f"Obscura Tribute {n}", popularity=float(n)) for n in range(30)]
    same = [Entity(f"same-{n}", "song", "Thunder") for n in range(9)]
    with Shop(entities=[named, alone, *others, *same], explore_share=1.0) as shop:
        for query in ("obscura", "named", "zephyr"):
            for _ in range(3):
                assert not any(item["explored"] for item in shop.search(query, size=3)["items"]), query
        assert {page.slot_share for page in shop.impressions()} == {0.0}
        for query, size in (("thunder", 3), ("tribute", 3)):
            assert any(item["explored"] for item in shop.search(query, size=size)["items"]), query
        assert not any(item["explored"] for item in shop.search("thunder", size=10)["items"])


def test_pages_that_teach_nothing_are_as_they_are_ranked():
    """Where chance would decide on every page, those that are not learned from keep to the order of their scores."""
    with Shop(explore_share=0.0, swap_share=1.0) as swapping, Shop(explore_share=1.0) as exploring:
        for shop in (swapping, exploring):
            answer = shop.search(size=4, learn=False)
            scores = [item["score"] for item in answer["items"]]
            assert scores == sorted(scores, reverse=True)
            further = shop.search(size=4, query_id=answer["query_id"], page=2)
            assert not set(hits(answer)) & set(hits(further))
            for page in shop.impressions():
                assert (page.slot_share, page.swap_share) == (0.0, 0.0)
                assert not any(candidate.explored for candidate in page.candidates)
