"""Covering a query with slots."""

import pytest

from ltrr.models.records.query import Slot
from ltrr.retrievers.understanding.readings import readings
from ltrr.retrievers.understanding.slots import Candidate


def candidate(start: int, end: int, value: str, weight: float = 1.0) -> Candidate:
    """Return a candidate that is certain but for its weight."""
    return Candidate(Slot(start, end, "name", value, weight), "exact", "name", 1.0, 1.0, 1)


def test_one_long_slot_beats_two_short() -> None:
    """What explains both words at once is likelier than two things that happen to stand side by side."""
    read = readings([candidate(0, 1, "a"), candidate(1, 2, "b"), candidate(0, 2, "a b")], 2)
    assert [[slot.value for slot in reading.slots] for reading in read] == [["a b"], ["a", "b"], ["a"], ["b"]]
    assert [reading.likelihood for reading in read][:2] == pytest.approx([0.3 / 0.402, 0.09 / 0.402])


def test_at_most_eight() -> None:
    """Of many readings the likeliest eight are kept; their likelihoods sum to 1."""
    read = readings([candidate(0, 1, f"n{number}", 1 / number) for number in range(1, 30)], 1)
    assert [reading.slots[0].value for reading in read] == [f"n{number}" for number in range(1, 9)]
    assert sum(reading.likelihood for reading in read) == pytest.approx(1.0)


def test_faint_readings_are_left_out() -> None:
    """What is below a hundredth of the best is not offered; nothing found is no reading."""
    assert len(readings([candidate(0, 1, "a"), candidate(0, 1, "b", 0.001)], 1)) == 1
    assert readings([], 3) == ()
