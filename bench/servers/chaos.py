"""`ltrr bench chaos`: what is lost or learned twice while parts of a service under traffic are killed and paused."""

import asyncio
import bisect
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from ltrr.bench.disturbed.blows import Blow, order, strike
from ltrr.bench.disturbed.site import Site, site
from ltrr.bench.disturbed.visitors import Told, catalogue, is_to_go, visiting
from ltrr.bench.running import exactness
from ltrr.models.learning.fold import Fold
from ltrr.models.state.progress import ACTIONS, IMPRESSIONS
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.publishing.publisher import Publisher
from ltrr.streams.state.partition_store import read_records

_RATE: Final = 10.0
_CALM_S: Final = (2.0, 5.0)
_ROUNDED: Final = 1e-9
_BEFORE: Final = "before"
_DELIVERED_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Held:
    """What is true in the end, beside what clients were told. All are counts of events but where it says otherwise.

    absent: acknowledged and not on the topics; unlearned, relearned: fewer, or more, than are on the topics; entities:
    that are missing, old or should be gone; again: on the topics more than once; records, largest: that differ from
    what one process learns, of those compared, and by how much; outcomes: topic, outcome -> events, as
    they were learned.
    """

    absent_pages: int
    absent_actions: int
    unlearned: int
    relearned: int
    entities: int
    again: int
    records: int
    compared: int
    largest: float
    outcomes: Mapping[tuple[str, str], int]


def run(seed: int = 0, minutes: float = 5.0) -> BenchDocument:
    """Disturb a service for some minutes, a round of blows at least; starts servers of its own, which need a Java."""
    rng = np.random.default_rng(seed)
    with site() as running, tempfile.TemporaryDirectory() as spool:
        _, visitors = running.secrets()
        with Publisher(running.brokers, Path(spool), running.settings.partitions, visitors=visitors) as publisher:
            began_s = time.monotonic()
            with visiting(running.url, publisher, seed, _RATE) as told:
                blows, ended = _disturb(running, rng, began_s + 60.0 * minutes)
            lasted_s = time.monotonic() - began_s
            publisher.flush(_DELIVERED_S)
        held = _settle(running, told)
    return document(seed, told, blows, held, ended, [f"{lasted_s:.0f} s, {_RATE:.0f} searches/s"])


def _disturb(running: Site, rng: np.random.Generator, end_s: float) -> tuple[list[Blow], list[str]]:
    """Strike until the end, each part once at least; return the blows, and what ended by itself."""
    blows: list[Blow] = []
    ended: list[str] = []
    parts = sorted(running.parts)
    for name, kind in order(rng, parts):
        if len(blows) > len(parts) and time.monotonic() > end_s:
            break
        time.sleep(float(rng.uniform(*_CALM_S)))
        at_s = strike(running.parts[name], kind, rng)
        ready_s = running.wait(running.ready, f"ready after {name} was {kind}")
        logged = running.logged()
        learned_s = running.wait(lambda n=logged: running.revision() >= n, f"learned after {name} was {kind}")  # type: ignore[misc]
        blows.append(Blow(name, kind, at_s, ready_s - at_s, learned_s - at_s))
        ended += running.revive()
    return blows, ended


def _settle(running: Site, told: Told) -> Held:
    """Wait until all is read, end what ltrr runs, and compare."""
    running.wait(running.delivered, "the spool is empty")
    running.wait(running.learned, "all is learned")
    running.wait(running.indexed, "the catalogue is read")
    running.comes_true(lambda: not wrong(told, running.shared_versions()))  # where it does not, that is the finding
    for command in running.commands.values():
        command.process.stop()
    entities = wrong(told, running.shared_versions()) | wrong(told, running.own_versions())
    return asyncio.run(_compare(running, told, len(entities)))


def wrong(told: Told, versions: Mapping[str, int]) -> set[str]:
    """Return the entities that an index lacks, holds as they were before a change, or after they were taken out."""
    wanted = {entity["object_id"]: entity["version"] for entity in catalogue() if not is_to_go(entity["object_id"])}
    wanted |= told.versions
    return {name for name, version in wanted.items() if versions.get(name, 0) < version} | told.gone & versions.keys()


async def _compare(running: Site, told: Told, entities: int) -> Held:
    """Compare the topics with what was told, and what was learned with what the topics say."""
    partitions = running.settings.partitions
    learning = running.settings.learning(strategy_arms())
    messages = await exactness.logged(running.brokers, partitions)
    pure = exactness.learn(messages, learning, *running.secrets())
    records, compared, largest, learned = 0, 0, 0.0, Counter[tuple[str, str]]()
    for partition, fold in enumerate(pure.folds):
        held = await read_records(running.brokers, running.settings.version, partition)
        apart, distance = exactness.difference(exactness.written(fold), held)
        records, compared, largest = records + apart, compared + len(held), max(largest, distance)
        theirs = Fold(learning)
        for key, data in held.items():
            theirs.read(key, data)
        learned += theirs.state.counts
    short, over = 0, 0
    for topic, rows in ((IMPRESSIONS, pure.pages), (ACTIONS, pure.actions)):
        of_topic = {outcome: count for (name, outcome), count in learned.items() if name == topic}
        first = sum(of_topic.values()) - of_topic.get("duplicate", 0)
        short += max(0, len(rows) - first) + max(0, rows.total() - sum(of_topic.values()))
        over += max(0, first - len(rows)) + max(0, sum(of_topic.values()) - rows.total())
    return Held(
        absent_pages=len(told.pages - pure.pages.keys()),
        absent_actions=len(told.actions - pure.actions.keys()),
        unlearned=short,
        relearned=over,
        entities=entities,
        again=pure.pages.total() + pure.actions.total() - len(pure.pages) - len(pure.actions),
        records=records,
        compared=compared,
        largest=largest,
        outcomes=learned,
    )


def document(
    seed: int, told: Told, blows: Sequence[Blow], held: Held, ended: Sequence[str] = (), notes: Sequence[str] = ()
) -> BenchDocument:
    """Return the figures of a run. ended: what was said of each process that ended by itself."""
    names = sorted({blow.name for blow in blows})
    figures = {
        "lost": _one(held.absent_pages + held.absent_actions + held.unlearned + held.entities),
        "twice": _one(held.relearned),
        "state records that differ": _one(held.records, "records"),
        "largest difference of sums": _one(held.largest, "ratio"),
        "unanswered": _one(len(told.unanswered_s), "searches"),
        "lost pages": _one(held.absent_pages),
        "lost actions": _one(held.absent_actions),
        "not learned": _one(held.unlearned),
        "lost changes of entities": _one(held.entities, "entities"),
        "pages answered as logged": _one(len(told.pages)),
        "pages answered unlogged": _one(told.unlogged),
        "actions acknowledged": _one(len(told.actions)),
        "actions sent again": _one(told.sent_again),
        "events delivered again": _one(held.again),
        "ended by themselves": _one(len(ended), "processes"),
        "changes of entities": _one(len(told.versions) + len(told.gone), "entities"),
    }
    longest, unanswered = by_blow(told, blows)
    for name in names:
        mine = [blow for blow in blows if blow.name == name]
        figures[f"unanswered, {name}"] = _one(unanswered[name], "searches")
        figures[f"longest without an answer, {name}"] = _one(longest[name], "s")
        figures[f"until ready, {name}"] = Figure.spread([blow.ready_s for blow in mine], "s")
        figures[f"until learned, {name}"] = Figure.spread([blow.learned_s for blow in mine], "s")
    targets = [
        Target.above("pages answered as logged", figures, 1.0),  # of nothing, nothing is lost
        Target("lost", "=", 0.0, figures["lost"].value == 0),
        Target("twice", "=", 0.0, figures["twice"].value == 0),
        Target("state records that differ", "=", 0.0, figures["state records that differ"].value == 0),
        Target.below("largest difference of sums", figures, _ROUNDED),
    ]
    counts = Counter(blow.name for blow in blows)
    outcomes = ", ".join(f"{topic} {outcome} {count}" for (topic, outcome), count in sorted(held.outcomes.items()))
    said = [
        f"{len(blows)} blows: {', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}",
        f"learned: {outcomes}; {held.compared} state records compared with what one process learns",
    ]
    return BenchDocument("chaos", [seed], figures, targets, [*said, *ended, *notes, *told.refused[:5]])


def by_blow(told: Told, blows: Sequence[Blow]) -> tuple[dict[str, float], Counter[str]]:
    """Return the longest time without an answer, and how many searches had none, after each kind of blow."""
    starts = [blow.at_s for blow in blows]

    def last(at_s: float) -> str:
        place = bisect.bisect_right(starts, at_s)
        return blows[place - 1].name if place else _BEFORE

    longest: dict[str, float] = defaultdict(float)
    for one_s, other_s in pairwise(sorted(told.answered_s)):
        longest[last(other_s)] = max(longest[last(other_s)], other_s - one_s)
    return longest, Counter(last(at_s) for at_s in told.unanswered_s)


def _one(value: float, unit: str = "events") -> Figure:
    return Figure(float(value), unit, float(value), float(value))
