"""A site of the product in memory: events go through its log, learned state can be asked without teaching it."""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Final, NamedTuple

import numpy as np

from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.retrieval import Retriever
from ltrr.models.rewards.worth import mean_inputs
from ltrr.models.statistics.least_squares import Array
from ltrr.serving.decisions.modes import Serving
from ltrr.serving.decisions.served_state import ServedState
from ltrr.serving.decisions.voices import Voices
from ltrr.serving.demo.people.request import Request
from ltrr.serving.metrics import Metrics
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.retrieval.recall import Recall
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.search.query_ids import QueryIds
from ltrr.serving.search.query_worker import QueryWorker
from ltrr.serving.service.vouching import Vouching
from ltrr.serving.settings.settings import Settings
from ltrr.streams.embedded.learner import EmbeddedLearner
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.events.codec import encode_action, encode_impression
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import Topic

PAGE: Final = 10
_ALL: Final = 100  # ten arms, a page of each
_SECRET: Final = b"poison: ids, and so all draws, are the same in every run"


class Kept(NamedTuple):
    """Events that were appended to the log: of a topic and a query, at a time."""

    topic: Topic
    query_id: str
    raws: Sequence[bytes]
    time_s: float


class Asked(NamedTuple):
    """What a stranger gets.

    relevance: summed over the page. levels: P(level) of each arm, as the plan of this search is drawn, shape (arms,
    levels). worths: relevance summed over as many candidates of each arm's own list, 0 for what stands beside, shape
    (arms,); nothing but 0 where they are not looked at.
    """

    relevance: float
    levels: Array
    worths: Array


class Site:
    """One installation over an index that others may share, with state of its own that begins at nothing.

    seed: of everything that it draws. bounded: whether its visitors are one voice each. page: the newest that was
    shown. kept: all that was appended to its log.
    """

    def __init__(self, retriever: Retriever, recall: Recall, settings: Settings, seed: int, *, bounded: bool) -> None:
        self._retriever, self._recall, self._settings, self._seed = retriever, recall, settings, seed
        self._learning = settings.learning(strategy_arms())
        seals = Seals([_SECRET])
        self._log = EmbeddedLog(dict.fromkeys(map(str, (Topic.IMPRESSIONS, Topic.ACTIONS, Topic.DEADLETTER)), 1))
        self._learner = EmbeddedLearner(self._log, self._learning, seals=seals)
        bounds = (settings.visitor_searches, settings.visitor_query_searches) if bounded else (0.0, 0.0)
        self._voices = Voices(*bounds)
        self._vouching = Vouching(seals, self._voices, lambda: self.now_s, lambda _: True)
        served = ServedState(self._learner.fold.state, self._learning, settings.policy, settings.policy_options)
        self._serving = Serving(served)
        self._workers: dict[str, QueryWorker] = {}
        self.now_s = 0.0
        self.page: Impression | None = None
        self.kept: list[Kept] = []

    async def search(self, text: str, visitor: str, lane: str, time_s: float) -> SearchResponse:
        """Answer a visitor's search. lane: whose query ids are numbered by themselves, so that all runs draw alike."""
        self.now_s = max(self.now_s, time_s)
        worker = self._workers.setdefault(lane, self._worker(lane, self))
        return await worker.search(SearchRequest(query=text, client_id=visitor, size=PAGE), self.now_s)

    def act(self, query_id: str, taken: Iterable[tuple[str, str]], time_s: float) -> None:
        """Take actions: (object id, name)."""
        self.now_s = max(self.now_s, time_s)
        self.keep(
            Topic.ACTIONS,
            query_id,
            [encode_action(Action(query_id, object_id, name, self.now_s)) for object_id, name in taken],
        )

    def append(self, impression: Impression, now_s: float) -> None:
        """Keep a page that was shown."""
        self.now_s = max(self.now_s, now_s)
        self.page = impression
        self.keep(Topic.IMPRESSIONS, impression.query_id, [self._vouching.logged(impression)])

    def forge(self, impression: Impression) -> None:
        """Write a page to the log past the service, as whoever may write to a topic can."""
        self.keep(Topic.IMPRESSIONS, impression.query_id, [encode_impression(impression)])

    def keep(self, topic: Topic, query_id: str, raws: Sequence[bytes]) -> None:
        """Append events of a query to the log, and learn what is new in it."""
        if raws:
            self._log.append_batch(topic, [(query_id, raw) for raw in raws], self.now_s)
            self._learner.poll(self.now_s)
            self.kept.append(Kept(topic, query_id, raws, self.now_s))

    def keep_again(self, kept: Iterable[Kept]) -> None:
        """Append what another site has kept, at the times of then."""
        for topic, query_id, raws, time_s in kept:
            self.now_s = max(self.now_s, time_s)
            self.keep(topic, query_id, raws)

    async def ask(self, requests: Iterable[Request], *, weighed: bool) -> list[Asked]:
        """Return what strangers get; nothing is learned. weighed: whether each arm's own list is looked at, too."""
        newest, arms = _Newest(), self._learning.rules.names
        served, lists, found = self._worker("asked", newest), self._worker("asked", newest), list[Asked]()
        everything = {arm: PAGE for arm in arms if arm != self._learning.rules.reserved}
        for request in requests:
            answer = await served.search(SearchRequest(query=request.text, size=PAGE), self.now_s)
            whole = SearchRequest(query=request.text, size=_ALL, plan=everything, learn=False)
            worths = _worths(await lists.search(whole, self.now_s), request, arms) if weighed else np.zeros(len(arms))
            decision = newest.page.decision if newest.page is not None else None
            if decision is not None:
                relevance = sum(request.relevance.get(item.object_id, 0.0) for item in answer.items)
                found.append(Asked(relevance, np.array(decision.probabilities), worths))
        return found

    def believed(self) -> Array:
        """Return what each level of an arm is taken to be worth, in units of reward; shape (arms, levels)."""
        model = self._learner.fold.state.application(self._settings.applications[0]).reward_model
        worth = model.predict(mean_inputs(model))
        return np.asarray(worth - worth[:, :1])

    def close(self) -> None:
        """Forget everything."""
        self._log.close()

    def _worker(self, lane: str, sink: "Site | _Newest") -> QueryWorker:
        numbers = count()
        return QueryWorker(
            self._retriever,
            self._serving,
            sink,
            QueryIds(_SECRET, lambda: f"{lane}-{self._seed}-{next(numbers)}"),
            Metrics(),
            applications=self._settings.applications,
            placement=self._settings.placement,
            kept_answers=0,
            recall=self._recall,
            voices=self._voices,
        )


def _worths(whole: SearchResponse, request: Request, arms: Sequence[str]) -> Array:
    """Return the relevance of each arm's own list. whole: all lists, united."""
    worths = dict.fromkeys(arms, 0.0)
    for item in whole.items:
        for source in item.sources:
            worths[source.arm] += request.relevance.get(item.object_id, 0.0)
    return np.array([worths[arm] for arm in arms])


class _Newest:
    """Keeps the newest page, which nobody learns from."""

    page: Impression | None = None

    def append(self, impression: Impression, now_s: float) -> None:
        """Keep a page in place of the one before."""
        del now_s
        self.page = impression
