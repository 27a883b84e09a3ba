"""A partition's state as records: of each arm, ranker, position curve, query and profile, of progress and counts."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.memory.profiles import Profile
from ltrr.models.memory.query_memory import GROUPS, NO_GROUPS, Pair, QueryMemory
from ltrr.models.rewards.call_history import MEASURES
from ltrr.models.rewards.engagement import Engagement
from ltrr.models.state.learning import Learning
from ltrr.models.state.state import ApplicationState, State
from ltrr.models.statistics.regressors import OURS
from ltrr.models.statistics.snapshot import Snapshot, symmetric, upper

_TOLD: Final = 200  # characters of a setting in a message


class RecordKey(NamedTuple):
    """What a state record is about.

    kind: "progress", "arm", "ranker", "position", "baseline", "query", "sender", "user", "session" or "pages".
    """

    kind: str
    application: str = ""
    name: str = ""


def write_record(state: State, key: RecordKey) -> Snapshot:  # noqa: PLR0911  # one for each kind
    """Return one record of a state. The progress record is written by the fold, which knows the offsets."""
    application = state.application(key.application)
    half_life = {"half_life_s": _half_life_s(state.learning, key.kind)}
    if key.kind == "arm":
        model = application.reward_model
        packed = [step.pack() for step in model.regressors[key.name]]
        arrays = [array for _, parts in packed for array in parts]
        meta: dict[str, Any] = {"steps": [step for step, _ in packed]}
        if model.regressor != OURS:
            meta["regressor"] = model.regressor
        names = list(model.input_names)
        ladder = list(model.rules.ladder)
        common, calls = model.overlaps.row(key.name), application.calls.row(key.name)
        # an arm that has learned nothing is not written again when others move the epochs
        overlaps = {"arms": list(model.rules.names), "epoch": model.overlaps.epoch if common.any() else 0}
        epoch = application.calls.epoch if calls.any() else 0
        meta_arm = {**meta, **half_life, "context": names, "ladder": ladder, "overlaps": overlaps, "calls": epoch}
        return Snapshot("arm", meta_arm, [*arrays, common, calls])
    if key.kind == "ranker":
        point, pair = application.ranker.point, application.ranker.pair
        columns = list(application.ranker.layout.columns)
        decisions = application.reward_model.count.pack()
        meta_both = {
            **half_life,
            "columns": columns,
            "point": point.epoch,
            "pair": pair.epoch,
            "decisions": decisions,
        }
        return Snapshot("ranker", meta_both, [upper(point.moment), point.said, upper(pair.moment), pair.said])
    if key.kind == "position":
        positions = application.positions
        return Snapshot("position", {**half_life, "epoch": positions.epoch}, [positions.values, positions.squares])
    if key.kind == "baseline":
        regret = application.regret
        meta_regret = {**half_life, "plan": dict(regret.plan), "epoch": regret.epoch}
        return Snapshot("baseline", meta_regret, [regret.sums, regret.products])
    if key.kind in application.profiles:
        profile = application.profiles[key.kind].own[key.name]
        weights = sorted(profile.weights.items())  # the order in which they came depends on how topics were read
        meta_profile = {**half_life, "epoch": profile.epoch, "entities": [entity for entity, _ in weights]}
        counted = np.array([profile.pages, *(weight for _, weight in weights)])
        return Snapshot(key.kind, {**meta_profile, "born": profile.born}, [counted])
    if key.kind == "sender":
        sender = application.senders.own[key.name]
        counted = np.array([sender.pages, sender.acted])
        return Snapshot("sender", {**half_life, "epoch": sender.epoch, "born": sender.born}, [counted])
    memory = application.memory.queries[key.name]
    sums = [
        [pair.actions, pair.examinations, pair.born, pair.shown, pair.engaged, *(pair.groups or NO_GROUPS)]
        for pair in memory.pairs.values()
    ]
    brought = sorted(memory.calls.items())  # the order in which they came depends on how topics were read
    meta_query = {**half_life, "epoch": memory.epoch, "entities": list(memory.pairs), "born": memory.born}
    meta_query |= {"arms": [arm for arm, _ in brought], "visitors": list(memory.visitors)}
    rows = np.array([row for _, row in brought]).reshape(-1, 1 + len(MEASURES))
    return Snapshot("query", meta_query, [np.array(sums).reshape(-1, 5 + GROUPS), rows])


def read_record(state: State, key: RecordKey, record: Snapshot) -> None:
    """Put one record into a state. Raises SnapshotMismatch when it does not fit or was learned under other settings."""
    if key.kind != record.kind:
        raise SnapshotMismatch(f"the record of {key} is of kind {record.kind!r}")
    # epochs count half-lives: under another one, sums would fade to nothing or drown all that comes
    _check("half-life", record.meta.get("half_life_s"), _half_life_s(state.learning, key.kind))
    try:
        _put(state.application(key.application), key, record)
    except (ValueError, TypeError, LookupError) as error:
        raise SnapshotMismatch(f"the contents of the record of {key} do not fit") from error


def _put(application: ApplicationState, key: RecordKey, record: Snapshot) -> None:
    if key.kind == "arm":
        model = application.reward_model
        if key.name not in model.regressors:
            return  # an arm that is no longer configured
        _check("context features", record.meta["context"], list(model.input_names))
        _check("ladder", record.meta["ladder"], list(model.rules.ladder))
        _check("regressor", record.meta.get("regressor", OURS), model.regressor)
        *arrays, row, calls = record.arrays
        steps, own = model.regressors[key.name], len(arrays) // len(model.regressors[key.name])
        for number, (step, meta) in enumerate(zip(steps, record.meta["steps"], strict=True)):
            step.unpack(meta, arrays[number * own : (number + 1) * own])
        overlaps = record.meta["overlaps"]
        model.overlaps.restore(key.name, overlaps["arms"], row, overlaps["epoch"])
        application.calls.restore(key.name, calls, record.meta["calls"])
    elif key.kind == "ranker":
        _check("ranker's features", record.meta["columns"], list(application.ranker.layout.columns))
        ranker, (point, of_points, pair, of_pairs) = application.ranker, record.arrays
        columns = len(ranker.layout.columns)
        ranker.point.restore(symmetric(point, columns), of_points, int(record.meta["point"]))
        ranker.pair.restore(symmetric(pair, columns), of_pairs, int(record.meta["pair"]))
        ranker.restore(ranker.point, ranker.pair)
        application.reward_model.count.unpack(record.meta["decisions"])
    elif key.kind == "position":
        values, squares = record.arrays
        application.positions.restore(values, squares, record.meta["epoch"])
    elif key.kind == "baseline":
        sums, products = record.arrays
        application.regret.restore(record.meta["plan"], sums, products, record.meta["epoch"])
    elif key.kind in application.profiles:
        pages, *gained = map(float, record.arrays[0])
        weights = dict(zip(record.meta["entities"], gained, strict=True))
        profile = Profile(pages, record.meta["epoch"], int(record.meta["born"]), weights)
        application.profiles[key.kind].own[key.name] = profile
    elif key.kind == "sender":
        pages, acted = map(float, record.arrays[0])
        application.senders.own[key.name] = Engagement(pages, record.meta["epoch"], int(record.meta["born"]), acted)
    else:
        sums, rows = record.arrays
        brought = dict(zip(record.meta["arms"], rows, strict=True))
        pairs = {
            entity: Pair(actions, examinations, int(born), shown, engaged, tuple(groups) if any(groups) else ())
            for entity, (actions, examinations, born, shown, engaged, *groups) in zip(
                record.meta["entities"], sums.tolist(), strict=True
            )
        }
        born = int(record.meta["born"])
        visitors = tuple(record.meta["visitors"])
        application.memory.put(key.name, QueryMemory(pairs, record.meta["epoch"], brought, born, visitors))


def _half_life_s(learning: Learning, kind: str) -> float:
    return learning.profile_half_lives_s.get(kind, learning.half_life_s)


def write_counts(counts: Counter[tuple[str, str]]) -> list[list[str | int]]:
    """Return counts as JSON values."""
    return [[topic, outcome, count] for (topic, outcome), count in sorted(counts.items())]


def check_teaching(recorded: Mapping[str, Any], configured: Mapping[str, Any]) -> None:
    """Raise SnapshotMismatch where a state was learned under other settings, see Learning.teaching.

    A setting that a state does not know yet has changed nothing of it.
    """
    changed = sorted(name for name in recorded.keys() & configured.keys() if recorded[name] != configured[name])
    told = [f"{name}, which was {json.dumps(recorded[name])[:_TOLD]}" for name in changed]
    _check("; ".join(told), changed, [])


def _check(what: str, recorded: object, configured: object) -> None:
    if recorded != configured:
        raise SnapshotMismatch(f"the recorded state was learned with other settings ({what})")
