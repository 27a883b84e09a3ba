"""`ltrr bench poison`: its document, that runs learn nothing from each other, and what a move of shares costs."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import pytest

from ltrr.bench import poison
from ltrr.bench.poisoned.attacks import CONTROL, PLANS, SAME_PAGES, clicks_all, nothing
from ltrr.bench.poisoned.runs import World, play, taught
from ltrr.bench.poisoned.worths import disputed, lost
from ltrr.serving.demo.lanes import SharedRetrieval, of_the_query
from ltrr.serving.demo.music import catalogue as music
from ltrr.serving.demo.people.listeners import Listeners
from ltrr.serving.retrieval.opening import open_index
from ltrr.serving.settings.settings import load_settings
from tests.bench.documents import check


@pytest.mark.whole
def test_every_attack_is_compared():
    """Each attack is held against nobody's and against who only searches; targets are for what harms."""
    document = poison.run(seed=3, queries=10)
    check(document, "poison")
    assert document.seeds == [3, 4, 5, 6, 7]
    whats = ("relevance@10 moved", "lost by shares", "believed moved", "share moved")
    against = {f"{name}{beside}" for name in PLANS for beside in ("", f", beside {CONTROL}")}
    same = {f"{name}, same pages" for name in SAME_PAGES if name != CONTROL}
    moved = {f"{what}, {one}" for what in whats for one in same | against - {f"{CONTROL}, beside {CONTROL}"}}
    assert set(document.figures) == {"relevance@10, nobody attacks", "cut, listeners", *moved}
    held = {one for one in against if PLANS[one.removesuffix(f", beside {CONTROL}")].held}
    assert {t.figure for t in document.targets} == {"cut, listeners"} | {
        f"{w}, {one}" for w in whats[:2] for one in held | same
    }
    assert document.figures["cut, listeners"].value == 0.0
    assert document.figures["believed moved, clicks all"].value > 0.0
    assert document.figures[f"believed moved, forges, beside {CONTROL}"].value == 0.0


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
    plans, one = (None, PLANS[CONTROL], PLANS["replays"]), world()
    for plan in plans:
        alone, after = asyncio.run(play(world(), plan)), asyncio.run(play(one, plan))
        assert np.array_equal(alone.believed, after.believed)
        assert np.array_equal(alone.levels, after.levels)
        assert np.array_equal(alone.relevance, after.relevance)


@pytest.mark.whole
def test_what_is_learned_again_is_what_was_learned(world: Callable[[], World]):
    """A log learned again teaches the same, but for rounding, and something else where more is done on its pages."""
    one = world()
    played = asyncio.run(play(one, PLANS[CONTROL]))
    again, clicked = (asyncio.run(taught(one, played, taking)) for taking in (nothing, clicks_all))
    np.testing.assert_allclose(again.believed, played.believed, rtol=1e-9, atol=1e-12)
    assert np.abs(clicked.believed - played.believed).max() > 1e-6
    assert len(clicked.kept) == len(played.kept) + sum(bool(answer.items) for _, answer, _ in played.answers)


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
