"""The rankers trained in batches that a version of learned state is served with."""

import logging
from typing import TypeAlias

from ltrr.models.batch_ranking.log import ONLINE
from ltrr.models.errors import InvalidSettings, SnapshotMismatch
from ltrr.models.ranking.batch_ranker import BatchRanker, Scorer, UnionRanker, batch_names
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.ranker import Ranker
from ltrr.serving.rankers.lambdamart import read_scorer
from ltrr.streams.state.trained_rankers import TrainedRanker

_LOG = logging.getLogger(__name__)
Opened: TypeAlias = tuple[str, Scorer] | str
"""Name and scorer of a ranker, or why it is refused."""


class TrainedRankers:
    """One ranker for an application, or none: then the online ranker orders its unions.

    layout: of the version. A record that cannot be served is refused, and the online ranker serves on.
    """

    def __init__(self, layout: RankerLayout) -> None:
        self._names = batch_names(layout)
        self._records: dict[str, bytes] = {}
        self._scorers: dict[str, tuple[str, Scorer]] = {}
        self._refusals: dict[str, str] = {}

    def put(self, application: str, record: bytes | None) -> None:
        """Serve an application with what a record holds; None goes back to the online ranker."""
        if self.changes(application, record):
            self.take(application, record, None if record is None else self.opened(record))

    def changes(self, application: str, record: bytes | None) -> bool:
        """Tell whether a record is another one than the last that was taken."""
        return record != self._records.get(application)

    def opened(self, record: bytes) -> Opened:
        """Return what a record holds, or why it is refused. May take seconds, and be called from any thread."""
        try:
            ranker = TrainedRanker.unpack(record)
            self._check(ranker)
            return ranker.name, read_scorer(ranker.model, len(self._names))
        except (SnapshotMismatch, InvalidSettings) as error:
            return str(error)

    def take(self, application: str, record: bytes | None, opened: Opened | None) -> None:
        """Serve an application with a record that was opened; None goes back to the online ranker."""
        for held in (self._records, self._scorers, self._refusals):
            held.pop(application, None)
        if record is not None:
            self._records[application] = record
        if isinstance(opened, str):
            self._refusals[application] = opened
            _LOG.error("the trained ranker of %s is not served, the online one is: %s", application, opened)
        elif opened is not None:
            self._scorers[application] = opened

    def name(self, application: str) -> str | None:
        """Return the name of the trained ranker that orders an application's unions, None for the online one."""
        found = self._scorers.get(application)
        return found[0] if found else None

    def describe(self, application: str) -> dict[str, str | None]:
        """Return which ranker serves an application, and why a trained one is refused."""
        return {"serves": self.name(application) or ONLINE, "refused": self._refusals.get(application)}

    def over(self, application: str, online: Ranker) -> UnionRanker:
        """Return what orders an application's unions. online: its online ranker as of now."""
        found = self._scorers.get(application)
        return BatchRanker(online, found[1]) if found else online

    def _check(self, ranker: TrainedRanker) -> None:
        if ranker.names != self._names:
            differing = sorted(set(ranker.names) ^ set(self._names)) or ["their order"]
            message = f"its features are not those of this version, which differ in {', '.join(differing[:6])}"
            raise SnapshotMismatch(f"{message}: train it again under the settings of this version")
