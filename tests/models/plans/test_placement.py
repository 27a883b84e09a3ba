"""How pages depart from their ranking: as often as is logged, and comparably on both sides."""

from collections import Counter

import numpy as np
import pytest

from ltrr.models.plans.placement import Placement, Reserve

PLACEMENT = Placement(slot_share=0.3, swap_share=0.4)


def test_draws_have_the_chances_that_they_say():
    """Each rank stands at each place as often as `chance` says, within four standard errors."""
    rng, draws, size = np.random.default_rng(0), 20_000, 4
    stood: Counter[tuple[int, int]] = Counter()
    for _ in range(draws):
        stood.update((rank + 1, place + 1) for place, rank in enumerate(PLACEMENT.order(9, size, rng)[:size]))
    for rank in range(1, size + 1):
        for place in range(1, size + 1):
            chance = PLACEMENT.chance(rank, place, size)
            error = 4 * np.sqrt(chance * (1 - chance) / draws)
            assert stood[rank, place] / draws == pytest.approx(chance, abs=max(error, 1e-12)), (rank, place)


@pytest.mark.parametrize("shown", [1, 2, 3, 10])
def test_chances_sum_to_one(shown: int):
    """A rank of the page stands somewhere on it, but for the last, which a slot pushes off."""
    for rank in range(1, shown + 1):
        inside = sum(PLACEMENT.chance(rank, place, shown) for place in range(1, shown + 1))
        pushed = PLACEMENT.slot_share if rank == shown > 1 else 0.0
        assert inside == pytest.approx(1 - pushed)
    assert PLACEMENT.chance(shown + 1, shown, shown) == 0.0


def test_both_sides_of_a_pair_hold_a_rank_alike():
    """Chance times weight is the same at the upper and the lower place, so that ranks cannot be taken for positions."""
    sides: dict[tuple[int, int], dict[int, float]] = {}
    for rank in range(1, 6):
        for place in range(1, 6):
            for pair, side, weight in PLACEMENT.comparisons(rank, place, 5):
                assert 0 < weight < 1
                held = sides.setdefault((rank, pair), {})
                held[side] = held.get(side, 0.0) + weight * PLACEMENT.chance(rank, place, 5)
    assert len(sides) == 8
    for held in sides.values():
        assert held[0] == pytest.approx(held[1])


def test_what_was_drawn_from_behind_is_compared_below_the_first_place():
    """It stands anywhere but at the first place, so the first pair says nothing of it."""
    assert list(PLACEMENT.comparisons(None, 2, 3)) == [(2, 0, 0.5)]
    assert list(PLACEMENT.comparisons(None, 3, 3)) == [(2, 1, 0.5)]
    orders = [Placement(1.0, 0.0).order(9, 3, np.random.default_rng(seed)) for seed in range(60)]
    assert {next(place for place, rank in enumerate(order) if rank >= 3) for order in orders} == {1, 2}


def test_what_cannot_be_has_no_chance():
    """No slot without candidates behind the page, no swap on a page of one; together no more than all pages."""
    assert PLACEMENT.possible(5, 5) == Placement(0.0, 0.4)
    assert PLACEMENT.possible(5, 1) == Placement(0.0, 0.0)
    assert PLACEMENT.possible(0, 5) == Placement(0.0, 0.0)
    assert Placement(0.8, 0.5).possible(9, 3).swap_share == pytest.approx(0.2)
    assert list(Placement(0.0, 0.0).comparisons(1, 1, 5)) == []
    assert PLACEMENT.possible(0, 5).order(0, 5, np.random.default_rng(0)) == []


def drawn(reserve: Reserve, count: int, size: int, rng: np.random.Generator) -> list[int]:
    """Return a drawn order."""
    return PLACEMENT.possible(count, size, reserve).order(count, size, rng, reserve)


@pytest.mark.parametrize("brought", [(), (9, 10, 11), (0, 2, 6, 7, 9), (1, 3)], ids=str)
@pytest.mark.parametrize("chance", [0.0, 0.2, 0.3])
def test_slot_is_there_as_often_as_ever_whatever_the_plan(chance: float, brought: tuple[int, ...]):
    """Over the draws of the reserved arm, each rank stands at each place as often as `chance` says."""
    draws, count, size, rng = 8_000, 9, 4, np.random.default_rng(1)
    plan = np.random.default_rng(7).random(draws) < chance
    stood: Counter[tuple[int, int]] = Counter()
    off, on = Reserve(chance, on=False), Reserve(chance, on=True, brought=brought)
    assert PLACEMENT.possible(count, size, off) == PLACEMENT.possible(count, size, on) == PLACEMENT
    for runs in plan.tolist():
        order = drawn(on if runs else off, count, size, rng)
        stood.update((rank + 1, place + 1) for place, rank in enumerate(order[:size]))
        if runs:
            (slot,) = (rank for rank in order[:size] if rank >= size)
            assert slot in ({rank for rank in brought if rank >= size} or range(size, count))
            assert len(order) == len(set(order)) == (count + 1 if slot >= count else count)
            assert order[0] == 0
    for rank, place in ((rank, place) for rank in range(1, size + 1) for place in range(1, size + 1)):
        expected = PLACEMENT.chance(rank, place, size)
        error = 4 * np.sqrt(expected * (1 - expected) / draws)
        assert stood[rank, place] / draws == pytest.approx(expected, abs=max(error, 1e-12)), (rank, place)


def test_plan_that_runs_it_more_often_has_its_slot_more_often():
    """Such as a static one, in which it is always on."""
    assert PLACEMENT.possible(9, 4, Reserve(1.0, on=True, brought=(9, 10))) == Placement(1.0, 0.0)
    assert PLACEMENT.possible(9, 4, Reserve(0.5, on=False)) == Placement(0.5, 0.4)


def test_page_that_nothing_follows_has_what_was_brought():
    """There the draw of the plan is given: the slot is certain, or cannot be; never before what was found."""
    on, off, empty = Reserve(0.3, on=True, brought=(1, 3, 4)), Reserve(0.3), Reserve(0.3, on=True, brought=(1,))
    assert PLACEMENT.possible(3, 4, on) == Placement(1.0, 0.0)
    assert PLACEMENT.possible(3, 4, off) == PLACEMENT.possible(3, 4, empty) == Placement(0.0, 0.4)
    assert PLACEMENT.possible(0, 4, Reserve(0.3, on=True, brought=(0, 1))) == Placement(0.0, 0.0)
    assert PLACEMENT.possible(3, 1, on) == Placement(0.0, 0.0)
    rng = np.random.default_rng(0)
    assert drawn(on, 0, 4, rng) == []
    places: Counter[int] = Counter()
    for _ in range(300):
        order = drawn(on, 3, 4, rng)
        (slot,) = (rank for rank in order if rank >= 3)
        places[order.index(slot)] += 1
        assert [rank for rank in order if rank < 3] == [0, 1, 2]
        assert max(drawn(off, 3, 4, rng), default=0) < 3
    assert places.keys() == {1, 2, 3}
