"""Answers as tables for people."""

import pytest

from ltrr.serving.terminal import tables

NOTE = "* stands here by chance, to learn from: LTRR_EXPLORE_SHARE, LTRR_SWAP_SHARE"


@pytest.mark.parametrize(
    ("scores", "explored", "marked"),
    [
        ([0.5, 0.4, 0.4, 0.1], None, []),
        ([0.4, 0.5, 0.3, 0.1], None, ["1*", "2*"]),
        ([0.5, 0.4, 0.1, 0.3], None, ["3*", "4*"]),
        ([0.5, -1.0, 0.4, 0.3], 2, ["2*"]),
        ([0.5, 0.9, 0.4, 0.3], 2, ["2*"]),
    ],
)
def test_rows_that_chance_has_placed_are_marked(
    capsys: pytest.CaptureFixture[str], scores: list[float], explored: int | None, marked: list[str]
):
    """Neighbours that changed places and what is explored have a mark, which a line below explains."""
    items = [
        {"position": at, "name": "N", "type": "t", "object_id": "o", "score": score, "sources": []}
        | {"explored": at == explored}
        for at, score in enumerate(scores, start=1)
    ]
    answer = {"query_id": "q", "items": items, "plan": [], "policy_version": "v1", "revision": 3, "took_ms": 1.0}
    tables.show(answer | {"degraded": [], "fallback": []}, as_json=False, table=tables.results)
    shown = capsys.readouterr().out
    assert [word for word in shown.split() if word[:-1].isdigit() and word.endswith("*")] == marked
    assert (NOTE in " ".join(shown.split())) == bool(marked)
