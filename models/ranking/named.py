"""What a query names as a whole keeps its place before others until many visitors have preferred one of these.

A word of many names means these before what has it for a value.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.ranker import RankedUnion
from ltrr.models.statistics.least_squares import Array

_WHOLE: Final = "match.whole"
_FIELD: Final = "match.field"
_NAME: Final = "match.name"
_VALUE: Final = "match.value"
_STEP: Final = 1e-6
"""How far what is held back stands behind what is named, and behind what is held back less."""
_CODED: Final = 2
"""How many may have a value that is a code."""
_BEFORE: Final = 3
"""How many names stand before a code."""

Preferred = Callable[[int, int], bool]


def naming(
    layout: RankerLayout,
    raw: Array,
    context: Mapping[str, float],
    ranked: RankedUnion,
    is_preferred: Preferred,
) -> RankedUnion:
    """Return a ranked union in which nothing has passed the best that the query is a name or id of by being learned.

    An entity that the query names as a whole, and that stands before another in the order of retrieval, stays before
    it, whatever memory, clicks or training add to the other, unless this one is preferred: learned scores say what is
    mostly taken of a page, and a name says what is meant. What is held back scores just less than the best of those
    that hold it, in the order that it had; the part `history` of its score loses what that costs.

    raw: the layout's features, shape (candidates, features). is_preferred: (row, row that is named) -> whether enough
    visitors took the one rather than the other.
    """
    named = raw[ranked.order, layout.names.index(_WHOLE)] >= 1.0
    if not named.any() or named[0]:
        return ranked
    places, first = np.flatnonzero(named).tolist(), int(np.argmax(named))
    found, rows = (layout.expand(raw, context) @ layout.retrieval)[ranked.order], ranked.order.tolist()
    scores, held = ranked.scores.copy(), 0
    for place in range(first):
        before = (n for n in places if found[n] > found[place] and not is_preferred(rows[place], rows[n]))
        holding = next(before, None)  # of the best score
        if holding is not None:
            held += 1
            scores[place] = ranked.scores[holding] - held * _STEP
    return _with_scores(ranked, scores, "history")


def worded(
    layout: RankerLayout, raw: Array, ranked: RankedUnion, is_preferred: Preferred, *, of_names: bool = False
) -> RankedUnion:
    """Return a ranked union in which values stand behind the names that have the query, where more have it.

    "dove" asks for what is called a dove before the little auk whose code is DOVE, and "martinez" for those of the name
    before who was born in Martinez. A code is a value that is all of the query, that one or two have: it stands behind
    the first three of these names, any other value behind all. What the query names as a whole is none, and what has it
    in its name, too, stands behind no other name: "pdf" asks for "application/pdf", whose extension is that. The part
    `match` of its score loses what that costs. raw, is_preferred: as in `naming`. of_names: see `Understanding`; where
    it is not told the candidates say it, of a code.
    """
    columns = (raw[ranked.order, layout.names.index(one)] for one in (_FIELD, _NAME, _VALUE, _WHOLE))
    field, name, value, whole = columns
    valued = (value >= 1.0) & ~(whole >= 1.0) & ~(name > 0.0)
    named = (field >= 1.0) & ~valued
    is_code = valued.sum() <= _CODED
    if not named.any() or not (of_names or (is_code and max(valued.sum(), 1) < named.sum())):
        return ranked
    places = np.flatnonzero(named).tolist()
    first, before = places[0], places[: _BEFORE if is_code else None][-1]
    rows, scores = ranked.order.tolist(), ranked.scores.copy()
    held = [place for place in np.flatnonzero(valued[:before]).tolist() if not is_preferred(rows[place], rows[first])]
    scores[: before + 1] += len(held) * _STEP  # before others that tie with the last of them
    for behind, place in enumerate(held, start=1):
        scores[place] = ranked.scores[before] + (len(held) - behind) * _STEP
    return _with_scores(ranked, scores, "match")


def _with_scores(ranked: RankedUnion, scores: Array, group: str) -> RankedUnion:
    """Return a ranked union with other scores, the difference of which is a part of a group."""
    order = np.argsort(-scores, kind="stable")
    groups = dict(ranked.groups)
    if group in groups:
        groups[group] = groups[group] + scores - ranked.scores
    return RankedUnion(
        order=ranked.order[order],
        scores=scores[order],
        estimates=ranked.estimates[order],
        contributions={arm: parts[order] for arm, parts in ranked.contributions.items()},
        groups={group: parts[order] for group, parts in groups.items()},
    )
