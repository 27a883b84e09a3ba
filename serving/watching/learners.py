"""Whether what searches are served from on Kafka goes on learning, and what was refused of late."""

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from ltrr.models.errors import InvalidSettings, SnapshotMismatch
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka import cluster
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.cluster import offsets_at
from ltrr.streams.kafka.reader import reading
from ltrr.streams.state.keys import learner_group
from ltrr.streams.versions.sources import look
from ltrr.streams.versions.versions import Board

_LOOK_S: Final = 3.0
_LATELY_S: Final = 86_400.0
_MOST_LETTERS: Final = 1_000


def taking_part(board: Board, settings: Settings) -> dict[str, list[str]]:
    """Return the versions that take part in searches -> the applications of `settings` that they do so for."""
    found: dict[str, list[str]] = {}
    for name in settings.applications:
        active = settings.active if settings.pinned else board.active.get(name, settings.active)
        for version in sorted(active.versions):
            found.setdefault(version, []).append(name)
    return found


async def said_of_sources(bootstrap: Brokers, board: Board, settings: Settings) -> str:
    """Return how far the versions are that take part in searches.

    Raises SnapshotMismatch where one learns nothing, EngineFailed where what comes next cannot be read.
    """
    versions = {settings.version, *taking_part(board, settings)}
    seen = await look(bootstrap, settings.partitions, {one: board.reached(one) for one in versions & board.versions})
    if seen.replaced:
        raise SnapshotMismatch("; ".join(seen.replaced.values()))
    for version in sorted(versions):
        await _try_next(bootstrap, board.progress.get(version, {}), seen.ends)
    return ", ".join(f"{one} has {board.lag(one, seen.ends):,} messages left to learn" for one in sorted(versions))


async def _try_next(
    bootstrap: Brokers, progress: Mapping[int, Mapping[str, int]], ends: Sequence[Mapping[str, int]]
) -> None:
    """Read a portion of what comes next of each partition. progress: how far each was learned, where that has begun."""
    async with reading(bootstrap, "what comes next cannot be read") as reader:
        for partition, ending in enumerate(ends):
            for topic, end in ending.items():
                start = progress.get(partition, {}).get(topic, 0)
                async for _ in reader.read(Topic(f"ltrr.{topic}"), partition, start, end):
                    break


def unlearned(bootstrap: Brokers, version: str, default: str) -> str | None:
    """Return what to do where no worker learns a version; None where one does. default: LTRR_VERSION here."""
    if cluster.inhabited(bootstrap, [learner_group(version)]):
        return None
    how = "`ltrr worker`" if version == default else f"`LTRR_VERSION={version} ltrr worker`"
    return f"nobody learns version {version}: start {how}"


def learned_by(bootstrap: Brokers, board: Board, settings: Settings, version: str, served: list[str]) -> str:
    """Return how many workers learn a version, and what waits for them. Raises InvalidSettings where learning stands.

    served: the applications that it takes part in searches of.
    """
    behind = board.lag(version, offsets_at(bootstrap, settings.partitions))
    waits = f"{behind:,} messages wait to be learned"
    if trouble := unlearned(bootstrap, version, settings.version):
        raise InvalidSettings(f"{trouble}; searches of {', '.join(served)} use it, and {waits}")
    holding = cluster.shared_out(bootstrap, learner_group(version))
    held = {tp.partition for tps in holding for tp in tps}
    if not holding:
        raise InvalidSettings(f"the partitions of version {version} are being shared out just now: look again")
    if missing := sorted(set(range(settings.partitions)) - held):
        raise InvalidSettings(
            f"nobody of those who learn version {version} has partitions {', '.join(map(str, missing))}: see their logs"
        )
    if behind and not _moves(bootstrap, version, settings.partitions):
        raise InvalidSettings(
            f"{waits} by version {version}, and none was within {_LOOK_S:g} s: see `/readyz` and logs of its workers"
        )
    return f"{sum(map(bool, holding))} learn version {version}, {waits}"


def _moves(bootstrap: Brokers, version: str, partitions: int) -> bool:
    before = cluster.read_up_to(bootstrap, learner_group(version), partitions)
    time.sleep(_LOOK_S)
    return cluster.read_up_to(bootstrap, learner_group(version), partitions) != before


async def refused(bootstrap: Brokers, now_s: float) -> str:
    """Return how many dead letters there are of the last day, at least, and why.

    Raises InvalidSettings where there is one, EngineFailed.
    """
    reasons: Counter[str] = Counter()
    latest = ""
    async with reading(bootstrap, "dead letters cannot be read") as reader:
        end = await reader.offset_at(Topic.DEADLETTER, 0, now_s)
        start = max(await reader.offset_at(Topic.DEADLETTER, 0, now_s - _LATELY_S), end - _MOST_LETTERS)
        async for record in reader.read(Topic.DEADLETTER, 0, start):
            letter = json.loads(record.value or b"{}")
            reasons[str(letter.get("reason"))] += 1
            latest = str(letter.get("message"))
    if not reasons:
        return "none in the last day"
    counted = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    more = " or more" if sum(reasons.values()) >= _MOST_LETTERS else ""
    raise InvalidSettings(
        f"{sum(reasons.values()):,}{more} in the last day: {counted}; the latest: {latest}; docs/events.md says of "
        "each reason what to do, `ltrr export deadletter` has them"
    )
