"""What grows in a process: how many entries each of its tables has, and how many it may have."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ltrr.models.learning.fold import Fold
from ltrr.models.learning.waiting import MOST_EARLY
from ltrr.models.memory.memory import STRETCH_S


@dataclass(frozen=True, slots=True)
class Table:
    """One table. most: entries that it may have; infinity where not their number bounds it, but their time or size."""

    name: str
    entries: int
    most: float = math.inf


def learned_tables(fold: Fold) -> Iterator[Table]:
    """Yield the tables of what learns."""
    learning, applications = fold.learning, list(fold.state.applications.values())
    memories = [one.memory for one in applications]
    known, visits = len(applications) * learning.memory_queries, len(applications) * learning.senders
    yield Table("open_pages", fold.join.open_pages)
    yield Table("kept_pages", sum(map(len, fold.join.kept.values())))
    yield Table("waiting_actions", fold.join.waiting, MOST_EARLY * (2 + learning.late_s // STRETCH_S))
    yield Table("memory_queries", sum(len(one.queries) for one in memories), known)
    yield Table("memory_pairs", sum(one.size for one in memories), known * learning.memory_pairs)
    yield Table("senders", sum(len(one.senders.own) for one in applications), visits + len(applications))
    for kind in ("user", "session"):
        yield Table(f"{kind}_profiles", sum(len(one.profiles[kind].own) for one in applications), visits)
