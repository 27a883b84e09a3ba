"""What the last searches of an application tell: of its queries, of its engines, and of the policy in the shadow."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from heapq import nlargest
from itertools import islice
from typing import Any, Final

import numpy as np

from ltrr.models.baseline.regret import Difference, Standing
from ltrr.serving.watching.seen import KINDS, Search, Seen

LEAST_COMPARED: Final = 50.0
"""Searches, as an effective number, that must tell of the policy in the shadow."""

_QUERIES: Final = 50
_SEARCHES: Final = 5
_FIRST: Final = 10
_TIMED: Final = 500
_NORMAL_95: Final = 1.959964

Names = Callable[[Sequence[str]], Sequence[str | None]]
"""Returns the names of object ids, None for those that are not known."""


class Order(StrEnum):
    """Which queries come first: the most frequent, those that showed nothing, or those that nobody acted on."""

    VOLUME = "volume"
    EMPTY = "empty"
    UNCLICKED = "unclicked"


def queries(seen: Seen, order: Order) -> list[dict[str, Any]]:
    """Return the first queries of an order, with how often they were searched and what came of it."""
    rows = seen.tallies.items()
    if order is Order.EMPTY:
        first = nlargest(_QUERIES, ((q, t) for q, t in rows if t.empty), key=lambda row: (row[1].empty, row[1].last_s))
    else:
        asked = ((q, t) for q, t in rows if order is Order.VOLUME or (not t.acted and t.searches > t.empty))
        first = nlargest(_QUERIES, asked, key=lambda row: (row[1].searches, row[1].last_s))
    return [{"query": query, **asdict(tally)} for query, tally in first]


def searches_for(seen: Seen, query: str, names: Names) -> list[dict[str, Any]]:
    """Return the last searches for a query, the newest first: the plan of each, what it showed and what was taken."""
    found = []
    for search in reversed(seen):
        if search.query == query:
            found.append(_described(search, names))
            if len(found) == _SEARCHES:
                break
    return found


def _described(search: Search, names: Names) -> dict[str, Any]:
    first = search.shown[:_FIRST]
    return {
        "time_s": search.time_s,
        "plan": None
        if search.plan is None
        else [
            {"arm": arm, "budget": budget, "propensity": round(search.chances[arm], 6)}
            for arm, budget in search.plan.items()
        ],
        "fallback": list(search.fallback),
        "results": len(search.shown),
        "shown": [
            {"object_id": object_id, "name": name, "taken": object_id in search.taken}
            for object_id, name in zip(first, names(first), strict=True)
        ],
        "actions": len(search.taken),
    }


def events(seen: Seen, names: Names) -> list[dict[str, Any]]:
    """Return what was seen last, the newest first."""
    last = list(reversed(seen.events))
    held = dict(zip(ids := [one.object_id for one in last if one.object_id is not None], names(ids), strict=True))
    return [
        {"time_s": one.time_s, "query": one.query, "results": one.shown}
        if one.object_id is None
        else {
            "time_s": one.time_s,
            "query": one.query,
            "action_name": one.action_name,
            "object_id": one.object_id,
            "name": held[one.object_id],
        }
        for one in last
    ]


def engine_times(seen: Seen) -> list[dict[str, Any]]:
    """Return the milliseconds of each engine's round trips in the last searches."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    for search in islice(reversed(seen), _TIMED):
        for engine, milliseconds in search.latencies_ms.items():
            times[engine].append(milliseconds)
    return [
        {
            "engine": engine,
            "searches": len(taken),
            "median_ms": round(float(np.median(taken)), 3),
            "p95_ms": round(float(np.quantile(taken, 0.95)), 3),
        }
        for engine, taken in sorted(times.items())
    ]


def levels_run(seen: Seen, ladder: Sequence[int]) -> dict[str, dict[int, int]]:
    """Return arm -> level -> plans that had the arm at the level; other budgets than the ladder's are left out."""
    return {arm: {level: counts[budget] for level, budget in enumerate(ladder)} for arm, counts in seen.budgets.items()}


def run_lately(seen: Seen, arms: Sequence[str], ladder: Sequence[int]) -> list[dict[str, Any]]:
    """Return how often the plans of the searches had each arm at each level: of all, and of each kind of query.

    Shares are of shape (arms, levels); kinds without searches are left out.
    """
    counts: defaultdict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
    searches = Counter[str]()
    for search in seen:
        if search.plan is not None:
            for kind in ("all", *search.kinds):
                searches[kind] += 1
                counts[kind].update((arm, search.plan.get(arm, 0)) for arm in search.chances)
    return [
        {
            "kind": kind,
            "searches": searches[kind],
            "shares": [[round(counts[kind][arm, one] / searches[kind], 6) for one in ladder] for arm in arms],
        }
        for kind in ("all", *KINDS)
        if searches[kind]
    ]


def beside_shadow(seen: Iterable[Search], price_weight: float) -> dict[str, Any] | None:
    """Return the net reward for each search less what the policy in the shadow would have earned, with its interval.

    Searches count as much as the policy in the shadow would have run their plans (self-normalised); the interval is
    that of the ratio's linear terms. None where no search was imagined. Source: Swaminathan and Joachims 2015.
    """
    rows = [
        (search.imagined, search.gained - price_weight * search.price) for search in seen if search.imagined is not None
    ]
    if not rows:
        return None
    weights, rewards = np.array(rows).T
    squares = float((weights**2).sum())
    effective = float(weights.sum() ** 2 / squares) if squares > 0 else 0.0
    told: dict[str, Any] = {
        "pages": len(rows),
        "effective": round(effective, 3),
        "difference": None,
        "standing": Standing.UNDECIDED,
        "doubt": None,
    }
    if effective < LEAST_COMPARED:
        return told | {"doubt": f"not enough searches that tell of it: {math.floor(effective)} of {LEAST_COMPARED:.0f}"}
    shadow = float((weights * rewards).sum() / weights.sum())
    terms = rewards - shadow - weights * (rewards - shadow) * (len(rows) / weights.sum())
    value, reach = float(rewards.mean()) - shadow, _NORMAL_95 * float(terms.std(ddof=1)) / math.sqrt(len(rows))
    standing = Difference(value, value - reach, value + reach, matters=0.0).standing
    return told | {"difference": interval(value, value - reach, value + reach), "standing": standing}


def interval(value: float, low: float, high: float) -> Mapping[str, float]:
    """Return a number and the ends of its 95% interval as JSON values."""
    return {"value": round(value, 6), "low": round(low, 6), "high": round(high, 6)}
