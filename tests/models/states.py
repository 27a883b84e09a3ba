"""Compare what was learned, all real numbers at one common reference."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ltrr.models.learning.fold import Fold
from ltrr.models.memory.query_memory import GROUPS
from ltrr.models.state.state import State


def numbers(state: State, start_s: float, end_s: float) -> dict[str, np.ndarray]:
    """Return all real numbers of a state, decayed to start_s. end_s: after its newest event."""
    found: dict[str, np.ndarray] = {}
    half_life_s = state.learning.half_life_s
    for name, application in sorted(state.applications.items()):
        model = application.reward_model
        scale = 2.0 ** (model.count.epoch - start_s // half_life_s)
        found[f"{name} decisions"] = np.array([model.decisions, scale * model.count.total])
        for sender in sorted(application.senders):
            counted = application.senders.of(sender, start_s)  # before any page: nothing has faded
            scale = 2.0 ** (counted.epoch - start_s // half_life_s)
            found[f"{name} sender {sender}"] = scale * np.array([counted.pages, counted.acted])
        arms = model.regressors.items()
        sums = {f"{arm} {step}": one.statistics for arm, steps in arms for step, one in enumerate(steps)}
        for key, statistics in sums.items():
            scale = 2.0 ** (statistics.epoch - start_s // half_life_s)
            found[f"{name} {key} moment"] = scale * statistics.moment
            found[f"{name} {key} response"] = scale * statistics.response
            found[f"{name} {key} weight"] = scale * np.array([statistics.weight])
        for key, grouped in {"point": application.ranker.point, "pair": application.ranker.pair}.items():
            scale = 2.0 ** (grouped.epoch - start_s // half_life_s)
            found[f"{name} {key} moment"] = scale * grouped.moment
            found[f"{name} {key} said"] = scale * grouped.said
        positions = application.positions
        scale = 2.0 ** (positions.epoch - start_s // half_life_s)
        found[f"{name} positions"] = np.stack([scale * positions.values, scale**2 * positions.squares])
        scale = 2.0 ** (application.regret.epoch - start_s // half_life_s)
        found[f"{name} baseline sums"] = scale * application.regret.sums
        found[f"{name} baseline products"] = scale**2 * application.regret.products
        scale = 2.0 ** (model.overlaps.epoch - start_s // half_life_s)
        found[f"{name} common"] = scale * model.overlaps.common
        found[f"{name} alone"] = scale * model.overlaps.alone
        found[f"{name} calls"] = 2.0 ** (application.calls.epoch - start_s // half_life_s) * application.calls.sums
        for query in sorted(application.memory.queries):
            calls = sorted(application.memory.calls(query, end_s).items())
            fade = 2.0 ** ((end_s - start_s) / half_life_s)
            found[f"{name} calls for {query}: {[arm for arm, _ in calls]}"] = fade * np.array([row for _, row in calls])
            pairs = sorted(application.memory.scored(query, end_s), key=lambda pair: pair.object_id)
            memory = application.memory.queries[query]
            scale = 2.0 ** (memory.epoch - start_s // half_life_s)
            held = [memory.pairs[pair.object_id] for pair in pairs]
            found[f"{name} {query}"] = np.array([(fade * pair.actions, fade * pair.examinations) for pair in pairs])
            found[f"{name} {query} examined"] = scale * np.array([pair.examinations for pair in held])
            found[f"{name} visitors of {query}: {memory.visitors}"] = np.array([])
            found[f"{name} {query} engaged"] = scale * np.array([pair.engaged for pair in held])
            groups = [pair.groups or (0.0,) * GROUPS for pair in held]
            found[f"{name} {query} groups"] = scale * np.array(groups)
            found[f"{name} {query} shown"] = scale * np.array([pair.shown for pair in held])
        for kind, profiles in application.profiles.items():
            for whose in sorted(profiles):
                profile = profiles.whole(whose)
                if profile.fade(profiles.decay, end_s) * profile.pages < profiles.faded:
                    continue  # of parts of it that have faded nothing is left
                hits = profiles.strongest(whose, start_s, 10**6)  # before any page: nothing has faded
                scale = 2.0 ** (profile.epoch - profiles.decay.epoch(start_s))
                found[f"{name} {kind} {whose} {sorted(str(h.object_id) for h in hits)}"] = np.array(
                    [scale * profile.pages, *(scale * h.score for h in sorted(hits, key=lambda h: h.object_id))]
                )
    return found


Course = list[tuple[dict[tuple[str, str], int], int, dict[str, np.ndarray]]]
"""Counts, revision and numbers of a fold, at some moments."""


def course(fold: Fold, start_s: float, moments: Iterable[float]) -> Course:
    """Return what a fold holds once both topics were read up to each of some moments, in their order."""
    found: Course = []
    for until_s in moments:
        fold.read_past(until_s, until_s)
        found.append((dict(fold.state.counts), fold.state.revision, numbers(fold.state, start_s, until_s)))
    return found


def assert_same_course(one: Course, other: Course) -> None:
    """Compare what two folds hold at the same moments."""
    for left, right in zip(one, other, strict=True):
        assert left[:2] == right[:2]
        assert_near(left[2], right[2])


def assert_equal(one: State, other: State, start_s: float, end_s: float) -> None:
    """Compare states: counts exactly, real numbers to 1e-9 relative to the largest of their array."""
    assert one.counts == other.counts
    assert one.revision == other.revision
    assert_near(numbers(one, start_s, end_s), numbers(other, start_s, end_s))


def assert_near(left: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray]) -> None:
    """Compare numbers to 1e-9 relative to the largest of their array."""
    assert left.keys() == right.keys(), left.keys() ^ right.keys()
    for key, expected in left.items():
        assert right[key].shape == expected.shape, key
        scale = max(1e-12, float(np.abs(expected).max(initial=0.0)))
        assert np.abs(right[key] - expected).max(initial=0.0) <= 1e-9 * scale, (key, right[key], expected)


def swept(pieces: Iterable[Sequence[str]]) -> list[str]:
    """Return what a sweep changed or dropped, each once."""
    return list(dict.fromkeys(name for piece in pieces for name in piece))
