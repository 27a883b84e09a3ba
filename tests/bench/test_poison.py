"""`ltrr bench poison`: its document, that runs learn nothing from each other, and what a move of shares costs."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import pytest

from ltrr.bench import poison
from ltrr.bench.poison import _deciding
from ltrr.bench.poisoned.attacks import ATTACKS, FOR_COMPARISON, Visit, clicks_all, forges, nothing
from ltrr.bench.poisoned.runs import World, cut, play, taught
from ltrr.bench.poisoned.worths import disputed, lost
from ltrr.serving.demo.lanes import SharedRetrieval, of_the_query
from ltrr.serving.demo.music import catalogue as music
from ltrr.serving.demo.people.listeners import Listeners
from ltrr.serving.demo.people.request import Request
from ltrr.serving.retrieval.opening import open_index
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal.bench_document import Figure
from tests.bench.documents import check


@pytest.mark.whole
def test_every_attack_is_compared():
    """Each attack is held on the same pages, and shown in whole runs beside who only searches as often."""
    document = poison.run(seed=3, queries=10, seeds=2)
    check(document, "poison")
    assert document.seeds == [3, 4]
    whole = {f"{name}, whole runs" for name in [*ATTACKS, *(str(visit) for visit, _ in ATTACKS.values())]}
    same = {f"{name}, same pages" for name in ATTACKS | FOR_COMPARISON}
    whats = ("relevance@10 moved", "lost by shares", "share moved at a cost", "believed moved", "share moved")
    moved = {f"{what}, {one}" for what in whats for one in same | whole}
    tell = {f"seeds that would tell, {name}" for name in ATTACKS}
    assert set(document.figures) == {"relevance@10, nobody attacks", "cut, listeners", *moved, *tell}
    held = {
        f"{what}, {name}, same pages" for what in ("relevance@10 moved", "share moved at a cost") for name in ATTACKS
    }
    assert {target.figure for target in document.targets} == {"cut, listeners", *held}
    assert document.figures["cut, listeners"].value == 0.0
    assert document.figures["believed moved, clicks all, same pages"].value > 0.0
    for how in ("same pages", "whole runs"):
        assert document.figures[f"believed moved, forges, {how}"].value < 1e-9


def test_seeds_that_would_tell_make_an_interval_as_narrow_as_the_target():
    """Four times the seeds halve an interval."""
    assert _deciding(Figure(0.0, "relevance", -0.04, 0.04), 5).value == 20.0
    assert _deciding(Figure(1.0, "relevance", 0.98, 1.02), 5).value == 5.0


@pytest.fixture
def world() -> Iterator[Callable[[], World]]:
    """Make worlds of a few listeners, which share an index and nothing else."""
    settings = load_settings(text_deadline_s=60.0, vector_deadline_s=60.0, vector_exact=True, generator=None)
    settings = settings.model_copy(update={"elasticsearch": None, "qdrant": None})
    entities = music.catalogue(np.random.default_rng(0), 50)
    index = open_index(settings, None)
    asyncio.run(index.index(entities))
    requests = list(islice(iter(Listeners(np.random.default_rng(1), entities, 9).next, None), 40))

    def made() -> World:
        retrieval = SharedRetrieval(index, of_the_query(), 20, most=1_000)
        return World(retrieval, None, settings, 0, requests[:30], requests[30:])

    yield made
    index.close()


@pytest.mark.whole
def test_runs_do_not_learn_from_each_other(world: Callable[[], World]):
    """What comes of a run is the same to the last digit where others have been played in its world before."""
    attacks, one = ((None, nothing), (Visit(), nothing), ATTACKS["replays"]), world()
    for visit, deed in attacks:
        alone, after = asyncio.run(play(world(), visit, deed)), asyncio.run(play(one, visit, deed))
        assert np.array_equal(alone.believed, after.believed)
        assert np.array_equal(alone.levels, after.levels)
        assert np.array_equal(alone.relevance, after.relevance)


@pytest.mark.whole
def test_what_is_learned_again_is_what_was_learned(world: Callable[[], World]):
    """A log learned again teaches the same, but for rounding, and something else where more is done on its pages."""
    one = world()
    played = asyncio.run(play(one, Visit()))
    again, clicked, forged = (asyncio.run(taught(one, played, deed)) for deed in (nothing, clicks_all, forges))
    np.testing.assert_allclose(again.believed, played.believed, rtol=1e-9, atol=1e-12)
    assert np.abs(clicked.believed - played.believed).max() > 1e-6
    assert len(clicked.kept) == len(played.kept) + sum(bool(seen.answer.items) for seen in played.seen)
    np.testing.assert_allclose(forged.believed, again.believed, rtol=1e-9, atol=1e-12)
    assert len(forged.kept) > len(again.kept)


def test_searches_beyond_an_allowance_are_cut():
    """Of a listener who asks the same ten times at once, three pages count whole; of ten listeners all do."""
    settings = load_settings(visitor_searches=30.0, visitor_query_searches=3.0)
    same = [Request("love", "user:ann", "", {}, 60.0 * number) for number in range(10)]
    others = [Request("love", f"user:{number}", "", {}, 60.0) for number in range(10)]
    assert cut(same, settings) == pytest.approx(0.7, abs=0.01)
    assert cut(others, settings) == 0.0


def test_a_move_of_shares_costs_what_the_arms_differ_in():
    """Arms of the same worth change places at no cost, a worse one in place of a better one costs the difference."""
    worths = np.array([[1.0, 1.0, 0.4]])
    before = np.array([[0.9, 0.1, 0.5]])
    assert lost(before, np.array([[0.1, 0.9, 0.5]]), worths) == pytest.approx([0.0])
    assert lost(before, np.array([[0.7, 0.1, 0.7]]), worths) == pytest.approx([0.2 * 0.6])
    assert lost(np.array([[0.7, 0.1, 0.7]]), before, worths) == pytest.approx([-0.2 * 0.6])


def test_that_all_arms_run_more_often_costs_nothing():
    """Of all runs of arms as many are counted after as before."""
    before = np.array([[0.4, 0.2], [0.1, 0.3]])
    assert lost(before, 2 * before, np.array([[1.0, 0.3], [0.2, 0.9]])) == pytest.approx([0.0, 0.0])


def test_what_models_disagree_in_counts_as_often_as_it_runs():
    """A level that is not drawn moves nothing, and what one arm gains does not make up for what another loses."""
    before = np.array([[0.0, 0.2, 0.3], [0.0, 0.1, 0.1]])
    after = np.array([[0.0, 0.2, 0.7], [0.0, 0.0, 0.0]])
    assert disputed(before, after, np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])) == 0.0
    assert disputed(before, after, np.array([[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])) == pytest.approx(0.2 + 0.1)
