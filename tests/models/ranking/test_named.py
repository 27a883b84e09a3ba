"""What a query names as a whole: nothing that was learned passes it but for many visitors, and parts still add up."""

import numpy as np
import pytest

from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.named import naming, worded
from ltrr.models.ranking.ranker import RankedUnion, Ranker
from ltrr.models.statistics.least_squares import Array

LAYOUT = RankerLayout(("fulltext", "dense"))
NAMED, OTHER, BARE, ALSO_NAMED = range(4)


def union(**rates: float) -> Array:
    """Return candidates: what is named, two others that share its words, and a second one of the name."""
    raw = np.full((4, len(LAYOUT.names)), np.nan)
    raw[:, LAYOUT.names.index("match.words")] = (1.0, 1.0, 0.8, 1.0)
    raw[:, LAYOUT.names.index("match.whole")] = (1.0, 0.0, 0.0, 1.0)
    raw[:, LAYOUT.names.index("entity.popularity")] = (0.2, 0.2, 0.2, 0.1)
    for number, name in enumerate(("named", "other", "bare", "also")):
        raw[number, LAYOUT.names.index("history.rate")] = rates.get(name, 0.0)
    return raw


def ranked(raw: Array, *preferred: tuple[int, int]) -> RankedUnion:
    """Return the union, as a ranker that nobody taught has it and the memory moves it."""
    return naming(LAYOUT, raw, {}, Ranker(LAYOUT).rank(raw, {}), lambda one, named: (one, named) in preferred)


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_what_is_remembered_of_others_has_a_ceiling(rate: float):
    """They rise up to what is named and no further, in the order that they had; it stands before a second one."""
    found = ranked(union(other=rate, bare=1.5 * rate))
    assert found.order[0] == NAMED
    if rate == 1.0:
        assert found.order.tolist() == [NAMED, BARE, OTHER, ALSO_NAMED]
    assert (np.diff(found.scores) <= 0).all()


def test_a_majority_passes_it():
    """What is preferred to all that are named stands where the score says, what is to one alone behind the other."""
    raw = union(other=1.0)
    assert ranked(raw, (OTHER, NAMED), (OTHER, ALSO_NAMED)).order[0] == OTHER
    assert ranked(raw, (OTHER, NAMED)).order.tolist() == [NAMED, ALSO_NAMED, OTHER, BARE]


def test_the_parts_still_add_up():
    """What holding back costs is a part of what the memory added; all else is as it was."""
    raw = union(other=1.0, bare=0.9)
    free, held = Ranker(LAYOUT).rank(raw, {}), ranked(raw)
    for found in (free, held):
        parts = sum(found.groups.values()) + sum(found.contributions.values())
        assert found.scores - parts == pytest.approx(np.zeros(4), abs=1e-12)
    for name in ("match", "entity"):
        assert held.groups[name][np.argsort(held.order)] == pytest.approx(free.groups[name][np.argsort(free.order)])


def test_what_stood_before_it_on_the_first_day_may_stay():
    """A name is no reason to stand before what answers better: only what was learned has a ceiling."""
    raw = union()
    raw[OTHER, LAYOUT.names.index("entity.popularity")] = 9.0
    assert ranked(raw).order[0] == OTHER


def test_one_of_two_of_a_name_may_be_learned():
    """Which of those that are named alike is meant is for clicks to say."""
    assert ranked(union(also=1.0)).order[:2].tolist() == [ALSO_NAMED, NAMED]


def test_a_query_that_names_nothing_is_ranked_as_it_was():
    """Nothing has a ceiling there."""
    raw = union(other=1.0)
    raw[:, LAYOUT.names.index("match.whole")] = 0.9
    assert ranked(raw).order[0] == OTHER


def coded(*columns: str, codes: int = 1, names: int = 4, of_names: bool = False) -> RankedUnion:
    """Return what a query is the code of, and what has it in the name, as a ranker that nobody taught has them."""
    raw = np.full((codes + names, len(LAYOUT.names)), np.nan)
    for name in ("match.words", "match.field"):
        raw[:, LAYOUT.names.index(name)] = 1.0
    raw[:codes, LAYOUT.names.index("match.value")] = 1.0
    for name in columns:
        raw[:codes, LAYOUT.names.index(name)] = 1.0
    return worded(LAYOUT, raw, Ranker(LAYOUT).rank(raw, {}), lambda *_: "history.rate" in columns, of_names=of_names)


def test_a_word_of_names_means_these_before_what_has_it_for_a_code():
    """The code stands behind the first three of them, and the parts of its score still add up."""
    found = coded()
    assert found.order.tolist() == [1, 2, 3, 0, 4]
    assert found.scores - sum(found.groups.values()) - sum(found.contributions.values()) == pytest.approx(np.zeros(5))


def test_a_word_of_more_names_than_have_it_for_a_value_means_all_these_first():
    """However many of them were found: the catalogue has counted them."""
    assert coded(codes=5, of_names=True).order.tolist() == [5, 6, 7, 8, 0, 1, 2, 3, 4]
    assert coded(codes=5, names=0, of_names=True).order.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "found",
    [
        coded("match.whole"),  # it is named
        coded("match.name"),  # it is called so, too
        coded("history.rate"),  # it is preferred
        coded(names=1),
        coded(codes=3, names=9),  # what several have is a kind
        coded(codes=2, names=2),
    ],
)
def test_what_is_more_than_a_code_stays_first(found: RankedUnion):
    """A kind, a name, what people have preferred, and where names have it no more than codes."""
    assert found.order[0] == 0
