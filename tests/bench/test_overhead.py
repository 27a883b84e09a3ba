"""`ltrr bench overhead` on a handful of searches over a small catalogue."""

import pytest

from ltrr.bench.servers import overhead
from tests.bench.documents import check

pytestmark = pytest.mark.whole


def test_overhead() -> None:
    """Both sides answer, every phase is timed, and the engines are named."""
    document = overhead.run(queries=4, rounds=1, artists=60)
    check(document, "overhead")
    figures = document.figures
    assert figures["bare p50, 1 clients"].value > 0
    assert figures["search p99, 8 clients"].value > 0
    assert figures["search / bare processor, 32 clients"].value > 0
    phases = ("context", "plan", "retrieve", "rank", "log", "respond")
    assert all(figures[f"phase {phase}, mean"].value > 0 for phase in phases)
    assert "qdrant-edge, tantivy" in document.notes[0]
