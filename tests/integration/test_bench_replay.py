"""The bench of the replay runs on a real Kafka, and leaves nothing behind."""

import pytest

from bench import replay
from streams import admin

pytestmark = pytest.mark.servers


def test_bench_prints_one_document(kafka: str, monkeypatch: pytest.MonkeyPatch):
    """All figures are there with their intervals, and the topics are gone; timings decide nothing."""
    monkeypatch.setenv("LTRR_KAFKA", kafka)
    document = replay.run(events=500)
    assert {"replay", "memory", "live worker", "kafka-python, decoded", "confluent, decoded"} <= set(document.figures)
    for figure in document.figures.values():
        assert 0 < figure.low <= figure.value <= figure.high
    assert {target.figure for target in document.targets} <= set(document.figures)
    assert not any(state.exists for state in admin.describe(kafka, 4))
