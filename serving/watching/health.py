"""How this process fares, from its own metrics since it started."""

from collections.abc import Sequence
from typing import Any, Final

from prometheus_client.samples import Sample

from ltrr.serving.metrics import Metrics

_FRESH_S: Final = 1.0


def health(metrics: Metrics, conditions: dict[str, str], *, ready: bool, learns: bool) -> dict[str, Any]:
    """Return what `/readyz` and the metrics say, as JSON values. learns: whether this process learns, too.

    Where another one learns, dead letters and what became of events are counted there.
    """
    summed = metrics.samples
    return {
        "ready": ready,
        "conditions": conditions,
        "learns": learns,
        "freshness": _freshness(summed(metrics.freshness_seconds)),
        "events": [
            {"topic": labels["topic"], "outcome": labels["outcome"], "count": count}
            for labels, count in _counted(summed(metrics.events))
        ],
        "dead_letters": [
            {"reason": labels["reason"], "count": count} for labels, count in _counted(summed(metrics.dead_letters))
        ],
        "without_weight": [
            {"name": labels["name"], "count": count} for labels, count in _counted(summed(metrics.without_weight))
        ],
        "degraded": [
            {"engine": labels["engine"], "count": count} for labels, count in _counted(summed(metrics.degraded))
        ],
        "drift": [{"arm": labels["arm"], "count": count} for labels, count in _counted(summed(metrics.drift))],
        "memory_pairs": _value(summed(metrics.memory_pairs)),
        "log_bytes": _value(summed(metrics.log_bytes)) if learns else None,
        "open_pages": _value(summed(metrics.open_pages)) if learns else None,
        "spool_events": None if learns else _value(summed(metrics.spool_events)),
    }


def _counted(counter: Sequence[Sample]) -> list[tuple[dict[str, str], int]]:
    """Return the labels and counts of a counter, the largest first; what never happened is left out."""
    samples = [one for one in counter if one.name.endswith("_total")]
    return sorted(((one.labels, int(one.value)) for one in samples if one.value), key=lambda row: -row[1])


def _value(gauge: Sequence[Sample]) -> int:
    return int(gauge[0].value)


def _freshness(samples: Sequence[Sample]) -> dict[str, float | int | None]:
    """Return how many updates were seen, their mean age in seconds, and the share that took at most a second."""
    total = next(one.value for one in samples if one.name.endswith("_sum"))
    count = next(one.value for one in samples if one.name.endswith("_count"))
    within = next(one.value for one in samples if one.labels.get("le") == str(_FRESH_S))
    return {
        "updates": int(count),
        "mean_s": round(total / count, 6) if count else None,
        "within_1s": round(within / count, 6) if count else None,
    }
