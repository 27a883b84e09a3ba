"""What the memory is sure of: what several visitors took, until time or what others take has outweighed it."""

from collections.abc import Iterable

import pytest

from ltrr.models.memory.memory import Memory
from ltrr.models.memory.query_memory import visitor_group
from ltrr.models.statistics.decay import Decay
from ltrr.serving.retrieval.recall import Recall, sure_ids

DAY_S = 86_400.0
LOOKS = {"old": 1.0, "new": 0.6}


def visitors(*groups: int) -> list[str]:
    """Return visitors of the query, each in a group."""
    return [next(f"user:{n}" for n in range(99) if visitor_group("q", f"user:{n}") == group) for group in groups]


def clicks(memory: Memory, object_id: str, who: Iterable[str], time_s: float = 0.0) -> None:
    """Let each visitor click on an entity, on a page of both."""
    for visitor in who:
        silent_looks(memory, 1, time_s)
        memory.engage("q", LOOKS, time_s)
        memory.act("q", object_id, 0.5, time_s, group=visitor_group("q", visitor))


def silent_looks(memory: Memory, count: int, time_s: float = 0.0) -> None:
    """Show a page of both that nobody acts on."""
    for _ in range(count):
        memory.examine("q", LOOKS, time_s)


def sure(memory: Memory, time_s: float = 0.0) -> tuple[str, ...]:
    """Return what is sure at a time."""
    return sure_ids(Recall().pairs("default", memory, "q", time_s))


@pytest.mark.parametrize("count", [2, 3, 500])
def test_one_visitor_is_never_enough(count: int):
    """However often he clicks, and with others of his group; somebody of another group is."""
    memory = Memory(Decay())
    clicks(memory, "old", visitors(1) * count)
    assert sure(memory) == ()
    clicks(memory, "old", visitors(3))
    assert sure(memory) == ("old",)


def test_who_is_not_known_seconds_nobody():
    """Actions without a visitor may all be of one person."""
    memory = Memory(Decay())
    clicks(memory, "old", visitors(0))
    for _ in range(9):
        memory.act("q", "old", 0.5, 0.0)
    assert sure(memory) == ()


def test_parts_of_a_memory_are_sure_together():
    """Visitors whose pages lie on two partitions are two."""
    parts = Memory(Decay(DAY_S)), Memory(Decay(DAY_S))
    for part, group in zip(parts, (0, 2), strict=True):
        clicks(part, "old", visitors(group) * 2)
    assert [sure(part) for part in parts] == [(), ()]
    assert sure(parts[0] + parts[1]) == sure(parts[1] + parts[0]) == ("old",)


def test_what_others_take_outweighs_it_and_silence_does_not():
    """After five clicks, 500 silent looks on the first place leave it sure, a dozen pages with another click do not."""
    memory = Memory(Decay())
    clicks(memory, "old", visitors(0, 1, 2, 3, 0))
    silent_looks(memory, 500)
    assert sure(memory) == ("old",)
    clicks(memory, "new", visitors(0, 1, 2, 3) * 3)
    assert sure(memory) == ("new",)
    pairs = {pair.object_id: pair.score for pair in memory.scored("q", 0.0)}
    assert pairs["new"] > 2 * pairs["old"]


@pytest.mark.parametrize("half_life_s", [DAY_S, 30 * DAY_S])
def test_news_are_sure_for_some_half_lives(half_life_s: float):
    """A hundred clicks of a day fade below what makes sure after less than six half-lives of silence."""
    memory = Memory(Decay(half_life_s))
    clicks(memory, "old", visitors(*range(4)) * 25)
    silent_looks(memory, 500, half_life_s)
    assert sure(memory, 3 * half_life_s) == ("old",)
    assert sure(memory, 6 * half_life_s) == ()
