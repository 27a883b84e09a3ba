"""What is said of versions: a list of all, and two of them side by side."""

from collections import Counter
from typing import Any

from ltrr.models.learning.fold import Fold
from ltrr.models.state.state import ApplicationState, merge
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.versioned import VERSIONED
from ltrr.serving.versions.forgetting import decay_of, of_version
from ltrr.serving.versions.half_lives import described
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.cluster import members
from ltrr.streams.kafka.reader import reading
from ltrr.streams.state.keys import STATE_TOPICS, StateKey, decode_key, learner_group
from ltrr.streams.versions.active import Mode
from ltrr.streams.versions.promotion import read_board
from ltrr.streams.versions.sources import look
from ltrr.streams.versions.versions import Board


async def listing(bootstrap: Brokers, settings: Settings) -> dict[str, Any]:
    """Return all versions on the state topics.

    unplaced: applications that were learned for, and were never promoted to a version: which one serves them the
    settings of query workers say, and those of this process do not name them.
    """
    board = await read_board(bootstrap, settings.partitions)
    counts, learned_for = await _record_counts(bootstrap, settings.partitions)
    seen = await look(bootstrap, settings.partitions, {one: board.reached(one) for one in board.progress})
    rows = []
    for version in sorted(board.versions):
        recipe = board.recipes.get(version)
        modes = _modes(board, settings, version)
        rows.append(
            {
                "version": version,
                "active": sorted(name for name, its in modes.items() if its != [Mode.SHADOW]),
                "modes": modes,
                "revision": board.revision(version),
                "behind": board.lag(version, seen.ends),
                "trouble": seen.replaced.get(version),
                "workers": members(bootstrap, learner_group(version)),
                "policy_records": counts[version, Topic.POLICY],
                "memory_records": counts[version, Topic.MEMORY],
                "recipe": None if recipe is None else {"settings": dict(recipe.settings), **recipe.asked},
                "complete": board.complete(version),
                "forgetting": {
                    name: described(decay_of(of_version(settings, board, version), board, version, name))
                    for name in board.forgetting(version)
                },
            }
        )
    return {"versions": rows, "unplaced": sorted(learned_for - {*settings.applications, *board.active})}


async def compare(bootstrap: Brokers, settings: Settings, one: str, other: str, application: str) -> dict[str, Any]:
    """Return the arms of two versions, and in which settings they differ. Raises InvalidInput."""
    board = await read_board(bootstrap, settings.partitions)
    learned: dict[str, ApplicationState] = {}
    theirs: dict[str, Settings] = {}
    for version in (one, other):
        if version not in board.progress:
            board.known(version)
        theirs[version] = of_version(settings, board, version)
        learned[version] = await _learned(bootstrap, theirs[version], version, application)
    names = dict.fromkeys(arm for state in learned.values() for arm in state.reward_model.regressors)
    left, right = (_shown(theirs[version]) for version in (one, other))
    return {
        "application": application,
        "versions": [one, other],
        "revisions": [board.revision(version) for version in (one, other)],
        "decisions": [state.reward_model.decisions for state in learned.values()],
        "arms": [{"arm": arm, **{v: _arm(state, arm) for v, state in learned.items()}} for arm in names],
        "forgetting": [described(decay_of(theirs[v], board, v, application)) for v in (one, other)],
        "settings": {name: [left[name], right[name]] for name in VERSIONED if left[name] != right[name]},
    }


def _shown(settings: Settings) -> dict[str, Any]:
    """Return settings as JSON values: arms by their names, where all are meant too, in no order."""
    return settings.model_dump(mode="json") | {"arms": sorted(settings.learning(strategy_arms()).rules.names)}


def _modes(board: Board, settings: Settings, version: str) -> dict[str, list[str]]:
    """Return application -> how a version takes part in its searches."""
    found: dict[str, list[str]] = {}
    for name in sorted({*settings.applications, *board.active}):
        active = board.active.get(name, settings.active)
        modes = [active.mode] if active.version == version else []
        modes += [Mode.SHADOW] if active.shadow == version else []
        if modes:
            found[name] = [mode.value for mode in modes]
    return found


def _arm(state: ApplicationState, arm: str) -> dict[str, float] | None:
    if arm not in state.reward_model.regressors:
        return None
    return {
        "mean_credit": round(state.reward_model.mean_credit(arm), 6),
        "observations": round(state.reward_model.observations(arm), 3),
    }


async def _record_counts(bootstrap: Brokers, partitions: int) -> tuple[Counter[tuple[str, Topic]], set[str]]:
    """Return (version, topic) -> keys that have a record, and the applications that these are of."""
    counts: Counter[tuple[str, Topic]] = Counter()
    applications: set[str] = set()
    async with reading(bootstrap, "the state cannot be read") as reader:
        for topic in STATE_TOPICS:
            for partition in range(partitions):
                held: set[StateKey] = set()
                async for record in reader.read(topic, partition):
                    key = decode_key(record.key or b"")
                    if key is not None:
                        (held.discard if record.value is None else held.add)(key)
                counts.update((key.version, topic) for key in held)
                applications |= {key.record.application for key in held if key.record.application}
    return counts, applications


async def _learned(bootstrap: Brokers, settings: Settings, version: str, application: str) -> ApplicationState:
    """Return what a version has learned for an application, but for its memory."""
    learning = settings.learning(strategy_arms())
    folds = [Fold(learning) for _ in range(settings.partitions)]
    async with reading(bootstrap, "the state cannot be read") as reader:
        for partition, fold in enumerate(folds):
            async for record in reader.read(Topic.POLICY, partition):
                key = decode_key(record.key or b"")
                if key is not None and key.version == version and record.value is not None:
                    fold.read(key.record, record.value)
    return merge((fold.state for fold in folds), learning).application(application)
