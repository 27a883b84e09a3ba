"""What several processes count adds up."""

from prometheus_client import generate_latest

from ltrr.serving.metrics import RESIDENT, Metrics


def test_counts_of_all_processes_are_shown_as_one():
    """Counters and histograms by their labels, also those that this process never had; a gauge is its own."""
    here, there = Metrics(), Metrics()
    here.arm_level.labels("fulltext", "1").inc(2)
    there.arm_level.labels("fulltext", "1").inc(3)
    there.arm_level.labels("fuzzy", "0").inc()
    for metrics, seconds in ((here, 0.002), (there, 0.02), (there, 0.2)):
        metrics.search_seconds.observe(seconds)
        metrics.memory_pairs.set(7)
    alone = generate_latest(here).decode()
    here.elsewhere = lambda: [list(there.counted())]
    shown = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in _samples(generate_latest(here).decode())}
    assert shown['ltrr_arm_level_total{arm="fulltext",level="1"}'] == 5
    assert shown['ltrr_arm_level_total{arm="fuzzy",level="0"}'] == 1
    assert shown['ltrr_search_seconds_bucket{le="0.0025"}'] == 1
    assert (shown["ltrr_search_seconds_count"], shown['ltrr_search_seconds_bucket{le="+Inf"}']) == (3, 3)
    assert shown["ltrr_memory_pairs"] == 7
    assert shown[RESIDENT] > 1.5 * next(float(row.split()[1]) for row in _samples(alone) if row.startswith(RESIDENT))
    assert len(shown) == len(set(shown)) == len(_samples(alone)) + 2  # the one of the other arm, and when it began


def _samples(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]
