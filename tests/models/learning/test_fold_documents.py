"""Queries of other searches, of several documents and single objects: learned the same however the topics are read."""

from dataclasses import replace

import numpy as np
import pytest

from ltrr.models.learning.fold import Fold
from ltrr.models.learning.join import MOST_PAGES
from ltrr.models.ranking.position import log_curve
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Impression, PageKind
from tests.models.learning.test_fold import END_S, assert_equal, learned
from tests.models.logs import LEARNING, START_S, Message, absorb, interleave, restarted


def document(query_id: str, time_s: float, hits: list[str], words: str = "red lamp") -> Impression:
    """Return a document, of no hits too."""
    shown = tuple(Candidate(hit, position=at) for at, hit in enumerate(hits, start=1))
    page = Impression(query_id, time_s, words, words, page_size=len(hits) or 10, candidates=shown, user_id="u")
    return replace(page, kind=PageKind.DOCUMENT, curve=log_curve(len(hits)))


def seen(query_id: str, time_s: float, object_id: str, position: int) -> Impression:
    """Return what an event tells that says that an object was shown."""
    shown = (Candidate(object_id, position=position),)
    page = Impression(query_id, time_s, "", "", page=position, page_size=1, candidates=shown, user_id="u")
    return replace(page, kind=PageKind.OBJECT, curve=log_curve(position)[-1:])


def foreign_log(seed: int, queries: int = 50) -> list[Message]:
    """Return the messages of a site: empty documents, pages, repeated ones, single objects, clicks on all of them."""
    rng = np.random.default_rng(seed)
    events: dict[str, list[tuple[float, Impression | Action]]] = {"impressions": [], "actions": []}
    for number in range(queries):
        query_id, at = f"q{seed}-{number}", START_S + 37.0 * number
        hits = [f"e{hit}" for hit in rng.permutation(20)]
        pages = [document(query_id, at, [])] if rng.random() < 0.5 else []
        pages += [document(query_id, at + 1, hits[:3])] if rng.random() < 0.8 else []
        pages += [document(query_id, at + 30, hits[3:6], "lamp"), document(query_id, at + 31, hits[:3])]
        pages += [seen(query_id, at + 40, hits[place], place + 1) for place in range(2, 9)]
        for page in pages:
            delay_s = float(rng.choice([0.1, 5.0, 70.0, 800.0], p=[0.7, 0.15, 0.1, 0.05]))
            events["impressions"] += [(page.time_s + delay_s, page)] * int(rng.choice([1, 2], p=[0.8, 0.2]))
        for _ in range(rng.integers(0, 6)):
            acted = Action(query_id, str(rng.choice(hits[:11])), str(rng.choice(["click", "like"])), at + 45)
            events["actions"].append((acted.time_s + float(rng.choice([-40.0, 0.1, 300.0, 620.0])), acted))
    return sorted(
        (
            Message(topic, at, recorded_s, (event,))  # type: ignore[arg-type]  # as the topic says
            for topic, of in events.items()
            for at, (recorded_s, event) in enumerate(sorted(of, key=lambda one: one[0]))
        ),
        key=lambda m: (m.recorded_s, m.topic),
    )


@pytest.mark.parametrize("seed", range(4))
def test_any_interleaving_gives_the_same_state(seed: int):
    """Reading one topic far ahead of the other changes nothing; all that can happen to a document happens."""
    log = foreign_log(seed)
    expected = learned(log).state
    for outcome in ("accepted", "empty", "duplicate", "late"):
        assert expected.counts["impressions", outcome] > 0
    for outcome in ("accepted", "unshown", "duplicate"):
        assert expected.counts["actions", outcome] > 0
    ahead = sorted(log, key=lambda m: (m.topic == ("actions", "impressions")[seed % 2], m.offset))
    for order in (interleave(log, seed), ahead):
        assert_equal(expected, learned(order).state)


@pytest.mark.parametrize("seed", range(3))
def test_any_restart_gives_the_same_state(seed: int):
    """The join table that is filled from the log has the same pages, numbers and words."""
    log = foreign_log(seed)
    mixed, expected = interleave(log, seed), learned(log).state
    before, read = Fold(LEARNING), 0
    for stop in range(7, len(mixed), len(mixed) // 3):
        absorb(before, mixed[read:stop])
        read, after = stop, restarted(Fold(LEARNING), before, interleave(mixed[:stop], stop))
        absorb(after, mixed)
        after.read_past(END_S, END_S)
        assert_equal(expected, after.state)


@pytest.mark.parametrize("told", ["documents", "objects"])
def test_a_query_has_so_many_pages_at_a_time_and_no_more(told: str):
    """Beyond a hundred that are open none is taken in, since each looks at all others; later there is room again."""
    pages = [
        document("q", START_S, [f"e{at}"]) if told == "documents" else seen("q", START_S, f"e{at}", at + 1)
        for at in range(MOST_PAGES + 20)
    ]
    later_s = START_S + LEARNING.join_window_s + 3 * LEARNING.late_s
    last = document("q", later_s, ["x"])
    log = [Message("impressions", at, START_S + at / 100, (page,)) for at, page in enumerate(pages)]
    log += [Message("impressions", len(pages), later_s, (last,))]
    acted = [Action("q", one, "click", START_S + 2) for one in ("e0", f"e{MOST_PAGES}")]
    log += [Message("actions", at, START_S + 2, (action,)) for at, action in enumerate(acted)]
    expected = learned(log)
    assert expected.state.counts == {
        ("impressions", "accepted"): MOST_PAGES + 1,
        ("impressions", "beyond"): 20,
        ("actions", "accepted"): 1,
        ("actions", "unshown"): 1,
    }
    for order in range(2):
        assert_equal(learned(interleave(log, order)).state, expected.state)
