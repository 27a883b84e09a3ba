"""Open pages wait in few bytes, and come back as they were."""

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs

from ltrr.bench.core import union_page
from ltrr.models.learning.fold import Fold
from ltrr.models.learning.packing import LOOSE, Packing, Parts
from ltrr.models.learning.page import Page
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.rewards.call_history import LOGGED
from ltrr.models.rewards.credit import PageCredit
from ltrr.models.rewards.drift import Drift
from ltrr.models.state.learning import Learning
from tests.models.learning.test_fold import END_S
from tests.models.logs import LEARNING, absorb, interleave, partition_log
from tests.models.states import assert_equal

RULES = PlanRules(tuple(Arm(f"arm{number}", (f"text:{number}",)) for number in range(5)))
START_S = 1_767_225_600.0
ODD = (None, 0.0, -0.0, 1e-9, 0.1 + 0.2, 12_345.678901, -2_147.483648, 1e300, -0.5)


def full_page(rng: np.random.Generator, number: int) -> Impression:
    """Return a page of five arms of 20 candidates, with numbers as logged; all of one visitor, without a query."""
    page = union_page(rng, RULES, number, START_S + number, union=60)
    assert page.decision is not None
    candidates = tuple(
        structs.replace(
            candidate,
            object_id=f"song-{number}-{place}",
            features=tuple(None if rng.random() < 0.5 else round(one or 0.0, 6) for one in candidate.features),
        )
        for place, candidate in enumerate(page.candidates)
    )
    return replace(
        page,
        query_id=f"{number:032x}.{number:016x}",
        normalised_query="",
        user_id="user-1",
        session_id="session-1",
        context={name: round(value, 4) for name, value in page.context.items()},
        decision=replace(page.decision, levels=(3,) * 5),
        candidates=candidates,
        brought={arm: {name: round(float(rng.random()), 4) for name in LOGGED} for arm in RULES.names},
    )


@pytest.mark.whole
def test_an_open_page_takes_less_than_3_kb():
    """A hundred pages of five arms of 20 candidates, ten of them shown, as they wait beside loose ones, learned."""
    rng = np.random.default_rng(0)
    fold = Fold(Learning(RULES), Drift())
    assert fold.join.packing is not None
    fold.join.packing.most = 0

    def show(count: int) -> None:
        for number in range(fold.join.open_pages, fold.join.open_pages + count):
            page = replace(full_page(rng, number), time_s=START_S + number / 10)
            fold.absorb_impressions(number, page.time_s, [page])
        for application in fold.state.applications.values():
            list(application.settling())

    show(1)
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        show(100)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert fold.join.open_pages == 101
    assert (after - before) / 100 < 3000


@pytest.mark.parametrize("engaged", [False, True])
def test_a_packed_page_is_what_it_was(engaged: bool):  # noqa: FBT001  # a parameter of the test
    """Numbers of any size and sign, names that others do not have, what was observed: to the last bit."""
    rng = np.random.default_rng(1)
    whole = full_page(rng, 3)
    names = (*whole.feature_names, "own")
    odd = tuple(
        structs.replace(one, features=(*one.features[:-9], *ODD, 1.0) if one.features else ())
        for one in whole.candidates
    )
    context = {**whole.context, "own.name": 0.3, "bias": -0.0, "name_exact": 1 / 3}
    whole = replace(whole, candidates=odd, feature_names=names, context=context)
    assert whole.decision is not None
    credit = PageCredit(whole, whole.decision)
    called = {"arm0": np.array(ODD[1:6])}
    parts = Parts(whole.shown(), whole.looks(), credit, {"arm0": 0.1 + 0.2}, None, called)
    packing = Packing(tuple(whole.context)[:-2], whole.feature_names if engaged else (), most=0)
    page = Page(parts, START_S, packing=packing)
    if engaged:
        page.answer(whole.candidates[1].object_id, 0.7, 0.3)
    values, arrays = credit.pack()
    packing.settle()
    assert page.parts is not parts
    assert list(packing.loose) == [page]
    again = page.parts
    assert again.credit is not None
    back, arrays_back = again.credit.pack()
    assert back == values
    assert [a.tobytes() for a in arrays_back] == [a.tobytes() for a in arrays]
    assert again.looks == parts.looks
    assert again.expected == parts.expected
    assert again.called["arm0"].tobytes() == called["arm0"].tobytes()
    assert repr(dict(sorted(again.impression.context.items()))) == repr(dict(sorted(context.items())))
    assert again.impression.feature_names == names
    assert repr([one.features for one in again.impression.candidates]) == repr(
        [one.features for one in parts.impression.candidates]
    )
    assert again.impression.looks() == whole.looks()
    assert again.impression.sender == whole.sender


def test_pages_that_were_looked_at_are_packed_again():
    """After each message no more pages are left unpacked than may be, whatever it was about."""
    rng = np.random.default_rng(2)
    fold = Fold(Learning(RULES), Drift())
    assert fold.join.packing is not None
    fold.join.packing.most = 1
    pages = [full_page(rng, number) for number in range(3)]
    for offset, page in enumerate(pages):
        fold.absorb_impressions(offset, page.time_s, [page])
    assert len(fold.join.packing.loose) == 1
    action = Action(pages[1].query_id, next(iter(pages[1].looks())), "click", pages[1].time_s + 1)
    fold.absorb_actions(0, pages[2].time_s, [action])
    assert fold.join.waits_for(action) is None
    assert len(fold.join.packing.loose) <= 2
    assert [len(page.looks) for page in fold.join] == [len(page.looks()) for page in pages]
    assert len(fold.join.packing.loose) == 1, "who looks at all of them leaves them packed, too"


@pytest.mark.parametrize("loose", [0, LOOSE])
def test_pages_that_are_closed_by_then_are_not_credited_anew(loose: int):
    """What a restart reads back of them tells which actions concern them, and is let go when they are over.

    However many wait packed until then.
    """
    rng = np.random.default_rng(2)
    before, again = Fold(Learning(RULES)), Fold(Learning(RULES))
    assert again.join.packing is not None
    again.join.packing.most = loose
    pages = [full_page(rng, number) for number in range(3)]
    later_s = pages[0].time_s + before.learning.join_window_s + 4 * before.learning.late_s
    messages = [(pages[0].time_s, [pages[0]]), *((later_s, [replace(page, time_s=later_s)]) for page in pages[1:])]
    for offset, (recorded_s, read) in enumerate(messages):
        before.absorb_impressions(offset, recorded_s, read)
    before.read_past(later_s, later_s)
    for key in before.keys():  # noqa: SIM118  # a method of the fold, not of a dict
        again.read(key, before.write(key))
    credited = []

    def log() -> Iterator[tuple[float, list[Impression]]]:
        for message in messages:
            yield message
            credited.append([page.credited for page in again.join])

    again.warm(log())
    assert credited == [[False], [False, True], [False, True, True]]
    assert [page.query_id for page in again.join] == [page.query_id for page in before.join]
    assert again.join.open_pages == 2


@pytest.mark.parametrize("seed", range(2))
def test_packing_changes_nothing_that_is_learned(seed: int):
    """A log in any order, whose pages are all packed at once, gives the state of one in which none is."""
    folds = [Fold(LEARNING), Fold(LEARNING)]
    for fold, most in zip(folds, (0, 1_000_000), strict=True):
        assert fold.join.packing is not None
        fold.join.packing.most = most
        absorb(fold, interleave(partition_log(seed), seed))
        fold.read_past(END_S, END_S)
    assert_equal(folds[0].state, folds[1].state, START_S, END_S)
