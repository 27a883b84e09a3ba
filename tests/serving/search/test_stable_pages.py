"""The same query of the same visitor keeps its draws for a while: pages change for reasons, not by chance."""

from collections.abc import Iterator

import numpy as np
import pytest

from ltrr.models.records.impression import Decision
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.search.stable_seeds import StableSeeds
from tests.serving.shop import Shop, hits


def decisions(shop: Shop) -> list[Decision]:
    """Return what was decided, in order."""
    return [page.decision for page in shop.impressions() if page.decision is not None]


def seeds(shop: Shop) -> list[int]:
    """Return the seeds of all searches."""
    return [decision.seed for decision in decisions(shop)]


@pytest.fixture(scope="module")
def drawing() -> Iterator[Shop]:
    """Return a service whose pages differ by chance, of which each visitor keeps his own."""
    with Shop(policy="uniform", explore_share=1.0, stable_s=600.0, applications=("default", "other")) as shop:
        yield shop


@pytest.mark.parametrize("visitor", ["user_id", "client_id", "session_id"])
def test_visitor_who_asks_again_sees_the_same_page(drawing: Shop, visitor: str):
    """Plan, what is explored and where it stands are drawn as before, under a query id of its own."""
    answers = [drawing.search("love night", size=4, learn=False, **{visitor: visitor}) for _ in range(4)]
    assert all(hits(answer) == hits(answers[0]) for answer in answers)
    assert all(answer["plan"] == answers[0]["plan"] for answer in answers)
    assert len({answer["query_id"] for answer in answers}) == 4
    assert len(set(seeds(drawing)[-4:])) == 1


def test_user_goes_before_client_and_session(drawing: Shop):
    """A user is known on another device; a session is only who asks where nothing else says."""
    drawing.search(user_id="u", client_id="c", session_id="s")
    drawing.search(user_id="u", client_id="d", session_id="t")
    drawing.search(client_id="c", session_id="s")
    drawing.search(client_id="u")
    first, second, *others = seeds(drawing)[-4:]
    assert first == second
    assert len({first, *others}) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"query": "river  night"},
        {"application": "other"},
        {"filters": {"genre": ["pop"]}},
        {"size": 5},
        {"user_id": "v"},
        {"user_id": None},
    ],
    ids=str,
)
def test_whatever_else_is_asked_is_drawn_anew(drawing: Shop, change: dict[str, object]):
    """Another text, tenant, filter, size or visitor has a seed of its own; all who give no id are one."""
    drawing.search("river night", user_id="u")
    for _ in range(2):
        drawing.search(**{"query": "river night", "user_id": "u", **change})
    first, second, third = seeds(drawing)[-3:]
    assert first != second
    assert second == third


def test_seed_ends_so_long_after_its_first_use():
    """Asking on and on does not keep it; then the next one is kept as long."""
    with Shop(stable_s=600.0) as shop:
        for _ in range(6):
            shop.search(user_id="u")
            shop.clock.now_s += 250.0
        found = seeds(shop)
        assert found[:3] == [found[0]] * 3
        assert found[3:] == [found[3]] * 3
        assert found[0] != found[3]


def test_nothing_is_kept_where_that_is_off():
    """With LTRR_STABLE_S at 0 each search is drawn by itself."""
    with Shop(stable_s=0.0) as shop:
        for _ in range(3):
            shop.search(user_id="u")
        assert len(set(seeds(shop))) == 3


def test_probabilities_are_those_of_the_policy_of_now():
    """What is learned in between moves them, and the plan only where they have moved past the draw."""
    with Shop(stable_s=600.0) as shop:
        shop.search(user_id="u")
        for number in range(8):
            answer = shop.search(user_id=f"user-{number}")
            shop.click(answer["query_id"], hits(answer)[0])
        shop.search(user_id="u", learn=False)
        before, after = decisions(shop)[0], decisions(shop)[-1]
        assert (before.seed, before.revision) != (after.seed, after.revision)
        assert before.seed == after.seed
        assert before.probabilities != after.probabilities
        policy = shop.service.state.policy("default")
        distribution = policy.distribution(shop.impressions()[-1].context, after.seed)
        np.testing.assert_array_equal(after.probabilities, distribution.marginals)
        assert policy.choose(distribution, after.seed) == after.levels
        assert after.joint == distribution.joint(after.levels)


def test_as_many_seeds_as_may_be_are_kept():
    """The one that was used least lately goes."""
    kept = StableSeeds(600.0, most=2)

    def seed(user: str, new: int) -> int:
        return kept.seed(SearchRequest(query="q", user_id=user), ("q",), new, 0.0)

    assert [seed("a", 1), seed("b", 2), seed("a", 3), seed("c", 4)] == [1, 2, 1, 4]
    assert [seed("a", 5), seed("b", 6)] == [1, 6]
