"""Covering a query with slots, and what it is after by these."""

import pytest

from ltrr.models.records.query import Intent, Interpretation, Slot
from ltrr.retrievers.understanding.readings import masses, readings
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


def reading(likelihood: float, *slots: tuple[str, str]) -> Interpretation:
    """Return a reading with slots of (category, value) side by side."""
    return Interpretation(likelihood, tuple(Slot(n, n + 1, *slot, 1.0) for n, slot in enumerate(slots)))


@pytest.mark.parametrize(
    ("read", "intent", "name", "topic"),
    [
        ([reading(1.0, ("name", "abba"))], "spearfishing", 1.0, 0.0),
        ([reading(0.4, ("name", "abba")), reading(0.2, ("genre", "pop"), ("name", "abba"))], "spearfishing", 0.6, 0.0),
        ([reading(0.6, ("genre", "pop")), reading(0.4, ("name", "pop"))], "topic", 0.4, 0.6),
        ([reading(0.3, ("genre", "pop"), ("mood", "calm")), reading(0.3, ("tag", "pop"))], "topic", 0.0, 0.6),
        ([reading(0.5, ("genre", "disco")), reading(0.5, ("name", "disco"))], "ambiguous", 0.5, 0.5),
        ([reading(0.5, ("name", "taylor swift")), reading(0.5, ("name", "john taylor"))], "ambiguous", 0.5, 0.0),
        ([], "unknown", 0.0, 0.0),
    ],
    ids=("one", "with and without an attribute", "rather topic", "topics", "both", "two names", "nothing"),
)
def test_more_than_half(read: list[Interpretation], intent: Intent, name: float, topic: float) -> None:
    """One name, or attributes alone, with more than half of the likelihood is the intent; else it is ambiguous."""
    mass = masses(read)
    assert (mass.name, mass.topic) == pytest.approx((name, topic))
    assert mass.intent == intent
