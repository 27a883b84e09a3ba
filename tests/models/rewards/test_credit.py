"""Leave-one-out credit: examples worked out by hand, and the exact counterfactual of a simulated world."""

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest

from ltrr.models.ranking.position import log_curve
from ltrr.models.records.impression import Candidate, Decision, Impression, Source
from ltrr.models.rewards.credit import PageCredit

LADDER = (0, 2, 4)
CURVE = (1.0, 0.5, 0.25)


def page(
    levels: dict[str, int],
    candidates: list[Candidate],
    failures: tuple[str, ...] = (),
    curve: tuple[float, ...] = CURVE,
    alone_share: float = 0.0,
    estimate_looks: float = 0.0,
    most_gain: float = math.inf,
    fallback: tuple[str, ...] = (),
    reserved: str | None = None,
) -> PageCredit:
    """Return the credit of a page of three places under a plan."""
    decision = Decision(
        policy="uniform",
        policy_version="v1",
        revision=0,
        arms=tuple(levels),
        ladder=LADDER,
        levels=tuple(levels.values()),
        probabilities=((1 / 3,) * 3,) * len(levels),
        joint=0.1,
        seed=0,
        price=1.0,
        calls=1,
    )
    impression = Impression(
        "q",
        5.0,
        "q",
        "q",
        page_size=3,
        decision=decision,
        candidates=tuple(candidates),
        curve=curve,
        failures=failures,
        fallback=fallback,
    )
    impression.check()
    return PageCredit(impression, decision, alone_share, estimate_looks, most_gain, reserved)


def found(object_id: str, score: float, position: int | None, estimate: float = 0.0, **ranks: int) -> Candidate:
    """Return a candidate that arms brought at ranks, each with half of the score as its contribution."""
    sources = tuple(Source(arm, rank, 1.0) for arm, rank in ranks.items())
    parts = dict.fromkeys(ranks, score / 2)
    return Candidate(object_id, sources, score, parts, estimate, position)


def values(credit: PageCredit) -> dict[tuple[str, int], float]:
    """Return credit by (arm, level)."""
    known = credit.credit()
    return dict(zip(zip(known.arms, known.levels, strict=True), known.values.tolist(), strict=True))


def test_a_page_counts_up_to_its_most():
    """Values are scaled down alike once they exceed it in all, whatever comes first; below it nothing changes."""
    union = [found("x", 3.0, 1, a=1), found("y", 2.0, 2, a=2), found("z", 1.0, 3, b=1)]
    orders = [("x", "y", "z"), ("z", "x", "y")]
    pages = [page({"a": 1, "b": 1}, union, most_gain=1.0) for _ in orders]
    looks = dict(zip("xyz", CURVE, strict=True))
    for credit, order in zip(pages, orders, strict=True):
        for object_id in order:
            credit.observe(object_id, 0.5, looks[object_id])
    whole = page({"a": 1, "b": 1}, union)
    for object_id in "xyz":
        whole.observe(object_id, 0.5 / 1.5, looks[object_id])
    assert values(pages[0]) == pytest.approx(values(whole))
    assert values(pages[1]) == values(pages[0])
    assert pages[0].reward == 1.5
    few = [page({"a": 1, "b": 1}, union, most_gain=most) for most in (1.0, math.inf)]
    for credit in few:
        credit.observe("x", 0.5, 1.0)
        credit.observe("z", 0.5, 0.25)
    assert values(few[0]) == values(few[1])


def test_only_retriever_is_worth_what_its_item_gained():
    """An item that one arm alone brought leaves the page without it: the arm is worth the item's exposure x value."""
    credit = page({"a": 1, "b": 1}, [found("x", 0.9, 1, a=1), found("y", 0.5, 2, b=1)])
    assert values(credit) == {("a", 1): 0.0, ("b", 1): 0.0}
    assert credit.observe("x", 0.5, 1.0)
    assert values(credit) == pytest.approx({("a", 1): 0.5, ("b", 1): 0.0})
    assert credit.reward == 0.5


def test_displaced_item_is_taken_off():
    """Without `b` the clicked item of `a` would stand one place higher: `b` costs the exposure it took."""
    credit = page({"a": 1, "b": 1}, [found("y", 0.9, 1, b=1), found("x", 0.5, 2, a=1)])
    credit.observe("x", 0.5, 0.5)  # value 0.5 / 0.5 = 1 once it is looked at
    assert values(credit) == pytest.approx({("a", 1): 0.5 * 1.0, ("b", 1): (0.5 - 1.0) * 1.0})


@pytest.mark.parametrize("alone_share", [0.0, 1.0])
def test_what_the_baseline_filled_is_no_merit_of_the_plan(alone_share: float):
    """Arms of a plan that brought nothing are worth nothing, whatever is clicked, also one that the fallback ran on."""
    items = [found("x", 0.9, 1, 0.8, b=3, c=1), found("y", 0.5, 2, 0.4, c=2)]
    credit = page({"a": 2, "b": 1, "c": 0}, items, alone_share=alone_share, fallback=("b", "c"))
    assert not credit.observe("x", 1.0, 1.0)
    assert values(credit) == {("a", 1): 0.0, ("a", 2): 0.0, ("b", 1): 0.0}
    assert credit.reward == 0.0


@pytest.mark.parametrize("alone_share", [0.0, 1.0])
def test_reserved_arm_is_as_if_it_had_not_run(alone_share: float):
    """What it alone brought is on no page that is compared, and what another brought too is that one's alone."""
    luck = found("luck", -1.0, 2, 0.9, r=1)
    items = [found("x", 0.9, 1, a=1, r=2), found("y", 0.5, 3, b=1), luck]
    credit = page({"a": 1, "r": 2, "b": 1}, items, alone_share=alone_share, reserved="r")
    without = page({"a": 1, "b": 1}, [found("x", 0.9, 1, a=1), found("y", 0.5, 3, b=1)], alone_share=alone_share)
    for one in (credit, without):
        one.observe("x", 1.0, 1.0)
        one.observe("y", 0.5, 0.25)
    assert credit.observe("luck", 1.0, 0.5)  # it was on the page, and is a part of what that earned
    assert values(credit) == values(without)
    assert credit.reward == without.reward + 1.0
    assert credit.credit().pairs == without.credit().pairs


def test_clones_are_worth_nothing_beside_each_other():
    """Two arms that bring the same items get no credit: nothing is lost without either."""
    items = [found("x", 0.9, 1, a=1, b=1), found("y", 0.5, 2, a=2, b=2)]
    credit = page({"a": 1, "b": 1}, items)
    credit.observe("x", 1.0, 1.0)
    assert values(credit) == pytest.approx({("a", 1): 0.0, ("b", 1): 0.0})


def test_clone_keeps_what_its_contribution_lifts():
    """An arm that only lifts a shared item is worth the places that its part of the score gained."""
    items = [found("x", 0.9, 1, a=1, b=1), found("y", 0.5, 2, b=2)]
    credit = page({"a": 1, "b": 1}, items)
    credit.observe("x", 1.0, 1.0)
    # without a, x scores 0.45, below y at 0.5: seen with 0.5 in place of 1
    assert values(credit)["a", 1] == pytest.approx(0.5)
    # without b, y is gone and x at 0.45 still first
    assert values(credit)["b", 1] == pytest.approx(0.0)


def test_prefixes_teach_lower_levels():
    """A run at level 2 tells level 1 too: its list is the first two of four."""
    items = [found("x", 0.9, 1, a=1), found("y", 0.8, 2, a=2), found("z", 0.7, 3, a=3)]
    credit = page({"a": 2}, items)
    assert credit.observe("x", 0.5, 1.0)
    assert credit.observe("z", 1.0, 0.25)
    assert values(credit) == pytest.approx({("a", 1): 0.5, ("a", 2): 0.5 + 0.25 * 4.0})


def test_off_and_failed_arms_teach_nothing():
    """Arms that were off or did not answer have no rows; an arm that answered with nothing is worth nothing."""
    credit = page({"a": 0, "b": 1, "c": 2}, [], failures=("b",))
    assert values(credit) == {("c", 1): 0.0, ("c", 2): 0.0}
    assert not credit.observe("x", 1.0, 1.0)


def test_plan_of_failed_arms_has_no_rows():
    """Where nothing answered there is nothing to learn."""
    credit = page({"a": 1}, [], failures=("a",))
    assert credit.credit().arms == ()
    assert credit.credit().values.shape == (0,)


def test_unshown_items_count_with_their_estimate():
    """What would have come up without the arm counts with the ranker's estimate, what was shown with what it got."""
    items = [found("x", 0.9, 1, a=1), found("y", 0.5, 2, b=1), found("w", 0.4, 3, b=2), found("v", 0.3, None, 0.4, b=3)]
    credit = page({"a": 1, "b": 2}, items)
    # without a, v comes up to place three
    assert values(credit)["a", 1] == pytest.approx(-0.25 * 0.4)
    credit.observe("x", 1.0, 1.0)
    assert values(credit)["a", 1] == pytest.approx(1.0 - 0.25 * 0.4)


def test_estimate_counts_like_a_look():
    """A shown item is worth the mean of its estimate and of what was seen, weighted by the looks of each."""
    items = [found("x", 0.9, 1, 0.4, a=1), found("y", 0.5, 2, 0.2, a=2)]
    credit = page({"a": 1}, items, estimate_looks=1.0)
    x, y = 0.4 / (1 + 1), 0.2 / (1 + 0.5)
    assert values(credit) == pytest.approx({("a", 1): x + 0.5 * y})
    assert credit.reward == 0.0
    credit.observe("y", 1.0, 0.5)
    assert values(credit) == pytest.approx({("a", 1): x + 0.5 * (0.2 + 1.0) / (1 + 0.5)})
    assert credit.reward == 1.0
    sure = page({"a": 1}, items, estimate_looks=1e9)
    for item, look in (("x", 1.0), ("y", 0.5)):
        sure.observe(item, 1.0, look)
    assert values(sure) == pytest.approx({("a", 1): 0.4 + 0.5 * 0.2}), "what the ranker is sure of, no look changes"


def test_explored_item_is_debiased_by_its_shown_position():
    """An item shown high at random is judged at the place that its score earns."""
    items = [
        found("x", 0.9, 2, a=1),
        Candidate("r", (Source("b", 4, 0.1),), 0.2, {"b": 0.1}, 0.3, position=1, explored=True),
        found("y", 0.1, 3, b=1),
    ]
    credit = page({"a": 1, "b": 2}, items)
    credit.observe("r", 0.5, 1.0)
    # by score r is second: 0.5 of looks x a value of 0.5; level 1 of b does not hold rank 4
    assert values(credit)["b", 2] == pytest.approx(0.5 * 0.5)
    assert values(credit)["b", 1] == pytest.approx(0.0)
    assert values(credit)["a", 1] == pytest.approx((0.5 - 1.0) * 0.5)


def test_smaller_and_repeated_actions_change_nothing():
    """An item is worth its largest action: a smaller one, the same again and one on a stranger are no news."""
    credit = page({"a": 1}, [found("x", 0.9, 1, a=1)])
    assert credit.observe("x", 1.0, 1.0)
    before = values(credit)
    assert not credit.observe("x", 0.5, 1.0)
    assert not credit.observe("x", 1.0, 1.0)
    assert not credit.observe("stranger", 1.0, 1.0)
    assert values(credit) == before


def test_order_of_actions_does_not_matter():
    """The same item acted on at two positions gives one value, whichever came first."""
    one, other = (page({"a": 1}, [found("x", 0.9, 1, a=1)]) for _ in range(2))
    for look in (1.0, 0.25):
        one.observe("x", 0.5, look)
    for look in (0.25, 1.0):
        other.observe("x", 0.5, look)
    assert values(one) == values(other)


def test_half_alone_adds_up_to_the_page_for_two_arms():
    """Half alone and half lost without it shares out what both arms found: their credits sum to the page's worth."""
    items = [found("x", 0.9, 1, a=1, b=2), found("y", 0.5, 2, b=1), found("z", 0.3, 3, a=2)]
    credits_ = {share: page({"a": 1, "b": 1}, items, alone_share=share) for share in (0.0, 0.5, 1.0)}
    for credit in credits_.values():
        credit.observe("x", 1.0, 1.0)
        credit.observe("z", 0.5, 0.25)  # value 2
    assert values(credits_[0.0]) == pytest.approx({("a", 1): 0.5 + 0.25 * 2, ("b", 1): (0.25 - 0.5) * 2})
    assert values(credits_[1.0]) == pytest.approx({("a", 1): 1.0 + 0.5 * 2, ("b", 1): 0.5})
    assert values(credits_[0.5]) == pytest.approx({("a", 1): 1.5, ("b", 1): 0.0})
    assert sum(values(credits_[0.5]).values()) == pytest.approx(1.0 + 0.25 * 2)


def test_pairs_say_what_both_found():
    """Worth alone less the page of both is what two arms have in common, at the levels that were run."""
    items = [found("x", 0.9, 1, a=1, b=2), found("y", 0.5, 2, b=1), found("z", 0.3, 3, a=2, c=1)]
    credit = page({"a": 1, "b": 1, "c": 1}, items, alone_share=1.0)
    credit.observe("x", 1.0, 1.0)
    credit.observe("z", 0.5, 0.25)  # value 2
    alone, found_by_both = values(credit), dict(zip(credit.pairs, credit.credit().common.tolist(), strict=True))
    assert alone == pytest.approx({("a", 1): 1.0 + 0.5 * 2, ("b", 1): 0.5, ("c", 1): 2.0})
    pages = {("a", "b"): 1.0 + 0.25 * 2, ("a", "c"): 1.0 + 0.5 * 2, ("b", "c"): 0.5 + 0.25 * 2}
    assert found_by_both.keys() == pages.keys()
    for (one, other), both in pages.items():
        expected = alone[one, 1] + alone[other, 1] - both
        assert found_by_both[one, other] == pytest.approx(expected)
    assert page({"a": 1, "b": 1}, items).pairs == ()


def test_alone_nothing_is_guessed_of_what_was_not_shown():
    """The estimate of an entity that was not shown counts where arms are missed, and not where they are alone."""
    items = [found("x", 0.9, 1, a=1), found("y", 0.8, 2, a=2), found("z", 0.7, 3, a=3), found("v", 0.1, None, 0.4, b=1)]
    lost, alone = (values(page({"a": 2, "b": 1}, items, alone_share=share)) for share in (0.0, 1.0))
    assert lost["a", 2] == pytest.approx(-0.4)  # without it, v would be first
    assert alone == {("a", 1): 0.0, ("a", 2): 0.0, ("b", 1): 0.0}


def test_alone_at_a_lower_level_is_the_prefix():
    """Alone, too, a run at one level teaches the lower one, and a single arm is worth its page however it is shared."""
    items = [found("x", 0.9, 1, a=1), found("y", 0.5, 2, a=3)]
    for share in (0.0, 0.5, 1.0):
        credit = page({"a": 2, "b": 0}, items, alone_share=share)
        credit.observe("x", 1.0, 1.0)
        credit.observe("y", 1.0, 0.5)
        assert values(credit) == pytest.approx({("a", 1): 1.0, ("a", 2): 2.0})


def test_never_looked_at_position_does_not_explode():
    """An action where nobody is said to look has a bounded weight."""
    credit = page({"a": 1}, [found("x", 0.9, 1, a=1)], curve=(1e-300, 1e-300, 1e-300))
    credit.observe("x", 1.0, 1e-300)
    assert np.isfinite(credit.credit().values).all()


def ranking(parts: Mapping[str, Mapping[int, float]], without: str = "") -> list[int]:
    """Return entities by the sum of what arms contribute, equal ones by their id."""
    score: Counter[int] = Counter()
    for arm, gains in parts.items():
        if arm != without:
            score.update(gains)
    return sorted(score, key=lambda entity: (-round(score[entity], 6), entity))


@pytest.mark.parametrize("estimate_looks", [0.0, 1.0])
@pytest.mark.parametrize("jitter", [0.0, 0.1], ids=["equal_scores", "distinct_scores"])
def test_credit_equals_the_exact_counterfactual(jitter: float, estimate_looks: float):
    """Over many clicked pages the mean credit is the reward lost when the same page is made without the arm.

    Scores that know ranks alone tie once an arm is gone; the order that it helped to make must not break the tie.
    """
    rng = np.random.default_rng(3)
    curve = log_curve(3)
    spreads = {"a": 0.1, "b": 0.3, "c": 0.6}
    truth, credited = [], []
    for _ in range(600):
        worth = rng.beta(0.5, 1.5, 8)
        lists = {arm: np.argsort(rng.normal(-worth, spread))[: LADDER[2]].tolist() for arm, spread in spreads.items()}
        parts = {
            arm: {entity: 1 / (rank + 1 + rng.uniform(-jitter, jitter)) for rank, entity in enumerate(entities, 1)}
            for arm, entities in lists.items()
        }
        full = ranking(parts)
        rewards = [
            sum(look * worth[entity] for look, entity in zip(curve, ranking(parts, without), strict=False))
            for without in ("", *spreads)
        ]
        truth.append([rewards[0] - reward for reward in rewards[1:]])
        candidates = [
            Candidate(
                object_id=str(entity),
                sources=tuple(Source(a, lists[a].index(entity) + 1, 1.0) for a in spreads if entity in parts[a]),
                score=sum(gains.get(entity, 0.0) for gains in parts.values()),
                contributions={arm: gains[entity] for arm, gains in parts.items() if entity in gains},
                estimate=float(worth[entity]),
                position=place if place <= len(curve) else None,
            )
            for place, entity in enumerate(full, 1)
        ]
        credit = page(dict.fromkeys(spreads, 2), candidates, curve=curve, estimate_looks=estimate_looks)
        for look, entity in zip(curve, full, strict=False):
            if rng.random() < look * worth[entity]:
                credit.observe(str(entity), 1.0, look)
        credited.append([values(credit)[arm, 2] for arm in spreads])
    exact, seen = np.mean(truth, axis=0), np.mean(credited, axis=0)
    error = np.std(np.array(credited) - np.array(truth), axis=0) / np.sqrt(len(truth))
    assert (error < 0.015).all()
    assert (np.abs(seen - exact) < 3 * error).all()
    assert exact[0] > exact[2]
