"""The benches of replay and following run on a real Kafka, and leave nothing behind."""

import pytest

from ltrr.bench.servers import backfill, follow, replay
from ltrr.bench.speed import freshness, stream
from ltrr.streams.kafka import admin
from ltrr.streams.kafka.brokers import Brokers

pytestmark = pytest.mark.servers


def test_bench_prints_one_document(kafka: Brokers, monkeypatch: pytest.MonkeyPatch):
    """All figures are there with their intervals, and the topics are gone; timings decide nothing."""
    monkeypatch.setenv("LTRR_KAFKA", str(kafka))
    document = replay.run(events=500, rounds=1)
    assert {"replay", "memory", "live worker", "kafka-python, decoded", "confluent, decoded"} <= set(document.figures)
    for figure in document.figures.values():
        assert 0 < figure.low <= figure.value <= figure.high
    assert {target.figure for target in document.targets} <= set(document.figures)
    assert not any(state.exists for state in admin.describe(kafka, 4))


def test_a_backfill_is_exact(kafka: Brokers, monkeypatch: pytest.MonkeyPatch):
    """A short one equals the live worker, and has the same digest after kills; memory decides nothing here."""
    monkeypatch.setenv("LTRR_KAFKA", str(kafka))
    monkeypatch.setenv("LTRR_ARMS", '["fulltext", "dense", "popular"]')
    document = backfill.run(events=1_000)
    met = {target.figure: target.met for target in document.targets}
    assert met.pop("largest later / first quarter") is not None
    assert len(met) == 3
    assert all(met.values()), document.figures
    assert not any(state.exists for state in admin.describe(kafka, 4))


def test_following_is_timed(kafka: Brokers, monkeypatch: pytest.MonkeyPatch):
    """A small memory is read whole and searched."""
    monkeypatch.setenv("LTRR_KAFKA", str(kafka))
    document = follow.run(pairs=400)
    assert {target.figure for target in document.targets} <= set(document.figures)
    assert not any(state.exists for state in admin.describe(kafka, 4))


def test_a_worker_beside_agents_that_do_nothing(kafka: Brokers, monkeypatch: pytest.MonkeyPatch):
    """All four read the whole log, in both forms."""
    monkeypatch.setenv("LTRR_KAFKA", str(kafka))
    document = stream.run(events=500, rounds=1)
    for size in ("1 event a message", "20 events a message"):
        for name in ("ltrr worker", "Faust agent", "aiokafka loop", "pure fold"):
            assert document.figures[f"{name}, {size}"].value > 0
    assert {target.figure for target in document.targets} <= set(document.figures)
    assert not any(state.exists for state in admin.describe(kafka, 4))


def test_clicks_are_followed_to_the_served_state(kafka: Brokers, monkeypatch: pytest.MonkeyPatch):
    """Every click that was published is in what a query worker serves, and was timed."""
    monkeypatch.setenv("LTRR_KAFKA", str(kafka))
    monkeypatch.setattr(freshness, "SECONDS", 0.4)
    monkeypatch.setattr(freshness, "RATES", (100,))
    monkeypatch.setattr(freshness, "_HELD", 100)
    document = freshness.run(rounds=1, queries=10, artists=60)
    assert 0 < document.figures["Kafka p50, 100 clicks/s"].value <= document.figures["Kafka p99, 100 clicks/s"].value
    assert {target.figure for target in document.targets} <= set(document.figures)
    assert not any(state.exists for state in admin.describe(kafka, 4))
