"""The benches of speed, each small, without servers: figures are there and sane; no timing decides."""

import pytest

from ltrr.bench.speed import freshness, load, scale, startup
from tests.bench.documents import check

pytestmark = pytest.mark.whole


@pytest.fixture(autouse=True)
def _no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA", "ELASTICSEARCH", "QDRANT"):
        monkeypatch.delenv(f"LTRR_{name}", raising=False)


def test_load(monkeypatch: pytest.MonkeyPatch):
    """Both apps answer every client, and are compared."""
    monkeypatch.setattr(load, "CLIENTS", (1, 8))
    document = load.run(queries=6, rounds=1, artists=60)
    check(document, "load")
    for clients in ("1 client", "8 clients"):
        ours, bare = (document.figures[f"{name}, {clients}"].value for name in ("ltrr", "bare app"))
        assert document.figures[f"ltrr / bare app, {clients}"].value == pytest.approx(ours / bare)
        assert document.figures[f"ltrr p99, {clients}"].value > 0


def test_freshness(monkeypatch: pytest.MonkeyPatch):
    """Every click taught something before it was answered, and Kafka is said to be missing."""
    monkeypatch.setattr(freshness, "SECONDS", 0.2)
    monkeypatch.setattr(freshness, "RATES", (100, 500))
    document = freshness.run(rounds=1, queries=10, artists=60)
    check(document, "freshness")
    assert (
        0 < document.figures["embedded p50, 500 clicks/s"].value <= document.figures["embedded p99, 500 clicks/s"].value
    )
    assert any("set LTRR_KAFKA" in note for note in document.notes)


def test_scale(monkeypatch: pytest.MonkeyPatch):
    """All sizes are measured, each in a process of its own, and exponents are drawn through them."""
    monkeypatch.setattr(scale, "ENTITIES", (200, 400))
    monkeypatch.setattr(scale, "PAIRS", (1_000, 20_000))
    monkeypatch.setattr(scale, "ARMS", (4, 8))
    document = scale.run(rounds=1, largest=1_000, queries=4)
    check(document, "scale")
    assert document.figures["memory, 20,000 pairs"].value > 0
    for name in ("resident when serving", "resident on server engines"):
        assert document.figures[f"{name}, 400 entities"].value > 50
    assert {f"decision: exponent in {of}" for of in ("entities", "pairs", "arms")} <= document.figures.keys()


def test_exponents():
    """A cost that grows as the square of the size has 2, whatever the unit; rounds give the interval."""
    found = scale.exponent({10: [3.0, 1.0], 100: [300.0, 1.0], 1_000: [30_000.0, 1.0]})
    assert (found.low, found.high) == (pytest.approx(0.0), pytest.approx(2.0))


def test_startup():
    """Commands end well, and are compared with a Python that does nothing."""
    document = startup.run(rounds=1)
    check(document, "startup")
    assert document.figures["ltrr search / python -c pass"].value > 1
