"""What a query is after, from its readings."""

import pytest

from ltrr.models.records.query import Intent, Interpretation, Slot
from ltrr.retrievers.understanding.intent import masses


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
