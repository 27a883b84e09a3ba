"""What the fold learns of positions: from accepted actions on first pages that chance could have changed."""

from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.learning.fold import Fold
from ltrr.models.ranking.position import POSITIONS, log_curve
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Impression
from ltrr.models.state.records import RecordKey, read_record
from ltrr.models.state.state import State
from ltrr.models.statistics.snapshot import Snapshot
from tests.models.learning.test_fold import learned
from tests.models.logs import LEARNING, START_S, partition_log

KEY = RecordKey("position", "default")
SHOWN = (Candidate("a", position=2), Candidate("b", position=1), Candidate("c", position=3), Candidate("d"))
PAGE = Impression(
    "q",
    START_S,
    "q",
    "q",
    page_size=3,
    candidates=SHOWN,
    curve=log_curve(3),
    slot_share=0.1,
    swap_share=0.2,
)


def fold(page: Impression, *actions: tuple[str, str]) -> Fold:
    """Return a fold that has one page and some (object id, action name)."""
    one = Fold(LEARNING)
    one.absorb_impressions(0, START_S, [page])
    one.changed.clear()
    for offset, (object_id, name) in enumerate(actions):
        one.absorb_actions(offset, START_S + 9, [Action("q", object_id, name, START_S + 5)])
    return one


def values(one: Fold) -> np.ndarray:
    """Return the sums over positions."""
    return one.state.applications["default"].positions.values


@pytest.mark.parametrize("seed", range(3))
def test_the_seeded_logs_tell_of_positions(seed: int):
    """So that the tests of interleavings, restarts and partitions mean something."""
    applications = learned(partition_log(seed)).state.applications.values()
    assert all(application.positions.values.any() for application in applications)
    assert all(application.positions.curve.looks != log_curve(POSITIONS) for application in applications)


def test_an_action_counts_on_the_side_where_chance_has_put_its_entity():
    """The first of the ranking stands second: it counts at the lower side of the first pair; the record goes out."""
    one = fold(PAGE, ("a", "like"))
    assert KEY in one.changed
    here, there = 0.1, 0.9  # half of the swaps; all other pages
    sums = values(one)
    assert np.count_nonzero(sums) == 1
    scale = 2.0 ** (START_S / LEARNING.half_life_s - one.state.applications["default"].positions.epoch)
    assert sums[1, 0] == pytest.approx(scale * there / (here + there))


def test_a_like_after_a_click_adds_the_difference():
    """Whatever came before, the sums are those of the largest weight."""
    both, alone = fold(PAGE, ("a", "click"), ("a", "like"), ("a", "click")), fold(PAGE, ("a", "like"))
    for one in (both, alone):
        assert values(one).any()
    np.testing.assert_allclose(values(both), values(alone), rtol=1e-12)
    squares = [one.state.applications["default"].positions.squares for one in (both, alone)]
    np.testing.assert_allclose(squares[0], squares[1], rtol=1e-12)


@pytest.mark.parametrize(
    "page",
    [
        replace(PAGE, slot_share=0.0, swap_share=0.0),
        replace(
            PAGE, page=2, candidates=tuple(structs.replace(c, position=c.position and c.position + 3) for c in SHOWN)
        ),
    ],
    ids=["without chance", "further page"],
)
def test_other_pages_tell_nothing(page: Impression):
    """A page that chance did not touch, and one that somebody asked for, leave the curve as it is."""
    one = fold(page, ("a", "like"))
    assert one.state.counts["actions", "accepted"] == 1
    assert not values(one).any()
    assert KEY not in one.changed


def test_record_of_another_shape_is_refused():
    """As damaged ones are."""
    record = Snapshot("position", {"half_life_s": LEARNING.half_life_s, "epoch": 0}, [np.zeros((2, 3))] * 2)
    with pytest.raises(SnapshotMismatch):
        read_record(State(LEARNING), KEY, record)
