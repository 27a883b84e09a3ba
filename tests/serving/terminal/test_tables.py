"""Answers as tables for people."""

import pytest

from ltrr.serving.terminal import tables

READ = {"sort": "relevance", "hints": [], "understanding": {"ranges": {}}}
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
    tables.show(answer | {"degraded": [], "fallback": [], **READ}, as_json=False, table=tables.results)
    shown = capsys.readouterr().out
    assert [word for word in shown.split() if word[:-1].isdigit() and word.endswith("*")] == marked
    assert (NOTE in " ".join(shown.split())) == bool(marked)


def test_bounds_orders_and_hints_stand_below_results(capsys: pytest.CaptureFixture[str]):
    """As they were read in the words."""
    item = {"position": 1, "name": "N", "type": "t", "object_id": "o", "score": 1.2, "sources": [], "explored": False}
    plan = {"plan": [], "policy_version": "v1", "revision": 3, "took_ms": 1.0, "degraded": [], "fallback": []}
    read = {"sort": "-price", "hints": ["a hint"], "understanding": {"ranges": {"price": {"gte": 1.0, "lt": 20.0}}}}
    tables.show({"query_id": "q", "items": [item], **plan, **read}, as_json=False, table=tables.results)
    shown = " ".join(capsys.readouterr().out.split())
    assert "only price >= 1 and price < 20 sorted by -price a hint" in shown


def test_what_was_added_to_a_score_is_explained(capsys: pytest.CaptureFixture[str]):
    """Where it was asked for what added most stands first; else there is no column."""
    item = {"position": 1, "name": "N", "type": "t", "object_id": "o", "score": 1.2, "sources": [], "explored": False}
    told = {"contributions": {"fuzzy": 0.1, "dense": 0.0}, "groups": {"match": 1.15, "entity": -0.05}}
    plan = {"plan": [], "policy_version": "v1", "revision": 3, "took_ms": 1.0, "degraded": [], "fallback": [], **READ}
    for parts in (told, {}):
        tables.show({"query_id": "q", "items": [item | parts], **plan}, as_json=False, table=tables.results)
        words = capsys.readouterr().out.split()
        assert [word for word in words if word in {"match", "fuzzy", "entity", "dense"}] == (
            ["match", "fuzzy", "entity"] if parts else []
        )
        assert ("+1.150" in words, "added" in words) == (bool(parts), bool(parts))


def test_a_policy_says_that_decayed_weights_are_no_counts(capsys: pytest.CaptureFixture[str]):
    """The column of arms has its own name beside the number of decisions, and a line below says what it is."""
    beside = {"plan": {}, "difference": None, "share": 0.0, "doubt": "no page yet"}
    beside |= {"unlearned": {name: beside[name] for name in ("difference", "doubt")}}
    arm = {"arm": "fulltext", "observations": 3.4, "mean_credit": 0.1, "probabilities": [1.0]}
    answer = {"active": "v1", "mode": "online", "policy": "igw", "decisions": 5, "revision": 9, "ladder": [0]}
    answer |= {"engagement": {"rate": 0.5}, "shadow": None, "shadow_trouble": None, "forgetting": {"changes": []}}
    tables.show(
        answer | {"baseline": beside, "arms": [arm], "positions": [], "lately": []}, as_json=False, table=tables.policy
    )
    shown = " ".join(capsys.readouterr().out.split())
    assert "observations" not in shown
    assert "decayed weight: of the decisions that taught the arm, as it ran and its engine answered; no count" in shown
    assert "for a query of which nothing is understood or remembered" in shown
    assert "what runs of late is not known" in shown
    lately = [
        {"kind": "all", "searches": 1200, "shares": [[0.25]]},
        {"kind": "topic", "searches": 40, "shares": [[0.9]]},
    ]
    tables.show(
        answer | {"baseline": beside, "arms": [arm], "positions": [], "lately": lately},
        as_json=False,
        table=tables.policy,
    )
    shown = " ".join(capsys.readouterr().out.split())
    assert "all: 1,200" in shown
    assert "75% │ 10%" in shown
    assert shown.index("75%") < shown.index("decayed weight"), "the first number is of what was run"


def test_a_name_that_is_the_id_stands_once(capsys: pytest.CaptureFixture[str]):
    """In the memory of a query each entity has its name and its id, once where they are the same."""
    counts = dict.fromkeys(("actions", "examinations", "near_actions", "near_examinations"), 0.0)
    pair = {"origin": "actions", "near_query": None, "score": 0.5, "predicted": 0.0, **counts}
    named = [{"name": name, "object_id": of, **pair} for name, of in (("tar", "tar"), ("Gzip", "gzip-1"))]
    answer = {"query": "pack", "prior": 4.0, "arms": [], "pairs": named}
    tables.show(answer, as_json=False, table=tables.pairs)
    shown = capsys.readouterr().out.split()
    assert [shown.count(word) for word in ("tar", "Gzip", "gzip-1")] == [1, 1, 1]
