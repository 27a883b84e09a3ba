"""Who plays: the product at some caps, and what it is compared with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ltrr.bench.played.near import shared_recall
from ltrr.bench.played.plans import Budgets, Evidence, always, by_type, hand_rules, plans
from ltrr.bench.played.play import Scores, play
from ltrr.bench.played.systems import Chooser, Fixed, Learned, Listed, System
from ltrr.bench.played.turn import RRF, Turn
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.state.learning import Learning
from ltrr.retrievers import encoders
from ltrr.retrievers.near_queries import NearQueries
from ltrr.serving.demo.people.clicks import ClickModel
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings

EVERY: Final = "every arm"
HAND: Final = "hand rules"
ORACLE: Final = "oracle by type"
EQUAL: Final = "equal split"
RECENCY: Final = "recency list"
RRF_TWO: Final = "RRF of two"
RRF_ALL: Final = "RRF of all"
UNRANKED: Final = ", unranked"
CAPS: Final = (1, 2, 3, None)


def learned_at(calls: int | None) -> str:
    """Return what the product is called under a cap on calls."""
    return f"learned, {_said(calls)}"


def mix_at(calls: int | None) -> str:
    """Return what the best fixed mix is called under a cap on calls."""
    return f"best mix, {_said(calls)}"


def _said(calls: int | None) -> str:
    return "no cap" if calls is None else f"{calls} call{'s' if calls > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Fitted:
    """Plans that were chosen with hindsight. oracle: by type, before and after what changes; mixes: by cap.

    by_query: the nDCG@10 of the best plan for each fresh query.
    """

    oracle: Sequence[Mapping[str, Budgets]]
    mixes: Mapping[int | None, Budgets]
    by_query: Mapping[int, float]


class Lineup:
    """Makes the systems of a run. drift_from: the query from which on the oracle is fitted anew."""

    def __init__(self, turn: Turn, settings: Settings, drift_from: int | None = None, delay: int = 0) -> None:
        self.turn = turn
        self.settings = settings
        self.delay = delay
        self._arms = strategy_arms()
        self.learning = settings.learning(self._arms)
        self.near = NearQueries(encoders.load_dense("wordllama"))
        self._recall = shared_recall(turn, self.near)
        self._drift_from = drift_from

    def capped(self, calls: int | None) -> Learning:
        """Return the settings of the learner under a cap on calls."""
        return self.settings.model_copy(update={"max_calls": calls}).learning(self._arms)

    def fit(self, clicks: ClickModel, calls: int | None) -> tuple[Fitted, Scores]:
        """Play every arm at once, and choose plans by what its ranker says of them."""
        rules = self._free(self.learning.rules.arms)
        budgets = dict.fromkeys(rules.names, self.turn.material.budget)
        played = play(self.turn, [self._fixed(EVERY, rules, always(budgets), 0)], clicks, EVERY)
        requests = [one.wish.request for one in self.turn.material.asked]
        numbers = [at for at, request in enumerate(requests) if request.fresh]
        evidence = Evidence(rules.names)
        for at in numbers:
            evidence.add(played.unions[at].union, requests[at].relevance)
        kinds = [requests[at].kind for at in numbers]
        turns = [at >= (self._drift_from or 0) and self._drift_from is not None for at in numbers]
        most = 2 if calls is None else min(calls, 2)
        tried = list(plans(replace(self.capped(most).rules, baseline=()), most))
        oracle, by_query = [], dict[int, float]()
        for late in (False, True):
            which = [place for place, one in enumerate(turns) if one is late]
            best, values = evidence.oracle(tried, which, kinds)
            oracle.append(best)
            by_query |= {numbers[place]: float(value) for place, value in zip(which, values, strict=True)}
        train = [p for p, at in enumerate(numbers) if requests[at].split == "train"] or list(range(len(numbers)))
        mixes = {cap: evidence.greedy(replace(self.capped(cap).rules, baseline=()), train) for cap in CAPS}
        return Fitted(oracle, mixes, by_query), played.scores

    def compared(self, fitted: Fitted, calls: int | None, seed: int) -> Iterator[System]:
        """Yield what targets compare."""
        for cap in dict.fromkeys((calls, 3)):
            yield self.learned(cap, seed)
        two = self._free(self.learning.rules.arms)
        yield self._fixed(HAND, two, hand_rules(self.turn.material.budget), seed)
        yield self._fixed(ORACLE, two, self._oracle(fitted), seed)
        for cap in (2, None):
            yield self._mix(fitted, cap, seed)

    def others(self, fitted: Fitted, calls: int | None, seed: int, *, grid: bool) -> Iterator[System]:
        """Yield what is shown beside them."""
        for cap in CAPS if grid else ():
            if cap not in (calls, 3):
                yield self.learned(cap, seed)
        for cap in (1, 3):
            yield self._mix(fitted, cap, seed)
        ranked = self.learning.rules.arms
        budget = self.turn.material.budget
        for arm in ranked:
            yield self._fixed(arm.name, self._free([arm]), always({arm.name: budget}), seed)
        share = max(1, budget // len(ranked))
        equal = replace(self._free(ranked), ladder=(0, share))
        yield self._fixed(EQUAL, equal, always(dict.fromkeys(equal.names, share)), seed)
        calls_of = sorted({call for arm in ranked for call in arm.calls})
        fused = Arm(RRF, tuple(calls_of))
        yield self._fixed(RRF_ALL, self._free([fused]), always({RRF: budget}), seed)
        hits = self.turn.hits
        yield Listed(RRF_ALL + UNRANKED, len(calls_of), lambda: [hit.object_id for hit in hits(RRF)])
        yield Listed(RRF_TWO + UNRANKED, 2, lambda: [hit.object_id for hit in hits("hybrid")])
        yield Listed(RECENCY, 0, lambda: self.turn.asked.wish.recent[:budget])

    def learned(self, calls: int | None, seed: int) -> Learned:
        """Return the product under a cap on calls."""
        learning = self.capped(calls)
        return Learned(learned_at(calls), self.turn, self.settings, learning, self._recall, seed, self.delay)

    def _mix(self, fitted: Fitted, calls: int | None, seed: int) -> Fixed:
        budgets = fitted.mixes[calls]
        arms = [arm for arm in self.learning.rules.arms if arm.name in budgets]
        return self._fixed(mix_at(calls), self._free(arms), always(budgets), seed)

    def _oracle(self, fitted: Fitted) -> Chooser:
        fallback = fitted.mixes[2]
        early, late = (by_type(plans_, fallback) for plans_ in fitted.oracle)

        def choose(context: Mapping[str, float], kind: str) -> Budgets:
            changed = self._drift_from is not None and self.turn.number >= self._drift_from
            return (late if changed else early)(context, kind)

        return choose

    def _free(self, arms: Sequence[Arm]) -> PlanRules:
        """Return rules of some arms without caps: those of fixed plans are kept by who chooses them."""
        return replace(self.learning.rules, arms=tuple(arms), max_calls=None, max_candidates=None, baseline=())

    def _fixed(self, name: str, rules: PlanRules, choose: Chooser, seed: int) -> Fixed:
        learning = replace(self.learning, rules=rules)
        return Fixed(name, self.turn, self.settings, learning, choose, self._recall, seed, self.delay)
