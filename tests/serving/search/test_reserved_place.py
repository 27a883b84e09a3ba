"""What explore brings: shown in the reserved place alone, never the first, and ranked by nothing."""

import pytest

from ltrr.models.records.impression import Candidate, Impression
from tests.serving.shop import Shop, catalogue, hits

SHARE = 0.4
ARMS = {"arms": ("fulltext", "fuzzy", "explore"), "policy": "uniform", "explore_share": SHARE}
MANY = {**ARMS, "entities": catalogue(400)}


def played(shop: Shop, searches: int, **more: object) -> list[Impression]:
    """Return the first pages of some searches."""
    for _ in range(searches):
        shop.search(**more)
    return shop.impressions()


def on(page: Impression) -> bool:
    """Tell whether a page's plan ran explore."""
    return page.decision is not None and "explore" in page.decision.budgets()


def alone(candidate: Candidate) -> bool:
    """Tell whether explore alone brought a candidate."""
    return {source.arm for source in candidate.sources} == {"explore"}


def explored_by(candidate: Candidate) -> bool:
    """Tell whether explore brought a candidate, alone or beside others."""
    return "explore" in {source.arm for source in candidate.sources}


@pytest.fixture(scope="module")
def pages() -> tuple[Impression, ...]:
    """Return sixty pages of four places."""
    with Shop(**MANY) as shop:
        return tuple(played(shop, 60, size=4))


@pytest.mark.whole
def test_its_candidates_stand_in_their_place_and_nowhere_else(pages: tuple[Impression, ...]):
    """With the arm on one of them is on the page; with it off nothing is, since its share is in the plan already."""
    assert {on(page) for page in pages} == {True, False}
    for page in pages:
        assert (page.slot_share, page.swap_share) == (SHARE, 0.03)
        explored = [c for c in page.candidates if c.explored]
        assert len(explored) == on(page)
        assert all(explored_by(c) for c in explored)  # there is always something new
        assert all(c in explored for c in page.candidates if c.position and alone(c))
        assert all(c.position in {2, 3, 4} for c in explored)
        assert sorted(c.position for c in page.candidates if c.position) == [1, 2, 3, 4]


def test_it_is_drawn_from_all_that_was_brought():
    """Not the first of its list: any of them, at any place but the first."""
    with Shop(**{**MANY, "explore_share": 1.0}) as shop:
        pages = played(shop, 25, size=4)
    explored = [c for page in pages for c in page.candidates if c.explored]
    assert {c.position for c in explored} == {2, 3, 4}
    assert len({source.rank for c in explored for source in c.sources if source.arm == "explore"}) > 5


def test_what_other_arms_brought_too_may_be_what_stands_there():
    """Little is known of what stands behind the page, whoever found it; what stands on the page is never drawn."""
    with Shop(**{**ARMS, "explore_share": 1.0}) as shop:
        pages = played(shop, 30, size=4)
    explored = [c for page in pages for c in page.candidates if c.explored]
    assert len(explored) == len(pages)
    shared = [c for c in explored if explored_by(c) and not alone(c)]
    assert len(shared) > 5
    assert all(explored_by(c) for c in explored)


def test_it_is_logged_behind_all_others_and_has_no_score(pages: tuple[Impression, ...]):
    """Credit sees it as what it is; whatever another arm brought too is that arm's."""
    shared = 0
    for page in filter(on, pages):
        ranked = [c for c in page.candidates if not alone(c)]
        assert list(page.candidates[: len(ranked)]) == ranked
        assert len(page.candidates) > len(ranked)
        assert max(c.score for c in page.candidates[len(ranked) :]) < min(c.score for c in ranked)
        assert all(c.contributions == {} for c in page.candidates[len(ranked) :])
        assert all("explore" not in c.contributions for c in ranked)
        assert not any(name.startswith("explore.") for name in page.feature_names)
        shared += sum(any(source.arm == "explore" for source in c.sources) for c in ranked)
    assert shared > 0


def test_it_changes_no_score(pages: tuple[Impression, ...]):
    """Under the same plan of the others, the ranking is the same with it and without it."""
    rankings: dict[object, dict[bool, list[tuple[str, float]]]] = {}
    for page in pages:
        others = tuple(item for item in page.decision.budgets().items() if item[0] != "explore")
        ranked = [(c.object_id, c.score) for c in page.candidates if not alone(c)]
        assert rankings.setdefault(others, {}).setdefault(on(page), ranked) == ranked
    compared = [both for both in rankings.values() if len(both) == 2]
    assert len(compared) > 3
    assert all(both[True] == both[False] for both in compared)


def test_further_pages_and_facets_are_without_it():
    """They go on in the ranking; counts are of what is ranked."""
    genres = {entity.object_id: next(iter(entity.attributes["genre"])) for entity in MANY["entities"]}
    with Shop(**{**MANY, "explore_share": 1.0}) as shop:
        for _ in range(5):
            answer = shop.search(size=4, facets=["genre"])
            (first,) = [page for page in shop.impressions() if page.query_id == answer["query_id"]]
            ranked = [c.object_id for c in first.candidates if not alone(c)]
            seen = hits(answer)
            for page in range(2, 2 + len(ranked) // 4 + 1):
                seen += hits(shop.search(size=4, query_id=answer["query_id"], page=page))
            (slot,) = [c for c in first.candidates if c.explored]
            assert len(seen) == len(set(seen)) == len(ranked) + alone(slot)
            assert set(ranked) <= set(seen)
            counted = {facet["value"]: facet["count"] for facet in answer["facets"]["genre"]}
            assert counted == {genre: sum(genres[o] == genre for o in ranked) for genre in counted}
            assert sum(counted.values()) == len(ranked)
            later = [page for page in shop.impressions() if page.query_id == answer["query_id"] and page.page > 1]
            assert not any(c.explored for page in later for c in page.candidates)


def test_short_page_has_it_where_it_was_drawn():
    """Where nothing follows the page the draw of the plan is given, and so is the chance that is logged."""
    with Shop(entities=catalogue()[:12], **ARMS) as shop:
        pages = [page for page in played(shop, 30, size=50) if len(page.candidates) > 1]
    kept = [page for page in pages if any(alone(c) for c in page.candidates)]
    assert kept
    for page in pages:
        slot = [c for c in page.candidates if c.explored]
        assert (page.slot_share, len(slot)) == ((1.0, 1) if page in kept else (0.0, 0))
        assert all(alone(c) and c.position > 1 for c in slot)


def test_one_place_is_the_first():
    """A page of one result has no place for it."""
    with Shop(**{**ARMS, "explore_share": 1.0}) as shop:
        assert not any(c.explored for page in played(shop, 10, size=1) for c in page.candidates)


@pytest.mark.parametrize("settings", [{"arms": ("fulltext",), "policy": "uniform"}, {"policy": "static"}], ids=str)
def test_without_it_the_place_is_for_what_lies_behind_the_page(settings: dict[str, object]):
    """Where plans do not run it, the place is drawn by itself, as often."""
    with Shop(explore_share=SHARE, **settings) as shop:
        pages = played(shop, 30, size=3)
    explored = [c for page in pages for c in page.candidates if c.explored]
    assert {page.slot_share for page in pages} == {SHARE}
    assert 0.2 * len(pages) < len(explored) < 0.6 * len(pages)
    assert not any(alone(c) or c.position == 1 for c in explored)


@pytest.mark.whole
def test_under_a_cap_pages_have_the_place_as_often():
    """A plan that leaves no call for it has the place with what lies behind the page."""
    with Shop(**ARMS, max_calls=2) as shop:
        pages = played(shop, 120, size=3)
    assert {page.slot_share for page in pages} == {SHARE}
    full = [page for page in pages if page.decision.calls == 2 and not on(page)]
    assert len(full) > 30
    explored = [c for page in full for c in page.candidates if c.explored]
    assert 0.2 * len(full) < len(explored) < 0.6 * len(full)
    assert not any(alone(c) for c in explored)
    assert any(alone(c) for page in pages if on(page) for c in page.candidates if c.explored)


def test_reward_model_learns_nothing_of_it():
    """Clicks on it teach ranker and memory; the policy's share of it stays what it is."""
    with Shop(**{**ARMS, "policy": "igw", "explore_share": 1.0}) as shop:
        for _ in range(10):
            answer = shop.search(size=4)
            (slot,) = [item["object_id"] for item in answer["items"] if item["explored"]]
            shop.click(answer["query_id"], slot)
        arms = {arm["arm"]: arm for arm in shop.get("/v1/policy")["arms"]}
        assert arms["explore"]["observations"] == arms["explore"]["mean_credit"] == 0
        assert arms["explore"]["probabilities"][0] < 1e-5
        assert any(pair["actions"] > 0 for pair in shop.get("/v1/memory", query="love night")["pairs"])
