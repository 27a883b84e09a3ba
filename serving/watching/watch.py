"""Watches what passes through this process, and says what it has seen and what that has taught."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from ltrr.models.baseline.page import UNLEARNED
from ltrr.models.records.action import Action
from ltrr.models.records.action_names import weighted_name
from ltrr.models.records.impression import Impression
from ltrr.models.rewards.worth import Worth, level_shares, worths
from ltrr.models.text import normalise
from ltrr.retrievers.index.index import Index
from ltrr.serving.decisions.modes import PolicyState
from ltrr.serving.metrics import Metrics
from ltrr.serving.settings.applications import application_named
from ltrr.serving.settings.settings import Settings
from ltrr.serving.tables import Table
from ltrr.serving.watching import summaries
from ltrr.serving.watching.history import History
from ltrr.serving.watching.seen import LONGEST_QUERY, Seen
from ltrr.serving.watching.summaries import Order, interval

SEARCHES: Final = 5_000
"""Searches that are kept, of all applications together."""

_LEAST: Final = 200
_NOTED_S: Final = 1.0
_CLICK: Final = "click"


class Watch:
    """What this process has seen, in memory: it begins with its start. index: names entities. metrics: count it."""

    def __init__(
        self, settings: Settings, clock: Callable[[], float], state: PolicyState, index: Index, metrics: Metrics
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        metrics.watch_applications(settings.applications, [name for name, w in settings.action_weights.items() if w])
        self._clock = clock
        self._state = state
        self._index = index
        self._began_s = clock()
        self._most = max(_LEAST, SEARCHES // len(settings.applications))
        self._seen: dict[str, Seen] = {}
        self._histories: dict[str, History] = {}
        self._noted_s: dict[str, float] = {}

    @property
    def table(self) -> Table:
        """Return what is kept."""
        most = self._most * len(self._settings.applications)
        return Table("seen_searches", sum(map(len, self._seen.values())), most)

    def application_of(self, query_id: str) -> str | None:
        """Return of which application a search is, None where it is not among those that are kept."""
        return next((name for name, seen in self._seen.items() if query_id in seen), None)

    def take(self, events: Iterable[Impression | Action], begun: Collection[str] = ()) -> None:
        """Take note of actions, and of pages but those that show nothing. Tests of the search are not told of.

        begun: ids of queries that had a page before: one more is no search. What came too late, or too early, for the
        learner is none either, and all stands in the step of its own time.
        """
        now_s, late_s, window_s = self._clock(), self._settings.late_s, self._settings.join_window_s
        for event in events:
            if isinstance(event, Action):
                self._act(event, now_s)
            elif _asked(event) and -late_s <= now_s - event.time_s <= window_s + late_s:
                self._show(event, now_s, new=event.query_id not in begun)

    def _show(self, page: Impression, now_s: float, *, new: bool) -> None:
        search = self._of(page.application).page(page, new=new)
        if search is not None:
            counts = {
                "searches": 1,
                "empty": int(not search.shown),
                "fallback": int(bool(search.fallback)),
                "degraded": int(bool(search.failures)),
                "retrieval_ms": max(search.latencies_ms.values(), default=0.0),
            }
            self._history(page.application).add(min(page.time_s, now_s), counts, search.plan)
            self._metrics.searches.labels(page.application).inc()
            self._metrics.searches_empty.labels(page.application).inc(counts["empty"])
            self._note_at_times(page.application, now_s)

    def _act(self, action: Action, now_s: float) -> None:
        weights = self._settings.action_weights
        name = weighted_name(action.action_name, weights, self._settings.aliases)
        if name is None or not weights[name]:
            return
        window_s = self._settings.action_windows_s.get(name, self._settings.join_window_s)
        late_s = self._settings.late_s
        earliest_s, latest_s = within = -late_s, window_s + late_s
        if not earliest_s <= now_s - action.time_s <= latest_s:
            return
        self._metrics.actions.labels(action.application, name).inc()
        time_s = min(action.time_s, now_s)
        first = self._of(action.application).act(action.query_id, action.object_id, name, weights[name], time_s, within)
        if first is not None:
            self._history(action.application).add(time_s, {"actions": 1, "acted": int(first)})
            self._metrics.searches_acted.labels(action.application).inc(int(first))
            self._note_at_times(action.application, now_s)

    def _note_at_times(self, application: str, now_s: float) -> None:
        if abs(now_s - self._noted_s.get(application, 0.0)) >= _NOTED_S:
            self._note(application, now_s)

    def _note(self, application: str, now_s: float) -> None:
        """Keep what stands now."""
        self._noted_s[application] = now_s
        served = self._state.serving(application).state
        difference = served.application(application).regret.difference(served.learning.price_weight, UNLEARNED)
        values = (np.nan, np.nan, np.nan) if difference is None else (difference.value, difference.low, difference.high)
        self._history(application).note(now_s, (served.revision, *values))

    def live(self, application: str | None) -> dict[str, Any]:
        """Return the last quarter of an hour, and what was seen last."""
        name = self._named(application)
        return {
            "application": name,
            "revision": self._state.serving(name).state.revision,
            "history": self.history(name, "15m"),
            "events": summaries.events(self._of(name), self._names(name)),
        }

    def history(self, application: str | None, span: str) -> dict[str, Any]:
        """Return what happened in each step of a span."""
        name, now_s = self._named(application), self._clock()
        self._note(name, now_s)
        return {"application": name, "now_s": now_s, **self._history(name).steps(span, now_s)}

    def strategies(self, application: str | None) -> dict[str, Any]:
        """Return what each strategy is worth and costs, in units of reward for each search, with 95% intervals.

        Shares of levels are those of the last searches here, or where there are none those of the policy as it is.
        """
        name = self._named(application)
        serving = self._state.serving(name)
        served, seen = serving.state, self._of(name)
        model, policy = served.application(name).reward_model, served.policy(name)
        rules, noise = policy.space.rules, self._settings.noise
        counted = level_shares(summaries.levels_run(seen, rules.ladder), rules.names, len(rules.ladder))
        shares = policy.distribution({"bias": 1.0}, seed=0).marginals if counted is None else counted
        worth = worths(model, noise, shares)
        weight, prices = served.learning.price_weight, rules.arm_prices()
        baseline = rules.budgets(rules.baseline)
        return {
            "application": name,
            "unit": self._unit(),
            "alone": rules.max_calls is not None,
            "searches": len(seen),
            "lately": summaries.run_lately(seen, rules.names, rules.ladder),
            "ladder": list(rules.ladder),
            "engines": summaries.engine_times(seen),
            "shadow": summaries.beside_shadow(seen, weight) if serving.shadow is not None else None,
            "arms": [
                {
                    "arm": arm.name,
                    "engines": sorted(arm.engines),
                    "calls": len(set(arm.calls)),
                    "reserved": arm.reserved,
                    "baseline": baseline.get(arm.name, 0),
                    "observations": round(model.observations(arm.name), 3),
                    "shares": [round(share, 6) for share in row],
                    "worth": _told(worth[arm.name]),
                    "price": round(weight * float(row @ price), 6),
                }
                for arm, row, price in zip(rules.arms, shares.tolist(), prices, strict=True)
            ],
        }

    def queries(self, application: str | None, order: Order) -> dict[str, Any]:
        """Return the queries of the last searches, by what came of them."""
        seen = self._of(name := self._named(application))
        since_s = next((search.time_s for search in seen), self._began_s)
        rows = summaries.queries(seen, order)
        return {"application": name, "order": order.value, "searches": len(seen), "since_s": since_s, "queries": rows}

    def query(self, query: str, application: str | None) -> dict[str, Any]:
        """Return the last searches for a query, with plans and pages."""
        name, asked = self._named(application), normalise(query)[:LONGEST_QUERY]
        found = summaries.searches_for(self._of(name), asked, self._names(name))
        return {"application": name, "query": asked, "searches": found}

    def _unit(self) -> dict[str, Any]:
        """Return the action in which people count, a click where that has a weight, and its reward."""
        weights = self._settings.action_weights
        name = _CLICK if weights.get(_CLICK) else max(weights, key=weights.__getitem__, default=_CLICK)
        return {"action": name, "reward": weights.get(name) or 1.0}

    def _named(self, application: str | None) -> str:
        return application_named(application, self._settings.applications)

    def _of(self, application: str) -> Seen:
        if application not in self._seen:
            self._seen[application] = Seen(self._most)
        return self._seen[application]

    def _history(self, application: str) -> History:
        if application not in self._histories:
            arms = self._state.serving(application).state.learning.rules.names
            self._histories[application] = History(arms, self._began_s)
        return self._histories[application]

    def _names(self, application: str) -> Callable[[Sequence[str]], Sequence[str | None]]:
        def names(object_ids: Sequence[str]) -> Sequence[str | None]:
            return [None if card is None else card.name for card in self._index.entities(application, list(object_ids))]

        return names


def _asked(page: Impression) -> bool:
    """Tell whether a page is what people see: not a record that shows nothing."""
    return bool(page.user_query or page.candidates)


def _told(worth: Worth) -> Mapping[str, float]:
    return interval(**asdict(worth))
