"""What the chaos bench says of what clients were told and what is true."""

from collections import Counter
from dataclasses import replace
from itertools import islice

import numpy as np

from ltrr.bench.disturbed.blows import Blow, order
from ltrr.bench.disturbed.visitors import Told, catalogue
from ltrr.bench.running.exactness import difference, written
from ltrr.bench.servers.chaos import Held, by_blow, document, wrong
from ltrr.models.learning.fold import Fold
from ltrr.models.records.action import Action
from tests.models.logs import LEARNING, impression

HELD = Held(0, 0, 0, 0, 0, 0, 0, 1, 0.0, {("actions", "accepted"): 3})
BLOWS = [Blow("kafka", "killed", 10.0, 2.0, 3.0), Blow("serve", "paused", 20.0, 1.0, 1.0)]


def met(held: Held) -> dict[str, bool]:
    """Return the targets of a run that ended so."""
    told = Told(pages={("q", 1), ("q", 2)})
    return {target.figure: target.met for target in document(0, told, BLOWS, held).targets}


def test_what_is_lost_or_twice_misses_its_target():
    """One event that is missing, unlearned, learned again or learned otherwise is enough."""
    assert all(met(HELD).values())
    for lost in ("absent_pages", "absent_actions", "unlearned", "entities"):
        assert not met(replace(HELD, **{lost: 1}))["lost"]
    assert not met(replace(HELD, relearned=1))["twice"]
    assert not met(replace(HELD, records=1))["state records that differ"]
    assert not met(replace(HELD, largest=1e-6))["largest difference of sums"]
    assert all(met(replace(HELD, again=5)).values()), "a delivery that is repeated is counted as a duplicate"


def test_where_nothing_is_answered_nothing_is_shown():
    """A service that answers no search loses none: that is no success."""
    targets = {target.figure: target.met for target in document(0, Told(), BLOWS, HELD).targets}
    assert not targets["pages answered as logged"]


def test_silence_belongs_to_the_blow_before_it():
    """Gaps and failures are those of the blow that came last before they ended."""
    told = Told(answered_s=[9.0, 9.5, 14.0, 14.5, 21.0], unanswered_s=[8.0, 11.0, 12.0, 25.0])
    longest, unanswered = by_blow(told, BLOWS)
    assert longest == {"before": 0.5, "kafka killed": 4.5, "serve paused": 6.5}
    assert unanswered == {"before": 1, "kafka killed": 2, "serve paused": 1}


def test_an_index_is_held_to_what_was_acknowledged():
    """What is missing, older than its last change, or back is wrong; what was not acknowledged may be there."""
    whole = {entity["object_id"]: 1 for entity in catalogue()}
    told = Told(versions={"thing-1": 7}, gone={"gone-2"})
    good = whole | {"thing-1": 7, "thing-3": 9}
    del good["gone-2"], good["gone-4"]
    assert wrong(told, good) == set()
    del good["thing-5"]
    assert wrong(told, good | {"thing-1": 6, "gone-2": 1}) == {"thing-1", "thing-5", "gone-2"}


def test_each_round_kills_all_and_pauses_one():
    """The order is drawn anew in each round, and is the same for the same seed."""
    parts = ("elasticsearch", "kafka", "serve", "worker")
    one, other = [list(islice(order(np.random.default_rng(3), parts), 10)) for _ in range(2)]
    assert one == other
    for blows in (one[:5], one[5:]):
        assert sorted(part for part, kind in blows if kind == "killed") == sorted(parts)
        assert Counter(kind for _, kind in blows) == {"killed": 4, "paused": 1}
    assert one[:5] != one[5:]


def test_a_difference_of_one_action_is_seen():
    """States of the same log are the same; one that lacks an action, or has it twice, is another."""
    page = impression(np.random.default_rng(1), "q", 1_000.0)

    def learned(*clicks: int) -> Fold:
        fold = Fold(LEARNING)
        fold.absorb_impressions(0, 1_000.0, [page])
        shown = list(page.looks())
        fold.absorb_actions(0, 1_001.0, [Action("q", shown[click], "click", 1_001.0) for click in clicks])
        return fold

    one = written(learned(0, 1))
    assert difference(one, written(learned(0, 1))) == (0, 0.0)
    for other in (learned(0), learned(0, 1, 1)):
        assert difference(one, written(other))[0] > 0
    assert difference(one, written(learned(0, 2)))[1] > 0
