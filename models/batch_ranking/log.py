"""What a log teaches a ranker that is trained in batches: its pages with actions, with their logged features."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ltrr.models.learning.join import Join, Outcome
from ltrr.models.learning.page import Page
from ltrr.models.ranking.batch_ranker import batch_features
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.state.learning import Learning
from ltrr.models.statistics.least_squares import Array

ONLINE = "online"
"""What the online ranker is called beside those that were trained in batches."""


@dataclass(slots=True)
class ActedPage:
    """A shown page with accepted actions, its entities sorted by id.

    features: of `batch_names`, shape (shown, names). values: what each entity gained, in [0, 1]; looks: P(looked at) of
    its position; scores: what the page was ordered by, but for what was explored; all of shape (shown,). ranker: which
    one gave the scores.
    """

    time_s: float
    key: tuple[str, int]
    features: Array
    values: Array
    looks: Array
    scores: Array
    ranker: str


class RankingLog:
    """Reads a log, and keeps the pages of one application that somebody acted on.

    from_s: the record timestamp from which on pages are kept; earlier messages only tell what is a repetition. Messages
    of all partitions may be mixed, in the order of their record timestamps. shown: pages of the range; unusable: reason
    -> pages that cannot teach.
    """

    def __init__(self, learning: Learning, application: str, from_s: float) -> None:
        self.shown = 0
        self.unusable: Counter[str] = Counter()
        self._learning = learning
        self._application = application
        self._from_s = from_s
        self._layout = RankerLayout.of(learning.rules)
        self._join = Join(learning.join_window_s, learning.late_s, learning.action_windows_s)
        self._join.keeping = False  # their features would have to be kept, too
        self._pages: dict[tuple[str, int], ActedPage] = {}

    @property
    def start_s(self) -> float:
        """Return the record timestamp from which on the log has to be read."""
        return max(0.0, self._from_s - self._join.reach_s)

    @property
    def ripe_s(self) -> float:
        """Return how long after an impression an action may still be recorded and count."""
        return self._learning.join_window_s + self._learning.late_s

    def pages(self) -> list[ActedPage]:
        """Return the pages, oldest first."""
        return sorted(self._pages.values(), key=lambda page: (page.time_s, page.key))

    def absorb_impressions(self, recorded_s: float, impressions: Sequence[Impression]) -> None:
        """Take the impressions of a message."""
        self._join.read_past(impressions_s=recorded_s)
        for impression in impressions:
            if impression.application != self._application:
                continue
            outcome, arrival = self._join.add_impression(impression, recorded_s)
            if arrival.page is None:
                if recorded_s >= self._from_s:
                    kept = outcome is Outcome.NOT_LEARNED
                    self.unusable["not to be learned" if kept else "repeated, late or from the future"] += 1
                continue
            arrival.page.change().impression = impression.shown()
            if recorded_s >= self._from_s:
                self.shown += 1
                if not impression.feature_names:
                    self.unusable["no features of ours"] += 1
            for accepted in arrival.accepted:
                self._gain(accepted.page, accepted.action)

    def absorb_actions(self, recorded_s: float, actions: Sequence[Action]) -> None:
        """Take the actions of a message."""
        for action in actions:
            weighted = self._learning.weighted(action)
            if weighted is not None:
                for accepted in self._join.add_action(weighted, recorded_s).accepted:
                    self._gain(accepted.page, accepted.action)

    def _gain(self, page: Page, action: Action) -> None:
        impression = page.impression
        weight = self._learning.action_weights[action.action_name]
        if page.recorded_s < self._from_s or not impression.feature_names or not weight:
            return
        key = impression.query_id, impression.page
        if key not in self._pages:
            self._pages[key] = self._acted(key, impression, page.looks)
        row = sorted(page.looks).index(action.object_id)
        acted = self._pages[key]
        acted.values[row] = max(acted.values[row], weight)

    def _acted(self, key: tuple[str, int], impression: Impression, looks: Mapping[str, float]) -> ActedPage:
        shown = sorted(impression.candidates, key=lambda candidate: candidate.object_id)  # so are ties broken
        raw = self._layout.logged(impression.feature_names, [candidate.features for candidate in shown])
        return ActedPage(
            time_s=impression.time_s,
            key=key,
            features=batch_features(raw, impression.context),
            values=np.zeros(len(shown)),
            looks=np.array([looks[candidate.object_id] for candidate in shown]),
            scores=np.array([candidate.score for candidate in shown]),
            ranker=impression.ranker or ONLINE,
        )
