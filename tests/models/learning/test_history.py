"""Pages of a history, told long after they were shown; window 100 s, lateness 10 s."""

from dataclasses import replace

import pytest

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.learning.fold import Fold
from ltrr.models.learning.join import MOST_SKEW_S, Join, Outcome
from ltrr.models.records.impression import Impression
from ltrr.models.state.records import RecordKey
from tests.models.learning.test_join import L, W, act, shown
from tests.models.logs import LEARNING

SPAN_S = W + 2 * L
NOW_S = 1_000 * SPAN_S
DAY_S = 86_400.0


def past(time_s: float, query_id: str = "q", application: str = "default") -> Impression:
    """Return a page of a history."""
    return replace(shown(time_s, query_id=query_id), history=True, application=application)


def test_a_history_is_not_late_whatever_its_age():
    """Nor are actions on it; the same page not told as history is late, and clocks ahead are refused alike."""
    join = Join(W, L)
    assert join.add_impression(past(0.0), NOW_S)[0] is Outcome.ACCEPTED
    assert join.add_action(act(5.0), NOW_S + 1).outcomes == (Outcome.ACCEPTED,)
    assert join.add_impression(replace(past(1.0, "p"), history=False), NOW_S + 1)[0] is Outcome.LATE
    assert join.add_impression(past(NOW_S + 2 * L, "r"), NOW_S + 1)[0] is Outcome.FUTURE


@pytest.mark.parametrize("after_s", [1.0, SPAN_S - 1.0, SPAN_S, 2 * SPAN_S, 9 * SPAN_S])
def test_a_history_counts_once(after_s: float):
    """Told again, soon or long after, its pages are duplicates or late; what comes behind it in time is new."""
    join = Join(W, L)
    for time_s in (10.0, 0.0, 20.0):  # within a stretch of the log in any order
        assert join.add_impression(past(time_s, f"q{time_s}"), NOW_S)[0] is Outcome.ACCEPTED
    join.read_past(NOW_S + after_s, NOW_S + after_s)
    again = {join.add_impression(past(t, f"q{t}"), NOW_S + after_s)[0] for t in (0.0, 10.0, 20.0)}
    assert again == {Outcome.DUPLICATE if after_s <= SPAN_S else Outcome.LATE}
    assert join.add_impression(past(30.0, "new"), NOW_S + after_s)[0] is Outcome.ACCEPTED


def test_a_history_comes_before_the_pages_that_others_show_now():
    """Behind newer ones of its application it is late; pages of others, and those with a plan, are no reason."""
    join, later_s = Join(W, L), NOW_S + 2 * SPAN_S
    assert join.add_impression(shown(NOW_S, query_id="now"), NOW_S)[0] is Outcome.ACCEPTED
    assert join.add_impression(past(0.0), later_s)[0] is Outcome.LATE
    assert join.add_impression(past(0.0, "other", "books"), later_s)[0] is Outcome.ACCEPTED


def test_clocks_may_not_differ_by_the_age_of_a_history():
    """However late events may be recorded, one long before its page is early, one long after late or future."""
    join = Join(W, 40 * DAY_S)
    assert join.add_impression(past(0.0), DAY_S)[0] is Outcome.ACCEPTED
    outcomes = [
        join.add_action(act(time_s), DAY_S).outcomes
        for time_s in (-5 * DAY_S, -MOST_SKEW_S - 1, W + MOST_SKEW_S + 1, 25 * DAY_S, -MOST_SKEW_S)
    ]
    assert outcomes == [(Outcome.EARLY,), (Outcome.EARLY,), (Outcome.LATE,), (Outcome.FUTURE,), (Outcome.ACCEPTED,)]
    assert join.add_impression(shown(DAY_S + MOST_SKEW_S + 1, query_id="ahead"), DAY_S)[0] is Outcome.FUTURE


def test_a_restart_knows_how_far_a_history_has_come():
    """What was told before a restart is late after it, what comes behind it is not, and open pages take actions."""
    learning = replace(LEARNING, join_window_s=W, late_s=L)
    log = [(NOW_S + 3 * number, past(10.0 * number, f"q{number}")) for number in range(200)]
    whole, folds = Fold(learning), [Fold(learning)]
    for offset, (recorded_s, page) in enumerate(log):
        whole.absorb_impressions(offset, recorded_s, [page])
        whole.absorb_actions(offset, recorded_s, [act(page.time_s, query_id=page.query_id)])
    for offset, (recorded_s, page) in enumerate(log):
        if offset % 37 == 36:  # a restart
            fold = Fold(learning)
            for key in folds[-1].keys():  # noqa: SIM118  # a method
                fold.read(key, folds[-1].write(key))
            fold.warm(
                (at, [event])
                for at, one in log[:offset]
                if at >= fold.warm_since_s
                for event in (one, act(one.time_s, query_id=one.query_id))
            )
            folds.append(fold)
        folds[-1].absorb_impressions(offset, recorded_s, [page])
        folds[-1].absorb_actions(offset, recorded_s, [act(page.time_s, query_id=page.query_id)])
    assert folds[-1].state.counts == whole.state.counts
    assert whole.state.counts["impressions", "accepted"] == len(log)
    assert folds[-1].write(RecordKey("progress")) == whole.write(RecordKey("progress"))
    first = log[0][1]
    folds[-1].absorb_impressions(len(log), NOW_S + 1_000, [first])
    assert folds[-1].state.counts["impressions", "late"] == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"action_weights": {"click": 1.0}}, {"action_aliases": {"tap": "click"}}, {"late_s": 61.0},
        {"join_window_s": 601.0}, {"action_windows_s": {}}, {"senders": 7}, {"memory_pairs": 7},
        {"estimate_looks": 1.0}, {"context_names": ()}, {"ordinal_base": 0},
        {"rules": replace(LEARNING.rules, ladder=(0, 2, 5))}, {"rules": replace(LEARNING.rules, max_calls=2)},
    ],
)  # fmt: skip
def test_a_state_knows_what_it_was_learned_under(changed: dict[str, object]):
    """Under a setting that decides what a log teaches a state is not taken over, and the setting is named."""
    record = Fold(LEARNING).write(RecordKey("progress"))
    Fold(replace(LEARNING, price_weight=0.5, memory_prior=9.0)).read(RecordKey("progress"), record)
    (name,) = {"rules": "ladder|alone_share"}.items() if "rules" in changed else changed.items()
    with pytest.raises(
        SnapshotMismatch, match=rf"other settings \(({name[1] if name[0] == 'rules' else name[0]}), whi"
    ):
        Fold(replace(LEARNING, **changed)).read(RecordKey("progress"), record)  # type: ignore[arg-type]
