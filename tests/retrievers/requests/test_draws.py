"""Which entities a seed draws."""

import random

import pytest

from ltrr.retrievers.requests.draws import PERIOD_S, SIDES, draw_terms, period, picks, side

NOW_S = 1_700_000_000.0


def rng(seed: int) -> random.Random:
    """Return a generator."""
    return random.Random(seed)  # noqa: S311  no secret depends on it


def drawn(terms: set[str], keys: int, created_s: float | None = None) -> int:
    """Return how many entities have one of the terms."""
    return sum(not terms.isdisjoint(draw_terms(f"key {number}", created_s)) for number in range(keys))


@pytest.mark.parametrize("share", [1.0, 0.3, 0.02, 0.005])
def test_share_is_drawn(share: float) -> None:
    """About the share that is wanted is drawn, whatever it is, with a bounded number of terms."""
    counts = []
    for seed in range(5):
        terms = list(picks(rng(seed), share, 16))
        assert 16 <= len(set(terms)) == len(terms) <= 64
        counts.append(drawn(set(terms), 5_000))
    assert sum(counts) / 5 == pytest.approx(5_000 * share, rel=0.25)
    assert share == 1.0 or len(set(counts)) > 1


def test_a_share_too_small_is_bounded() -> None:
    """What no bucket is fine enough for still gives the least number of terms."""
    assert len(list(picks(rng(1), 1e-12, 16))) == 16


def test_new_ones_are_drawn_by_their_period() -> None:
    """Terms of a period draw what was created in it, and nothing else."""
    terms = set(picks(rng(1), 1.0, 1, period(NOW_S)))
    assert drawn(terms, 200, NOW_S) == 200
    assert drawn(terms, 200, NOW_S - PERIOD_S) == drawn(terms, 200) == 0


def test_every_entity_has_one_side() -> None:
    """Sides tell apart what is drawn together, and each is in use."""
    sides = {side(number) for number in range(SIDES)}
    found = [sides & set(draw_terms(f"key {number}", NOW_S)) for number in range(300)]
    assert {len(held) for held in found} == {1}
    assert set().union(*found) == sides
