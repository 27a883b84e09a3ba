"""The exploration slot reaches the ranker: what its order would never show is found through it."""

import numpy as np
import pytest

from ltrr.models.plans.placement import Placement
from ltrr.models.ranking.groups import group_of
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.position import log_curve
from ltrr.models.ranking.ranked_page import RankedPage
from ltrr.models.ranking.ranker import Ranker
from ltrr.models.records.impression import Candidate, Impression
from ltrr.models.records.query import Hit
from ltrr.models.retrieval import Retrieval

SIZE = 3
USUAL = tuple(f"usual{n}" for n in range(5))
HIDDEN = tuple(f"hidden{n}" for n in range(2))  # far down the list of an arm that the prior thinks little of
LAYOUT = RankerLayout(("first", "second"), ["first"])
LISTS = {"first": USUAL, "second": (*(f"gone{n}" for n in range(15)), *HIDDEN)}
UNION = (*USUAL, *HIDDEN)


def best(slot_share: float, pages: int = 1_000) -> set[str]:
    """Return what a ranker shows after some pages on which the usual are worth 0.3, and the hidden 0.9."""
    hits = {arm: tuple(Hit(o, 1.0) for o in listed) for arm, listed in LISTS.items()}
    everything = tuple(dict.fromkeys(o for listed in LISTS.values() for o in listed))
    raw = LAYOUT.raw(Retrieval(hits), everything, {})[[everything.index(o) for o in UNION]]
    ranker, curve = Ranker(LAYOUT), log_curve(SIZE)
    rng = np.random.default_rng(0)
    placement = Placement(slot_share, 0.0)
    for number in range(pages):
        ranked = [UNION[row] for row in ranker.rank(raw, {}).order]
        order = placement.order(len(UNION), SIZE, rng)
        place = {ranked[rank]: at for at, rank in enumerate(order[:SIZE])}
        shown = tuple(
            Candidate(o, position=place[o] + 1, explored=o not in ranked[:SIZE], features=tuple(raw[UNION.index(o)]))
            for o in ranked
            if o in place
        )
        page = Impression(str(number), 0.0, "q", "q", feature_names=LAYOUT.names, candidates=shown, curve=curve)
        seen = RankedPage(LAYOUT, page, page.looks(), group_of(page))
        ranker.examine(seen)
        taken = [o for o in seen.rows if rng.random() < curve[place[o]] * (0.9 if o in HIDDEN else 0.3)]
        ranker.act(seen, dict.fromkeys(taken, 1.0), {})
    return {UNION[row] for row in ranker.rank(raw, {}).order[:SIZE]}


@pytest.mark.whole
def test_the_ranker_finds_through_the_slot_what_it_would_never_show():
    """With one page in ten explored, what was hidden is on the page; without, it never comes."""
    assert set(HIDDEN) <= best(slot_share=0.1)
    assert not set(HIDDEN) & best(slot_share=0.0)
