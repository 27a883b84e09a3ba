"""Shows what was learned: of arms, of a query, and in the gauges of each application."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import zip_longest
from typing import Any, Final

from ltrr.models.baseline.page import BASELINE, UNLEARNED
from ltrr.models.baseline.regret import BaselineRegret, Standing
from ltrr.models.memory.memory import Memory
from ltrr.models.memory.profiles import LARGEST
from ltrr.models.ranking.position import PositionCurve
from ltrr.models.records.fields import OWN, FieldKinds, by_depth
from ltrr.models.rewards import call_history
from ltrr.models.rewards.engagement import EVERYONE, Senders
from ltrr.models.text import typed
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.understanding.overview import Overview
from ltrr.serving.decisions.modes import PolicyState
from ltrr.serving.metrics import Metrics
from ltrr.serving.retrieval.recall import Recall, origin
from ltrr.serving.settings.applications import application_named
from ltrr.serving.versions.half_lives import described

_OVERVIEW_S: Final = 60.0


class Views:
    """What is served, as JSON values and gauges.

    index: names entities; recall: reads the memory; near_visitors: who have to have made a query whose words are shown.
    """

    def __init__(
        self,
        applications: tuple[str, ...],
        clock: Callable[[], float],
        state: PolicyState,
        index: Index,
        recall: Recall,
        near_visitors: int,
    ) -> None:
        self._applications = applications
        self._clock = clock
        self._state = state
        self._index = index
        self._recall = recall
        self._overviews: dict[str, tuple[float, Overview]] = {}
        self._near_visitors = near_visitors

    def policy(self, application: str | None) -> dict[str, Any]:
        """Return the version, how it was made and what it thinks of each arm."""
        name = application_named(application, self._applications)
        serving = self._state.serving(name)
        served = serving.state
        model = served.application(name).reward_model
        neutral = {"bias": 1.0}
        policy = served.policy(name)
        distribution = policy.distribution(neutral, seed=0)
        rules = policy.space.rules
        return {
            "active": served.version,
            **serving.described(),
            "policy": policy.name,
            "revision": served.revision,
            "application": name,
            "ranker": served.rankers.describe(name),
            "decisions": model.decisions,
            "engagement": _engagement(served.application(name).senders, self._clock()),
            "ladder": list(rules.ladder),
            "max_calls": rules.max_calls,
            "forgetting": described(served.application(name).memory.decay),
            "arms": [
                {
                    "arm": arm,
                    "reserved": arm == rules.reserved,
                    "observations": round(model.observations(arm), 3),
                    "mean_credit": round(model.mean_credit(arm), 6),
                    "net_value": [round(v, 6) for v in values],
                    "probabilities": [round(p, 6) for p in row],
                }
                for arm, values, row in zip(
                    rules.names, policy.net_values(neutral).tolist(), distribution.marginals.tolist(), strict=True
                )
            ],
            "baseline": _baseline(served.application(name).regret, served.learning.price_weight),
            "positions": _positions(served.application(name).positions.curve),
        }

    async def catalogue(self, application: str | None) -> dict[str, Any]:
        """Return what the catalogue is about; looked up once a minute."""
        name = application_named(application, self._applications)
        now_s = self._clock()
        made_s, overview = self._overviews.get(name, (-math.inf, None))
        if overview is None or not 0 <= now_s - made_s < _OVERVIEW_S:
            overview = await self._index.overview(name)
            if overview.entities:  # while it is loaded, it is looked at anew
                self._overviews[name] = now_s, overview
        kinds = self._index.kinds(name)
        return {
            "application": name,
            "entities": overview.entities,
            "examples": list(overview.examples),
            "shown": _in_turn(overview.shown, kinds),
            "counted": list(overview.counted),
            "type": overview.type,
            "fields": {field: sorted(kinds[field]) for field in sorted(kinds)},
        }

    def entities(self, object_ids: Sequence[str], application: str | None) -> dict[str, Any]:
        """Return which of some entities are in the index."""
        name = application_named(application, self._applications)
        asked = list(dict.fromkeys(object_ids))
        cards = dict(zip(asked, self._index.entities(name, asked), strict=True))
        return {
            "application": name,
            "entities": [
                {"object_id": one, "type": card.type, "name": card.name} for one, card in cards.items() if card
            ],
            "missing": [one for one, card in cards.items() if card is None],
        }

    def memory(self, query: str, application: str | None) -> dict[str, Any]:
        """Return what is known of a query: pairs, best first, with their numbers, and what arms brought."""
        name = application_named(application, self._applications)
        memory = self._state.serving(name).state.application(name).memory
        now_s = self._clock()
        best = self._recall.pairs(name, memory, typed(query), now_s, self._index.understand(query, name).respaced)
        cards = self._index.entities(name, [pair.object_id for pair in best])
        return {
            "query": typed(query),
            "application": name,
            "prior": memory.prior,
            "pairs": [
                {
                    "object_id": pair.object_id,
                    "name": card.name if card else None,
                    "score": round(pair.score, 6),
                    "origin": origin(pair),
                    "near_query": self._shown(memory, pair.near_query),
                    "predicted": round(pair.predicted, 6),
                    "actions": round(pair.actions, 6),
                    "examinations": round(pair.examinations, 6),
                    "near_actions": round(pair.near_actions, 6),
                    "near_examinations": round(pair.near_examinations, 6),
                }
                for pair, card in zip(best, cards, strict=True)
            ],
            "arms": call_history.described(memory.calls(typed(query), now_s)),
        }

    def _shown(self, memory: Memory, query: str | None) -> str | None:
        """Return a query that was made by so many that its words are nobody's own."""
        enough = query is not None and memory.visitors(query) >= self._near_visitors
        return query if enough else None

    def visitor(self, name: str) -> dict[str, Any]:
        """Return what was learned of a visitor, by name: profiles as user and as session, and engagement."""
        return {application: self._learned_of(application, name) for application in self._applications}

    def _learned_of(self, application: str, name: str) -> dict[str, Any]:
        learned, now_s = self._state.serving(application).state.application(application), self._clock()
        found: dict[str, Any] = {
            kind: [asdict(hit) for hit in profiles.strongest(name, now_s, LARGEST)]
            for kind, profiles in learned.profiles.items()
        }
        counted = {kind: learned.senders.of(f"{kind}:{name}", now_s) for kind in ("user", "client", "session")}
        return found | {
            "engagement": {kind: {"pages": one.pages, "acted": one.acted} for kind, one in counted.items() if one.pages}
        }

    def show_applications(self, metrics: Metrics) -> None:
        """Bring the gauges of each application up to what is served; to be called when metrics are read."""
        metrics.ranker.clear()
        metrics.baseline_regret.clear()
        metrics.learning_gain.clear()
        metrics.policy_version.clear()
        for name in self._applications:
            serving = self._state.serving(name)
            served = serving.state
            metrics.policy_version.labels(name, served.version, served.policy_name, serving.mode.value).set(1)
            metrics.ranker.labels(name, served.rankers.describe(name)["serves"]).set(1)
            learned = served.application(name)
            metrics.baseline_compared.labels(name).set(learned.regret.share)
            for gauge, side in ((metrics.baseline_regret, BASELINE), (metrics.learning_gain, UNLEARNED)):
                difference = learned.regret.difference(served.learning.price_weight, side)
                for bound, value in asdict(difference).items() if difference else ():
                    gauge.labels(name, bound).set(value)
            rate = _engagement(learned.senders, self._clock())["rate"]
            metrics.engagement.labels(name).set(rate)


def _baseline(regret: BaselineRegret, price_weight: float) -> dict[str, Any]:
    def beside(side: str) -> dict[str, Any]:
        found = regret.difference(price_weight, side)
        return {
            "difference": None if found is None else {k: round(v, 6) for k, v in asdict(found).items()},
            "standing": Standing.UNDECIDED if found is None else found.standing,
            "effective": round(regret.known(side), 3),
            "doubt": regret.doubt(side),
        }

    return {
        "plan": dict(regret.plan),
        **beside(BASELINE),
        "unlearned": beside(UNLEARNED),
        "planned": round(regret.planned, 3),
        "pages": round(regret.pages, 3),
        "share": round(regret.share, 6),
    }


def _engagement(senders: Senders, now_s: float) -> dict[str, float]:
    """Return how many pages were shown of late, to how many somebody acted, and their share."""
    everyone = senders.of(EVERYONE, now_s)
    rate = everyone.acted / everyone.pages if everyone.pages else 0.0
    return {"pages": round(everyone.pages, 3), "acted": round(everyone.acted, 3), "rate": round(rate, 6)}


def _positions(curve: PositionCurve) -> list[dict[str, float]]:
    rows = zip(curve.looks, curve.low, curve.high, strict=True)
    return [
        {"position": position, "look": round(look, 6), "low": round(low, 6), "high": round(high, 6)}
        for position, (look, low, high) in enumerate(rows, start=1)
    ]


def _in_turn(texts: Sequence[str], kinds: FieldKinds) -> list[str]:
    """Return attributes to show: texts in their order, in turn with them numbers and dates, the least deep first."""
    numbers = (name for name in kinds if name not in OWN and name not in texts and kinds[name] != {"text"})
    measured = sorted(numbers, key=by_depth)
    return [name for pair in zip_longest(texts, measured) for name in pair if name is not None]
