"""What is taken of a page says the less of its query, the more of the page it is."""

from dataclasses import replace

import pytest

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.learning.fold import Fold
from ltrr.models.learning.page import KEPT
from ltrr.models.memory.query_memory import GROUPS, seconded
from ltrr.models.ranking.position import log_curve
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Impression
from ltrr.models.state.records import RecordKey
from ltrr.models.statistics.snapshot import Snapshot
from tests.models.logs import LEARNING, START_S

SHOWN = 10


def page() -> Impression:
    """Return a page of ten."""
    candidates = tuple(Candidate(f"e{place}", (), position=place) for place in range(1, SHOWN + 1))
    curve = log_curve(SHOWN)
    return Impression(
        "q", START_S, "query", normalised_query="query", page_size=SHOWN, candidates=candidates, curve=curve
    )


def taken(fold: Fold, count: int, name: str = "click", time_s: float = START_S + 5, offset: int = 0) -> list[float]:
    """Take so many of the page, from the top; return what the memory has of each that was taken."""
    done = [Action("q", f"e{place}", name, time_s) for place in range(1, count + 1)]
    fold.absorb_actions(offset, time_s, done)
    pairs = fold.state.application(page().application).memory.queries["query"].pairs
    return [pair.actions for pair in pairs.values() if pair.actions]


def shown() -> Fold:
    """Return what has learned that the page was shown."""
    fold = Fold(replace(LEARNING, action_windows_s={"like": 86_400.0}))
    fold.absorb_impressions(0, START_S, [page()])
    return fold


@pytest.mark.parametrize("count", [1, 3, 5, 6])
def test_up_to_half_of_a_page_counts_in_full(count: int):
    """Whoever takes what he was looking for is heard, however much that is."""
    assert taken(shown(), count) == pytest.approx([0.5] * count)


def test_a_page_of_which_everything_was_taken_says_hardly_anything():
    """All of it together says as much as two clicks."""
    assert taken(shown(), SHOWN) == pytest.approx([0.1] * SHOWN)
    assert taken(shown(), SHOWN - 2) == pytest.approx([0.5 * 0.6] * (SHOWN - 2))


def test_a_page_of_one_is_taken_as_it_is():
    """The only result says in full that it was taken."""
    fold = Fold(LEARNING)
    fold.absorb_impressions(0, START_S, [replace(page(), candidates=page().candidates[:1])])
    assert taken(fold, 1) == [0.5]


def test_a_kept_page_knows_how_much_of_it_was_taken():
    """What is bought a day later, after a restart, weighs as what was taken at once."""
    fold = shown()
    taken(fold, SHOWN)
    fold.read_past(START_S + 40_000, START_S + 40_000)
    again = Fold(fold.learning)
    for record in fold.keys():  # noqa: SIM118  # a method of records, not of a mapping
        again.read(record, fold.write(record))
    later = taken(again, 1, "like", START_S + 40_000, offset=1)
    assert sorted(later) == pytest.approx(sorted([*[0.1] * (SHOWN - 1), 0.2]), rel=0.01)


def test_a_kept_page_knows_whose_it_was():
    """What a visitor buys a day later, after a restart, is of the same group as what he took at once."""
    fold = Fold(replace(LEARNING, action_windows_s={"like": 86_400.0}))
    fold.absorb_impressions(0, START_S, [replace(page(), client_id="ann")])
    taken(fold, 1)
    fold.read_past(START_S + 40_000, START_S + 40_000)
    again = Fold(fold.learning)
    for record in fold.keys():  # noqa: SIM118  # a method of records, not of a mapping
        again.read(record, fold.write(record))
    (actions,) = taken(again, 1, "like", START_S + 40_000, offset=1)
    pair = again.state.application(page().application).memory.queries["query"].pairs["e1"]
    assert actions == pytest.approx(1.0, rel=0.01)
    assert sorted(pair.groups) == pytest.approx([0.0] * (GROUPS - 1) + [actions])
    assert seconded(pair.groups) == 0.0


def test_a_kept_page_without_how_much_it_showed_is_refused():
    """A record that another version has written is told."""
    fold = shown()
    taken(fold, 1)
    fold.read_past(START_S + 40_000, START_S + 40_000)
    key = RecordKey(KEPT, name="q")
    record = Snapshot.unpack(fold.write(key))
    record.meta["pages"][0].pop("shown")
    with pytest.raises(SnapshotMismatch, match="do not fit"):
        Fold(fold.learning).read(key, record.pack())
