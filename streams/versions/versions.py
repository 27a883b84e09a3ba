"""Versions of learned state as the topic `ltrr.policy` tells of them: which is active, and how each was made."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import JsonValue

from ltrr.models.errors import NotNow, NotThere, SnapshotMismatch
from ltrr.models.state.progress import IMPRESSIONS
from ltrr.models.statistics.decay import Change, Changes, read_forgetting, write_forgetting
from ltrr.models.statistics.snapshot import Snapshot
from ltrr.streams.state.keys import ACTIVE, SECRET, ChangeKey, decode_change, decode_control, decode_key
from ltrr.streams.state.trained_rankers import RankerKey, decode_ranker
from ltrr.streams.versions.active import Active
from ltrr.streams.versions.sources import Mark, unread

Offsets = list[dict[str, int]]
"""For each partition: topic, as a fold names it -> offset."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a version was rebuilt. settings: those that go before a process's own, since it was learned under them.

    start, end: the stretch of the topics that the rebuild reads; asked: how that was asked for. forgetting: application
    -> changes of the half-life.
    """

    settings: Mapping[str, JsonValue]
    start: Offsets
    end: Offsets
    asked: Mapping[str, str] = field(default_factory=dict)
    forgetting: Mapping[str, Changes] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Return the value of its record."""
        return json.dumps(asdict(self) | {"forgetting": write_forgetting(self.forgetting)}).encode()

    @classmethod
    def decode(cls, raw: bytes) -> "Recipe":
        """Return what a record holds. Raises ValueError, TypeError or LookupError."""
        found = json.loads(raw)
        return cls(
            dict(found["settings"]),
            list(found["start"]),
            list(found["end"]),
            dict(found["asked"]),
            read_forgetting(found.get("forgetting", {})),
        )


def encode_half_life(half_life_s: float) -> bytes:
    """Return the value of a record that changes the half-life."""
    return json.dumps({"half_life_s": half_life_s if math.isfinite(half_life_s) else None}).encode()


def _decode_half_life(raw: bytes) -> float:
    found = json.loads(raw)["half_life_s"]
    half_life_s = math.inf if found is None else float(found)
    if not half_life_s > 0:
        raise ValueError(f"half_life_s must be above 0, not {half_life_s}")
    return half_life_s


class Board:
    """What is known of all versions.

    progress: version -> partition -> absorbed offsets; written_s: version -> when its newest record was written;
    changes: records that change the half-life; rankers: records of rankers that were trained in batches; secret: which
    one the installation has, as `Fingerprints.encode` wrote it.
    """

    def __init__(self) -> None:
        self.active: dict[str, Active] = {}
        self.recipes: dict[str, Recipe] = {}
        self.progress: dict[str, dict[int, dict[str, int]]] = {}
        self.written_s: dict[str, float] = {}
        self.secret: bytes | None = None
        self.changes: dict[ChangeKey, float] = {}
        self.rankers: dict[RankerKey, bytes] = {}
        self._read_s: dict[str, dict[int, dict[str, float]]] = {}

    @property
    def versions(self) -> set[str]:
        """Return all versions, those of which only the recipe is there among them."""
        return self.progress.keys() | self.recipes.keys()

    def take(self, raw_key: bytes, value: bytes | None, written_s: float = 0.0) -> bool:
        """Take note of a record of `ltrr.policy`; tell whether it changed more than how far a version is.

        written_s: when the record was written. Rankers trained in batches count too. A record that cannot be read
        changes nothing.
        """
        ranker = decode_ranker(raw_key)
        if ranker is not None:
            self.rankers.pop(ranker, None)
            self.rankers |= {} if value is None else {ranker: value}
            return True
        control, change = decode_control(raw_key), decode_change(raw_key)
        try:
            if change is not None:
                self._take_change(change, value)
                return True
            if control is not None:
                self._take_control(control.kind, control.name, value)
                return True
            return self._take_progress(raw_key, value, written_s)
        except (ValueError, TypeError, LookupError, SnapshotMismatch):
            return False

    def known(self, version: str) -> None:
        """Make sure that a version can be served. Raises NotThere or NotNow, which say what to do."""
        if version not in self.progress:
            there = ", ".join(sorted(self.progress)) or "none yet: a worker makes one, or `ltrr replay`"
            raise NotThere(f"no version is called {version!r}; there are: {there}")
        if not self.complete(version):
            raise NotNow(f"the rebuild of {version!r} is not through: run the same `ltrr replay` again first")

    def complete(self, version: str) -> bool:
        """Tell whether a version has absorbed all that its rebuild was to read; one without a recipe always has."""
        recipe = self.recipes.get(version)
        if recipe is None:
            return True
        absorbed = self.progress.get(version, {})
        return all(
            absorbed.get(partition, {}).get(topic, -1) >= offset
            for partition, ends in enumerate(recipe.end)
            for topic, offset in ends.items()
        )

    def forgetting(self, version: str) -> dict[str, Changes]:
        """Return how the half-life of a version changes, by application: as its rebuild took it over, and since."""
        recipe = self.recipes.get(version)
        found = {
            name: {c.from_s: c for c in changes} for name, changes in (recipe.forgetting if recipe else {}).items()
        }
        for key, half_life_s in self.changes.items():
            if key.version == version:
                from_s = key.time_ms / 1000
                found.setdefault(key.application, {})[from_s] = Change(from_s, half_life_s)
        return {name: tuple(sorted(changes.values())) for name, changes in found.items()}

    def superfluous(self, keep: int, needed: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
        """Return the versions that a retention removes, the one written last first, and why the others stay.

        keep: how many stay besides those that have to: those that an application is served from or goes back to in a
        rollback, rebuilds that are not through, which may be running, and those in `needed`, with the reason. Of the
        others those stay that were written last.
        """
        reasons = {version: reason for version, reason in needed.items() if version in self.versions}
        for application, active in sorted(self.active.items()):
            reasons |= dict.fromkeys(active.versions, f"active for {application}")
            back = [one.version for one in active.before if one.version in self.progress]
            if back:
                reasons.setdefault(back[-1], f"a rollback of {application} goes to it")
        for version in self.versions:
            if not self.complete(version):
                reasons[version] = "its rebuild is not through"
        others = sorted(self.versions - reasons.keys(), key=lambda one: (self.written_s.get(one, 0.0), one))[::-1]
        reasons |= dict.fromkeys(others[:keep], f"one of the newest {keep}")
        return others[keep:], reasons

    def revision(self, version: str) -> int:
        """Return how many messages a version has absorbed."""
        return sum(sum(offsets.values()) for offsets in self.progress.get(version, {}).values())

    def read_s(self, version: str) -> float:
        """Return the record time of the newest impressions that a version has absorbed; 0 before any."""
        return max((one.get(IMPRESSIONS, 0.0) for one in self._read_s.get(version, {}).values()), default=0.0)

    def reached(self, version: str) -> list[dict[str, Mark]]:
        """Return how far each partition was learned by a version, as `sources.look` takes it; nothing of a new one.

        Where a rebuild has ended, and nothing came since, there may be offsets without messages before that: their time
        is not known.
        """
        recipe, absorbed = self.recipes.get(version), self.progress.get(version, {})
        ends = dict(enumerate(recipe.end if recipe else ()))
        found: list[dict[str, Mark]] = [{} for _ in range(max(absorbed, default=-1) + 1)]
        for partition, offsets in absorbed.items():
            times = self._read_s.get(version, {}).get(partition, {})
            for topic, offset in offsets.items():
                is_rebuilt = ends.get(partition, {}).get(topic) == offset
                found[partition][topic] = Mark(offset, 0.0 if is_rebuilt else times.get(topic, 0.0))
        return found

    def behind(self, version: str, ends: Sequence[Mapping[str, int]]) -> dict[str, int]:
        """Return how many messages of each topic before `ends` a version has not absorbed."""
        absorbed = self.progress.get(version, {})
        waiting = dict.fromkeys((topic for of_topics in ends for topic in of_topics), 0)
        for partition, of_topics in enumerate(ends):
            for topic, end in of_topics.items():
                waiting[topic] += unread(end, absorbed.get(partition, {}).get(topic, 0))
        return waiting

    def lag(self, version: str, ends: Sequence[Mapping[str, int]]) -> int:
        """Return how many messages before `ends` a version has not absorbed."""
        return sum(self.behind(version, ends).values())

    def _take_control(self, kind: str, name: str, value: bytes | None) -> None:
        if kind == SECRET:
            self.secret = value
            return
        held: dict[str, Any] = self.active if kind == ACTIVE else self.recipes
        if value is None:
            held.pop(name, None)
        else:
            held[name] = Active.decode(value) if kind == ACTIVE else Recipe.decode(value)

    def _take_change(self, key: ChangeKey, value: bytes | None) -> None:
        if value is None:
            self.changes.pop(key, None)
        else:
            self.changes[key] = _decode_half_life(value)

    def _take_progress(self, raw_key: bytes, value: bytes | None, written_s: float) -> bool:
        key = decode_key(raw_key)
        if key is None or key.record.kind != "progress":
            return False
        partitions = self.progress.setdefault(key.version, {})
        is_new = not partitions
        if value is None:
            partitions.pop(key.partition, None)
        else:
            meta = Snapshot.unpack(value).meta
            partitions[key.partition] = dict(meta["offsets"])
            self._read_s.setdefault(key.version, {})[key.partition] = dict(meta["read_s"])
            self.written_s[key.version] = max(written_s, self.written_s.get(key.version, 0.0))
        if not partitions:
            del self.progress[key.version]
            self.written_s.pop(key.version, None)
            self._read_s.pop(key.version, None)
        return is_new or not partitions
