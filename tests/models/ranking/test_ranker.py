"""The ranker: it leaves its prior order for reasons alone, positions do not fool it, and rankers add up."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.models.memory.query_memory import GROUPS
from ltrr.models.ranking.groups import group_of
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.position import log_curve
from ltrr.models.ranking.ranked_page import PageRows, RankedPage
from ltrr.models.ranking.ranker import Ranker
from ltrr.models.records.impression import Candidate, Impression
from ltrr.models.records.query import Hit
from ltrr.models.retrieval import Retrieval
from ltrr.models.statistics.least_squares import Array

LAYOUT = RankerLayout(("fulltext", "dense"))
CONTEXT = {"bias": 1.0, "name_exact": 1.0, "memory_known": 1.0}
RETRIEVAL = Retrieval({"fulltext": [Hit("x", 8.0), Hit("y", 6.0)], "dense": [Hit("y", 0.9), Hit("z", 0.3)]})
IDS = ("x", "y", "z")
SIDES = ("name_like", "not name_like")


def column(name: str) -> int:
    """Return the place of a raw feature."""
    return LAYOUT.names.index(name)


def page(
    query_id: str,
    raw: Array,
    curve: tuple[float, ...],
    context: dict[str, float] | None = None,
    visitor: str | None = None,
) -> RankedPage:
    """Return a page that shows rows of features in their order."""
    candidates = tuple(
        Candidate(f"e{row}", position=row + 1, features=tuple(values)) for row, values in enumerate(raw.tolist())
    )
    impression = Impression(
        *(query_id, 0.0, "q", "q"),
        client_id=visitor,
        context=context or {},
        feature_names=LAYOUT.names,
        candidates=candidates,
        curve=curve,
    )
    return RankedPage(LAYOUT, impression, impression.looks(), group_of(impression))


def act(ranker: Ranker, shown: RankedPage, rows: Sequence[int], value: float = 1.0) -> None:
    """Learn that entities in rows of a page gained a value, one after the other."""
    before: dict[str, float] = {}
    for row in rows:
        now = {**before, f"e{row}": value}
        ranker.act(shown, now, before)
        before = now


def filled(values: Array, name: str = "entity.quality") -> Array:
    """Return raw features that are missing but for one."""
    raw = np.full((len(values), len(LAYOUT.names)), np.nan)
    raw[:, column(name)] = values
    return raw


def test_raw_features_are_missing_where_an_arm_brought_nothing():
    """Each source has its gain, share and score; an entity that an arm did not bring has none of them."""
    raw = LAYOUT.raw(RETRIEVAL, IDS, {"history.rate": {"z": 0.5, "stranger": 0.9}})
    at = column("fulltext.gain")
    np.testing.assert_allclose(raw[:2, at], [1.0, 1 / np.log2(3)])
    np.testing.assert_allclose(raw[:2, at + 1], [1.0, 0.75])
    np.testing.assert_allclose(raw[:2, at + 2], np.log1p([8.0, 6.0]) / 3)
    assert np.isnan(raw[2, at : at + 3]).all()
    assert raw[2, column("history.rate")] == 0.5
    assert np.isnan(raw[:2, column("history.rate")]).all()


def test_missing_is_not_zero():
    """A value of 0 and no value are different inputs, and the ranker can learn that they are worth different things."""
    zero, missing = filled(np.zeros(1), "history.rate"), np.full((1, len(LAYOUT.names)), np.nan)
    assert not np.array_equal(LAYOUT.expand(zero, {}), LAYOUT.expand(missing, {}))
    ranker = Ranker(LAYOUT)
    both = np.concatenate([zero, missing])
    for number in range(200):
        shown = page(f"q{number}", both, (1.0, 1.0))
        ranker.examine(shown)
        if number % 4:
            act(ranker, shown, [1])
    ranked = ranker.rank(both, {})
    assert ranked.order.tolist() == [1, 0]
    assert ranked.estimates == pytest.approx([0.75, 0.0], abs=0.05)


def pages(policy: Callable[[Array], Array], count: int = 1500) -> Iterator[tuple[RankedPage, list[int]]]:
    """Yield pages of five entities of known worth and the rows that were clicked. policy: worth -> order."""
    rng = np.random.default_rng(7)
    curve = (1.0, 0.5, 0.3, 0.15, 0.1)
    for number in range(count):
        worth = rng.uniform(0.0, 0.8, 5)
        order = policy(worth + rng.normal(0, 0.1, 5))
        shown = page(f"q{number}", filled(worth[order]), curve)
        yield shown, [row for row in range(5) if rng.random() < curve[row] * worth[order][row]]


@pytest.mark.parametrize("policy", [np.argsort, lambda worth: np.argsort(-worth)], ids=["worst_first", "best_first"])
def test_positions_do_not_fool_it(policy: Callable[[Array], Array]):
    """Where the worst stands on top and gets most looks, the same order and calibrated values are learned."""
    ranker = Ranker(LAYOUT, most_gain=math.inf)
    for shown, clicked in pages(policy):
        ranker.examine(shown)
        act(ranker, shown, clicked)
    worth = np.array([0.1, 0.7, 0.4])
    ranked = ranker.rank(filled(worth), {})
    assert ranked.order.tolist() == [1, 2, 0]
    np.testing.assert_allclose(ranked.estimates, [0.7, 0.4, 0.1], atol=0.1)


def test_contributions_are_what_the_score_loses_without_the_arm():
    """Score minus an arm's contribution = the score of the same candidates had the arm not brought them."""
    rng = np.random.default_rng(2)
    ranker = Ranker(LAYOUT)
    for sums in (ranker.pair, ranker.point):
        rows = rng.normal(size=(50, len(LAYOUT.columns)))
        sums.add(rows.T @ rows, np.arange(GROUPS), rng.normal(size=sums.said.shape))
    raw = LAYOUT.raw(RETRIEVAL, IDS, {"history.rate": {"y": 0.5}, "entity.quality": dict.fromkeys(IDS, 0.4)})
    ranked = ranker.rank(raw, CONTEXT)
    for arm in LAYOUT.arms:
        lists = {other: hits for other, hits in RETRIEVAL.lists.items() if other != arm}
        without = LAYOUT.raw(
            Retrieval(lists), IDS, {"history.rate": {"y": 0.5}, "entity.quality": dict.fromkeys(IDS, 0.4)}
        )
        expected = (LAYOUT.expand(without, CONTEXT) @ ranker.weights)[ranked.order]
        np.testing.assert_allclose(ranked.scores - ranked.contributions[arm], expected, rtol=1e-9, atol=1e-12)


def test_cold_ranker_fuses_ranks():
    """Before any event, what two arms bring high stands above what one brings low; ties keep their order."""
    raw = LAYOUT.raw(RETRIEVAL, IDS, {})
    ranked = Ranker(LAYOUT).rank(raw, {})
    assert ranked.order.tolist() == [1, 0, 2]
    assert ranked.scores.tolist() == sorted(ranked.scores.tolist(), reverse=True)
    assert Ranker(LAYOUT).rank(np.full((3, len(LAYOUT.names)), np.nan), {}).order.tolist() == [0, 1, 2]
    assert Ranker(LAYOUT).rank(raw[:0], {}).order.tolist() == []


def test_merged_rankers_are_one():
    """Rankers of parts of the pages add up to the ranker of all, an empty part too."""
    whole, parts = Ranker(LAYOUT), [Ranker(LAYOUT) for _ in range(3)]
    for number, (shown, clicked) in enumerate(pages(np.argsort, 60)):
        for ranker in (whole, parts[number % 2]):
            ranker.examine(shown)
            act(ranker, shown, clicked)
    for merged in (parts[0] + parts[1] + parts[2], parts[2] + parts[1] + parts[0]):
        np.testing.assert_allclose(merged.weights, whole.weights, rtol=1e-9, atol=1e-12)
        design = LAYOUT.expand(filled(np.array([0.2, 0.8])), {})
        np.testing.assert_allclose(merged.estimates(design), whole.estimates(design), rtol=1e-9, atol=1e-12)


def test_features_of_another_layout_are_matched_by_name():
    """Features logged under other arms are read by name; what was not logged is missing."""
    candidates = (Candidate("x", position=1, features=(0.3, 0.9)),)
    names = ("entity.quality", "retired.gain")
    impression = Impression("q", 0.0, "q", "q", feature_names=names, candidates=candidates, curve=(1.0,))
    shown = RankedPage(LAYOUT, impression, impression.looks(), group_of(impression))
    np.testing.assert_array_equal(PageRows(LAYOUT, [shown]).design, LAYOUT.expand(filled(np.array([0.3])), {}))


def test_wild_features_are_cut():
    """Finite but absurd inputs leave sums and weights finite."""
    ranker = Ranker(LAYOUT)
    ranker.examine(page("q", filled(np.array([1e300, 0.5])), log_curve(2), {"name_exact": 1e300}))
    assert np.isfinite(ranker.weights).all()


@pytest.mark.parametrize("arms", [("history",), ("a", "a.b")], ids=["free_group", "prefix"])
def test_ambiguous_arm_names_are_refused(arms: tuple[str, ...]):
    """An arm whose columns could be taken for others' is refused."""
    with pytest.raises(InvalidSettings):
        RankerLayout(arms)


def test_who_has_all_words_stands_above_who_has_one_of_them_in_the_name():
    """At the start that holds even where every arm has found the latter first, by the one word."""
    layout = RankerLayout(("fulltext", "fuzzy", "structured"))
    by_name, by_words = Hit("named", 16.6), Hit("worded", 14.8)
    found = Retrieval(
        {"fulltext": [by_name, by_words], "fuzzy": [Hit("named", 0.4)], "structured": [Hit("named", 0.3)]}
    )
    match = {"match.words": {"named": 0.42, "worded": 1.0}, "match.name": {"named": 0.62, "worded": 0.0}}
    ranked = Ranker(layout).rank(layout.raw(found, ("named", "worded"), match), {})
    assert ranked.order.tolist() == [1, 0]


def lists(*clicked: int, pages: int = 300) -> Ranker:
    """Return a ranker that has seen pages of one union, of which some rows were taken, the same on every page."""
    ranker = Ranker(LAYOUT)
    raw = LAYOUT.raw(RETRIEVAL, IDS, {"match.words": {"x": 1.0, "y": 0.5, "z": 0.5}})
    for number in range(pages):
        shown = page(f"q{number}", raw, log_curve(3))
        ranker.examine(shown)
        act(ranker, shown, clicked, 0.5)
    return ranker


def test_pages_without_an_action_change_no_order():
    """They lower the estimates; the weights of the order stay as they were, to the bit."""
    quiet, told = lists(), lists(0, pages=30)
    np.testing.assert_array_equal(quiet.weights, LAYOUT.prior)
    raw = LAYOUT.raw(RETRIEVAL, IDS, {"match.words": {"x": 1.0, "y": 0.5, "z": 0.5}})
    before, estimates = told.weights.copy(), told.rank(raw, {}).estimates
    for number in range(300):
        told.examine(page(f"silent{number}", raw, log_curve(3)))
    np.testing.assert_array_equal(told.weights, before)
    assert told.rank(raw, {}).estimates[0] < estimates[0] / 2


def test_what_confirms_the_order_makes_it_steeper_and_turns_it_nowhere():
    """Where the best by the prior is taken each time, unions that were never seen keep their order."""
    ranker = Ranker(LAYOUT)
    rng = np.random.default_rng(0)

    def union() -> Array:
        free = {name: dict(zip(IDS, rng.random(3).tolist(), strict=True)) for name in ("match.words", "match.name")}
        return LAYOUT.raw(RETRIEVAL, IDS, free)

    for number in range(200):
        raw = union()
        shown = page(f"q{number}", raw, log_curve(3))
        ranker.examine(shown)
        act(ranker, shown, [int(Ranker(LAYOUT).rank(raw, {}).order[0])])
    assert float(ranker.weights @ LAYOUT.prior) > float(LAYOUT.prior @ LAYOUT.prior)
    fresh = [union() for _ in range(200)]
    firsts = [(ranker.rank(raw, {}).order[0], Ranker(LAYOUT).rank(raw, {}).order[0]) for raw in fresh]
    assert np.mean([one == other for one, other in firsts]) > 0.9


@pytest.mark.parametrize("seed", range(20))
def test_a_better_rank_never_lowers_a_score(seed: int):
    """Whatever was learned, and in whatever context, more gain, share or match is worth no less."""
    rng = np.random.default_rng(seed)
    ranker = Ranker(LAYOUT)
    for number in range(40):
        raw = rng.random((5, len(LAYOUT.names)))
        shown = page(f"q{number}", raw, log_curve(5), {"name_exact": rng.random(), "attribute_exact": rng.random()})
        ranker.examine(shown)
        act(ranker, shown, [int(raw[:, column("fulltext.gain")].argmin())])
    raw = rng.random((1, len(LAYOUT.names)))
    for context in ({}, CONTEXT, {"name_exact": 0.4, "attribute_exact": 0.9}):
        score = ranker.rank(raw, context).scores[0]
        for name in ("fulltext.gain", "fulltext.share", "dense.gain", "match.words", "match.name", "history.rate"):
            better = raw.copy()
            better[0, column(name)] += 0.3
            assert ranker.rank(better, context).scores[0] >= score - 1e-9, name


@pytest.mark.whole
@pytest.mark.parametrize(("people", "blind"), [(0, 300), (0, 3_000), (100, 300), (300, 3_000)])
def test_blind_clicks_turn_no_order(people: int, blind: int):
    """One click anywhere on each page says nothing, alone or after people who have confirmed the order."""
    ranker, rng = Ranker(LAYOUT), np.random.default_rng(1)

    def union() -> Array:
        raw = np.full((10, len(LAYOUT.names)), np.nan)
        raw[:, column("match.words")] = np.sort(rng.random(10))[::-1]
        for name in ("fulltext.gain", "dense.gain", "entity.popularity", "entity.quality", "history.rate"):
            raw[:, column(name)] = rng.random(10)
        return raw[Ranker(LAYOUT).rank(raw, {}).order]

    for number in range(people + blind):
        shown = page(f"q{number}", union(), log_curve(10))
        ranker.examine(shown)
        act(ranker, shown, [0 if number < people else int(rng.integers(10))], 0.5)
    exact = np.full((10, len(LAYOUT.names)), np.nan)
    exact[:, column("match.words")] = np.linspace(0.1, 1.0, 10)
    assert ranker.rank(exact, {}).order[0] == 9
    asked = [union() for _ in range(200)]
    assert np.mean([ranker.rank(raw, {}).order[0] < 3 for raw in asked]) > 0.9


def test_who_takes_everything_outweighs_nobody():
    """A tenth of all pages, of which everything is taken, does not turn the order that the others confirm."""
    ranker = Ranker(LAYOUT)
    raw = LAYOUT.raw(RETRIEVAL, IDS, {"match.words": {"x": 1.0, "y": 0.5, "z": 0.2}})
    for number in range(300):
        shown = page(f"q{number}", raw, log_curve(3))
        ranker.examine(shown)
        if number % 10 == 0:
            act(ranker, shown, [0, 1, 2])
        elif number % 3 == 0:
            act(ranker, shown, [0], 0.5)
    assert ranker.rank(raw, {}).order.tolist() == [0, 1, 2]


@pytest.mark.parametrize("people", [None, "ann"], ids=["nobody_known", "all_known"])
def test_one_visitor_turns_no_order(people: str | None):
    """Who buys the last of a third of all pages turns the order under many ids, and not under one; nor estimates."""
    raw, both = filled(np.linspace(1.0, 0.0, 5)), filled(np.array([1.0, 0.0]))
    one, many, nobody = Ranker(LAYOUT), Ranker(LAYOUT), Ranker(LAYOUT)
    for number in range(90):
        buys = number % 3 == 0
        for ranker, visitor in ((one, "bot"), (many, f"bot{number}"), (nobody, None)):
            if not buys or ranker is not nobody:
                shown = page(
                    f"q{number}", raw, log_curve(5), visitor=visitor if buys else people and f"{people}{number}"
                )
                ranker.examine(shown)
                act(ranker, shown, [4 if buys else number % 2], 1.0 if buys else 0.5)
    assert [ranker.rank(both, {}).order[0] for ranker in (one, many, nobody)] == [0, 1, 0]
    of_one, of_many, of_nobody = (ranker.estimates(LAYOUT.expand(both, {})) for ranker in (one, many, nobody))
    assert np.abs(of_one - of_nobody).max() < 0.25 * np.abs(of_many - of_nobody).max()


def test_pages_taken_as_a_whole_change_no_order():
    """Who takes everything on every page says nothing of what is better than what, in whatever order they take it."""
    whole = lists(0, 2, 1, pages=100)
    np.testing.assert_allclose(whole.weights, LAYOUT.prior, atol=1e-12)


def test_pages_that_agree_with_retrieval_teach_nothing_else():
    """Where what stands far in front is taken, the weights stay as they are, though half of them would have told."""
    ranker = Ranker(LAYOUT)
    raw = np.zeros((4, len(LAYOUT.names)))
    raw[0, [column("match.words"), column("match.whole"), column("fulltext.share")]] = 1.0
    raw[1:, column("match.words")] = 0.5, 0.4, 0.3
    for number in range(300):
        act(ranker, page(f"q{number}", raw, log_curve(4)), [0])
    np.testing.assert_allclose(ranker.weights, LAYOUT.prior, rtol=1e-9, atol=1e-9)


def test_a_few_clicks_on_what_an_arm_brings_turn_no_name():
    """Two visitors take one that an arm has first; another query's misspelt name stays before those of the same arm."""
    ranker = Ranker(LAYOUT)
    taken = np.zeros((6, len(LAYOUT.names)))
    taken[:, column("match.words")] = 0.8, 0.82, 0.81, 0.8, 0.79, 0.78
    taken[0, column("dense.gain")] = 1.0
    asked = np.zeros((2, len(LAYOUT.names)))
    asked[:, column("match.words")] = 0.8, 0.7
    asked[1, column("dense.gain")] = 1.0
    for number in range(2):
        act(ranker, page(f"q{number}", taken, log_curve(6)), [0])
    assert ranker.rank(asked, {}).order.tolist() == [0, 1]
    for number in range(2, 200):
        act(ranker, page(f"q{number}", taken, log_curve(6)), [0])
    assert ranker.rank(asked, {}).order.tolist() == [1, 0]


def test_what_one_kind_of_query_teaches_leaves_the_other_in_order():
    """After names alone, all found by being one, words of descriptions still order what has none of the names."""
    ranker, rng = Ranker(LAYOUT), np.random.default_rng(4)
    for number in range(300):
        raw = np.zeros((5, len(LAYOUT.names)))
        raw[:, column("match.words")] = 1.0, *rng.uniform(0.5, 0.9, 4)
        raw[0, column("match.name")] = 1.0
        raw[rng.integers(1, 5), column("fulltext.share")] = 1.0
        act(ranker, page(f"q{number}", raw, log_curve(5)), [0])
    described = np.zeros((2, len(LAYOUT.names)))
    described[:, column("match.words")] = 1.0, 0.7
    described[1, column("dense.share")] = 1.0
    assert ranker.rank(described, {}).order.tolist() == [0, 1]
    assert ranker.weights[LAYOUT.columns.index("match.words:not name_like")] > 0.8


def test_what_is_learned_of_descriptions_leaves_names():
    """Clicks on neighbours, where nothing reads as a name, change weights of matches there, and hardly any other."""
    ranker, rng = Ranker(LAYOUT), np.random.default_rng(4)
    for number in range(300):
        raw = np.zeros((5, len(LAYOUT.names)))
        raw[:, column("match.words")] = 0.8, 0.9, *rng.uniform(0.3, 0.7, 3)
        raw[0, column("match.shingles")] = 1.0
        act(ranker, page(f"q{number}", raw, log_curve(5)), [0])
    rows = {side: [LAYOUT.columns.index(f"match.{of}:{side}") for of in ("words", "shingles")] for side in SIDES}
    moved = {side: np.abs(ranker.weights[rows[side]] / LAYOUT.prior[rows[side]] - 1) for side in SIDES}
    assert moved["not name_like"].max() > 3 * moved["name_like"].max()


def test_arms_that_are_not_trusted_come_last():
    """Before anything is learned, what only an arm outside the baseline found stands behind all of the baseline's."""
    layout = RankerLayout(("fulltext", "dense"), ["fulltext"])
    far = Retrieval({"fulltext": [Hit(f"f{n}", 9.0 - n) for n in range(9)], "dense": [Hit("d0", 0.9), Hit("d1", 0.8)]})
    ids = (*(f"f{n}" for n in range(9)), "d0", "d1")
    assert Ranker(layout).rank(layout.raw(far, ids, {}), {}).order.tolist() == list(range(11))


def compared(design: Array, looks: Array) -> list[list[tuple[float, Array]]]:
    """Return, of each row, P(looked at) of each row of the page, and how the two differ, in steps of the prior."""
    scores = design @ LAYOUT.prior
    return [
        [
            (look, (row - other) / max(0.2, abs(score - of_other)))
            for look, other, of_other in zip(looks, design, scores, strict=True)
        ]
        for row, score in zip(design, scores, strict=True)
    ]


@pytest.mark.parametrize("read_every", [1, 5, 1000])
def test_what_waits_is_learned_as_page_by_page(read_every: int):
    """Pages of several queries, examined, weighed more and acted on in any order, give the sums over their ends."""
    rng, ranker = np.random.default_rng(9), Ranker(LAYOUT)
    raw = [rng.random((int(rng.integers(1, 6)), len(LAYOUT.names))) for _ in range(12)]
    shown = [
        page(f"q{n}", rows, log_curve(5), {"name_exact": n / 12, "memory_known": 1.0}) for n, rows in enumerate(raw)
    ]
    ends: list[tuple[float, dict[str, float]]] = [(0.0, {}) for _ in raw]
    for turn in range(60):
        at = int(rng.integers(len(raw)))
        weight, values = ends[at]
        if turn % 2:
            ranker.examine(shown[at], 0.1)
            ends[at] = weight + 0.1, values
        else:
            more = {**values, f"e{rng.integers(len(raw[at]))}": float(rng.choice([0.5, 1.0]))}
            ranker.act(shown[at], more, values, 0.5)
            ends[at] = weight, more
        if turn % read_every == 0:
            assert ranker.weights.shape
    point, pair = Ranker(LAYOUT).point, Ranker(LAYOUT).pair
    for one, rows, (weight, values) in zip(shown, raw, ends, strict=True):
        looks = np.array(log_curve(len(rows)))
        design = LAYOUT.expand(rows, one.impression.context)
        gained = np.array([values.get(f"e{row}", 0.0) for row in range(len(rows))])
        counted, taken = gained / max(1.0, gained.sum()), int((gained > 0).sum())
        tells = (len(rows) - taken) / (len(rows) - 1) if taken and len(rows) > 1 else 0.0
        better = compared(design, looks / looks.sum())
        lower = looks @ looks / looks.sum() - looks
        taught = [(gain, look, d) for gain, of in zip(counted, better, strict=True) for look, d in of]
        told = 0.5 * tells
        group = [one.group]
        said = np.array([[*(0.5 * counted @ design), weight * looks.sum()]])
        point.add((design.T * (weight * looks)) @ design, group, said)
        blind = told * counted.mean() * sum(look * d for of in better for look, d in of)
        behind = told * float(counted @ lower), told * counted.sum() * float(lower.mean())
        response = told * sum(gain * look * d for gain, look, d in taught)
        said = np.array([[*response, told * counted.sum(), *blind, *behind]])
        pair.add(told * sum(gain * look * np.outer(d, d) for gain, look, d in taught), group, said)
    for mine, plain in ((ranker.point, point), (ranker.pair, pair)):
        np.testing.assert_allclose(mine.moment, plain.moment, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(mine.said, plain.said, rtol=1e-9, atol=1e-12)


def test_what_is_served_is_solved_anew_after_all_that_changes_it():
    """After each page and action, asked for or not, order and estimates are those of a ranker with the same sums."""
    rng, ranker = np.random.default_rng(3), Ranker(LAYOUT)
    for number in range(12):
        shown = page(f"q{number}", filled(rng.random(4)), log_curve(4))
        ranker.examine(shown)
        if number % 3 == 0:
            act(ranker, shown, [number % 4])
        if number % 2:
            fresh = Ranker(LAYOUT)
            fresh.restore(ranker.point, ranker.pair)
            design = LAYOUT.expand(filled(rng.random(4)), CONTEXT)
            np.testing.assert_array_equal(ranker.weights, fresh.weights)
            np.testing.assert_array_equal(ranker.estimates(design), fresh.estimates(design))
