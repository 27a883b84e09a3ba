"""The page that the baseline would have shown, beside the one that was shown: worked out by hand."""

from dataclasses import replace

import pytest

from ltrr.models.baseline.page import COLUMNS, BaselinePage
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.records.impression import Candidate, Decision, Impression
from tests.models.rewards.test_credit import found

RULES = PlanRules((Arm("a", ("t:a",)), Arm("b", ("t:b",))), ladder=(0, 2, 4), baseline=(1, 0))
SOME = (0.2, 0.3, 0.5)  # P(a has level 1 or 2) = 0.8
NEITHER = [found("y", 0.9, 1, 0.3, b=1), found("x", 0.8, 2, 0.2, a=1), found("z", 0.7, None, 0.1, a=2)]


def beside(
    candidates: list[Candidate],
    levels: tuple[int, int] = (1, 1),
    failures: tuple[str, ...] = (),
    chances: tuple[float, ...] = SOME,
    rules: PlanRules = RULES,
    most_gain: float = 1.0,
    fallback: tuple[str, ...] = (),
    unlearned: tuple[str, ...] = (),
) -> BaselinePage | None:
    """Return what a page of two places under a plan says of the baseline, which runs `a` for two candidates."""
    price = rules.price(levels)
    decision = Decision("igw", "v1", 0, ("a", "b"), rules.ladder, levels, (chances, SOME), 0.1, 0, price, 2)
    shown = Impression(
        "q", 5.0, "q", "q", page_size=2, decision=decision, candidates=tuple(candidates), curve=(1.0, 0.5)
    )
    shown = replace(shown, failures=failures, fallback=fallback, unlearned=unlearned)
    shown.check()
    return BaselinePage.of(shown, decision, rules, most_gain)


def row(page: BaselinePage | None, **values: float) -> dict[str, float]:
    """Return a page's row by column."""
    assert page is not None
    return dict(zip(COLUMNS, page.row(values).tolist(), strict=True))


def test_what_the_baseline_would_have_shown_is_valued_by_what_was_seen():
    """Without `b` the entity that was acted on stands first, and one that was not shown second."""
    known = row(beside(NEITHER), x=0.5)
    assert known == pytest.approx(
        {
            "planned": 1,
            "pages": 1,
            "seen": 0.5,
            "expected": 0.3 + 0.5 * 0.2,
            "guessed": 0,
            "price": 1,
            "baseline_weight": 1 / 0.8,
            "baseline_seen": 1.0 / 0.8,  # 0.5 at a place that half look at, now the first
            "baseline_guessed": 0.5 * 0.1 / 0.8,
            "unlearned_weight": 0,
            "unlearned_seen": 0,
            "unlearned_guessed": 0,
        }
    )
    assert row(beside(NEITHER))["seen"] == 0


def test_the_first_day_is_valued_by_what_was_seen():
    """What was acted on stood second then, behind what was not shown; what memory brings is not needed."""
    known = row(beside(NEITHER, unlearned=("z", "x")), x=0.5)
    assert known["unlearned_weight"] == pytest.approx(1 / 0.8)
    assert known["unlearned_seen"] == pytest.approx(0.5 / 0.8)
    assert known["unlearned_guessed"] == pytest.approx(0.1 / 0.8)
    memory = replace(RULES, arms=(RULES.arms[0], replace(RULES.arms[1], learned=True)), baseline=(1, 1))
    without = row(beside(NEITHER, levels=(1, 0), rules=memory, unlearned=("z", "x")), x=0.5)
    assert (without["baseline_weight"], without["unlearned_weight"]) == pytest.approx((0, 1 / 0.8))


def test_who_falls_back_pays_for_it():
    """A plan that brought nothing cost its own arms, and then those of the baseline that ran for it."""
    filled = [found("x", 0.8, 1, 0.2, a=1)]
    assert row(beside(filled, (0, 1)), x=0.5)["price"] == 0
    assert row(beside(filled, (0, 1), fallback=("a",)), x=0.5)["price"] == 1


def test_the_baseline_has_its_own_budget_and_its_own_part_of_the_scores():
    """What `a` has behind two candidates is not on its page, and what `b` found too loses the part of `b`."""
    longer = [found("y", 0.9, 1, a=1, b=1), found("x", 0.8, 2, a=2), found("z", 0.7, None, 0.1, a=3)]
    known = row(beside(longer, levels=(2, 1)), x=0.5)
    assert known["baseline_seen"] == pytest.approx(1.0 / 0.8)  # y: 0.9 / 2 - 0.9 / 2 + 0.9 / 2 < 0.8
    assert known["baseline_guessed"] == 0


def test_what_chance_moved_stands_where_its_score_puts_it():
    """Neighbours that changed places: what is compared are plans, not what is shown at random in both."""
    swapped = [found("x", 0.9, 2, a=1), found("y", 0.8, 1, a=2)]
    known = row(beside(swapped, levels=(1, 0)), x=0.5)
    assert known["seen"] == pytest.approx(1.0)
    assert known["baseline_seen"] == pytest.approx(1.0 / 0.8)
    assert known["price"] == 0


def test_who_takes_everything_counts_up_to_the_most_that_a_page_can_gain():
    """All values are scaled down alike."""
    one, half = row(beside(NEITHER), x=1.0, y=1.0), row(beside(NEITHER), x=0.5, y=0.5)
    assert one == pytest.approx(half)
    assert row(beside(NEITHER, most_gain=9.0), x=1.0, y=1.0)["seen"] == pytest.approx(2.0)


def test_the_reserved_arm_is_no_part_of_either_plan():
    """Neither its price nor what it alone brought, whatever its score, is on one page more than on the other."""
    rules = replace(RULES, arms=(RULES.arms[0], Arm("b", ("t:b",), reserved=True)))
    known = row(beside(NEITHER, rules=rules), x=0.5)
    assert known["price"] == 0
    assert known["baseline_seen"] == pytest.approx(known["baseline_weight"] * known["seen"])
    assert known["seen"] == pytest.approx(1.0)


@pytest.mark.parametrize(("levels", "weight"), [((0, 1), 0.0), ((2, 1), 1 / 0.8), ((1, 1), 1 / 0.8)])
def test_a_plan_tells_of_the_baseline_where_it_holds_its_lists(levels: tuple[int, int], weight: float):
    """A lower level does not."""
    candidates = [found("y", 0.9, 1, b=1), found("x", 0.8, 2, a=1), found("z", 0.7, None, a=2)]
    held = candidates if levels[0] else candidates[:1]
    assert row(beside(held, levels))["baseline_weight"] == pytest.approx(weight)


@pytest.mark.parametrize("failed", ["a", "b"])
def test_a_page_that_an_engine_was_missing_from_says_nothing(failed: str):
    """Whose arm it was, the baseline's or another: neither page is what it would have been."""
    assert beside(NEITHER, failures=(failed,), unlearned=("x", "y")) is None
    assert beside(NEITHER, unlearned=("x", "y")) is not None


@pytest.mark.parametrize(("level", "hits", "weight"), [(1, 1, 1 / 0.8), (1, 2, 0.0), (2, 1, 1 / 0.8), (2, 3, 1 / 0.5)])
def test_a_list_that_ends_below_a_budget_is_that_of_every_larger_one(level: int, hits: int, weight: float):
    """What would have shown its end tells as much of a baseline with a larger budget, whichever was drawn."""
    candidates = [found(f"x{rank}", 1 - rank / 10, rank if rank < 3 else None, a=rank) for rank in range(1, hits + 1)]
    rules = replace(RULES, baseline=(2, 0))
    assert row(beside(candidates, (level, 0), rules=rules))["baseline_weight"] == pytest.approx(weight)


def test_pages_that_hardly_ever_tell_are_not_compared():
    """However the plan was drawn; nor are any where there is no baseline."""
    for levels in ((1, 1), (0, 1)):
        assert beside(NEITHER, levels, chances=(0.995, 0.005, 0.0)) is None
        assert beside(NEITHER, levels, rules=replace(RULES, baseline=())) is None
