"""What a run of the Last.fm log says: figures, targets, and where quality is lost."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from ltrr.bench.played.figures import Results, by, last
from ltrr.bench.played.lineup import EVERY, HAND, ORACLE, Fitted, learned_at, mix_at
from ltrr.bench.played.play import MEASURES
from ltrr.serving.terminal.bench_document import Figure, Target

LAST: Final = 5_000
_NDCG: Final = "nDCG@10"
_LEAD: Final = 0.005
_NOT_BELOW: Final = -0.002
_TOPICS: Final = 0.115
_MORE_CLICKS: Final = 0.08
_WIDER: Final = 0.01
_AFTER: Final = (1_000, 4_000)


class Report:
    """Reads the results of a run. calls: the cap of the product. middle: where a drift began."""

    def __init__(
        self, results: Results, fitted: Fitted, calls: int | None, middle: int | None, drift: str | None
    ) -> None:
        self._results = results
        self._fitted = fitted
        self._ours = learned_at(calls)
        self._middle, self._drift = middle, drift
        self._last = results.fresh & last(len(results.asked), LAST)
        self._topics = results.fresh & by(results.kinds, lambda kind: kind.startswith("topic"))
        self._targets: list[Target] = []
        self._figures: dict[str, Figure] = {}
        self._compare()
        self._against = frozenset(self._figures)
        self._means()
        self._losses()

    def figures(self) -> dict[str, Figure]:
        """Return all figures, those of targets first."""
        return self._figures

    def tabled(self) -> list[str]:
        """Return the names of those that say most: what is compared, how good each system is, and where it is lost."""
        ours, quality = f"fresh: calls of {self._ours}", f"fresh: {_NDCG} of "
        return [
            one
            for one in self._figures
            if one in self._against or one == ours or one.startswith(quality) or "regret of" in one
        ]

    def targets(self) -> list[Target]:
        """Return what should be reached."""
        return self._targets

    def notes(self) -> Iterator[str]:
        """Yield what the plans that were chosen with hindsight are."""
        for calls, budgets in self._fitted.mixes.items():
            yield f"{mix_at(calls)}: {_plan(budgets)}"
        for late, oracle in zip(("", ", after"), self._fitted.oracle, strict=True):
            for kind, budgets in oracle.items():
                yield f"{ORACLE}{late}, {kind}: {_plan(budgets)}"

    def _compare(self) -> None:
        results, ours, free, at_three = self._results, self._ours, mix_at(None), learned_at(3)
        lead = self._put(f"last: {ours} minus {HAND}", results.ahead(ours, HAND, _NDCG, self._last))
        self._want(lead, ">=", _LEAD, lambda one: one.low > 0 and one.value >= _LEAD)
        near = self._put(f"last: {at_three} minus {free}", results.ahead(at_three, free, _NDCG, self._last))
        self._want(near, ">", _NOT_BELOW, lambda one: one.low > _NOT_BELOW)
        topics = self._put(f"topics: {_NDCG} of {ours}", results.mean(ours, _NDCG, self._topics))
        self._want(topics, ">=", _TOPICS, lambda one: one.value >= _TOPICS)
        self._put(f"topics: {ours} minus {mix_at(2)}", results.ahead(ours, mix_at(2), _NDCG, self._topics))
        clicks = self._put(
            f"last: net clicks, {ours} over {mix_at(2)}", results.ratio(ours, mix_at(2), "net clicks", self._last)
        )
        self._want(clicks, ">=", _MORE_CLICKS, lambda one: one.low > 0 and one.value >= _MORE_CLICKS)
        if self._middle is not None:
            self._drifted(self._middle)
        for other in (mix_at(2), free, ORACLE):
            self._put(f"last: {ours} minus {other}", results.ahead(ours, other, _NDCG, self._last))
            self._put(f"fresh: {ours} minus {other}", results.ahead(ours, other, _NDCG, results.fresh))
        self._put(f"fresh: {ours} minus {HAND}", results.ahead(ours, HAND, _NDCG, results.fresh))

    def _drifted(self, middle: int) -> None:
        results, count = self._results, len(self._results.asked)
        left = count - middle
        start, stop = middle + min(_AFTER[0], left // 4), middle + min(_AFTER[1], left)
        places = np.arange(count)
        after = results.fresh & (places >= start) & (places < stop)
        before = results.fresh & (places < middle) & (places >= middle - (stop - start))
        if not (after.any() and before.any()):
            return
        gap = results.of(ORACLE, _NDCG) - results.of(self._ours, _NDCG)
        wider = self._put(
            f"{self._drift}: gap to oracle, after minus before", results.change(gap, before, after, _NDCG)
        )
        self._want(wider, "<=", _WIDER, lambda one: one.value <= _WIDER)
        beside = self._put(f"{self._drift}: {self._ours} minus {HAND}", results.ahead(self._ours, HAND, _NDCG, after))
        if self._drift == "outage":
            self._want(beside, ">", 0.0, lambda one: one.low > 0)

    def _means(self) -> None:
        results = self._results
        kinds = sorted({*results.kinds.tolist()})
        for system in results.scores:
            for measure in MEASURES[:-1]:
                self._put(f"fresh: {measure} of {system}", results.mean(system, measure, results.fresh))
            self._put(f"last: {_NDCG} of {system}", results.mean(system, _NDCG, self._last))
            self._put(f"topics only: {_NDCG} of {system}", results.mean(system, _NDCG, self._topics))
            repeats = results.counted & ~results.fresh
            self._put(f"repeat: {_NDCG} of {system}", results.mean(system, _NDCG, repeats))
            for kind in kinds:
                which = results.fresh & (results.kinds == kind)
                self._put(f"{kind}: {_NDCG} of {system}", results.mean(system, _NDCG, which))

    def _losses(self) -> None:
        """Say what is lost by which part: the plan's choice, what arms bring, and the order."""
        results, ours = self._results, self._ours
        best = np.zeros(len(results.asked))
        best[list(self._fitted.by_query)] = list(self._fitted.by_query.values())
        columns = {
            "regret of ranker": results.of(ours, "ideal") - results.of(ours, _NDCG),
            "regret of recall": results.of(EVERY, "ideal") - results.of(ours, "ideal"),
            "lost by all arms": 1.0 - results.of(EVERY, "ideal"),
            "regret of plan, by type": results.of(ORACLE, _NDCG) - results.of(ours, _NDCG),
            "regret of plan, by query": best - results.of(ours, _NDCG),
        }
        for group, which in (("fresh", results.fresh), ("topics only", self._topics)):
            for name, values in columns.items():
                self._put(f"{group}: {name}", results.over(values, which, _NDCG))

    def _put(self, name: str, figure: Figure) -> str:
        if np.isfinite(figure.value):
            self._figures[name] = figure
        return name

    def _want(self, name: str, op: str, limit: float, met: Callable[[Figure], bool]) -> None:
        if name in self._figures:
            self._targets.append(Target(name, op, limit, met(self._figures[name])))


def _plan(budgets: Mapping[str, int]) -> str:
    return ", ".join(f"{arm} {budget}" for arm, budget in budgets.items())
