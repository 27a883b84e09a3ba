"""What a move of shares costs, by what listeners think of each arm's list, and how far beliefs have moved."""

import numpy as np

from ltrr.models.statistics.least_squares import Array


def lost(before: Array, after: Array, worths: Array) -> Array:
    """Return what it costs for each query that arms run as often as they do after, and not as before; shape (queries,).

    Arms that are worth the same may change places at no cost. Of all runs of arms as many are counted after as before:
    a share that one arm has lost, others have won. before, after: P(an arm runs), worths: of its list for the query;
    shape (queries, arms).
    """
    moved = after * (before.sum(axis=1, keepdims=True) / after.sum(axis=1, keepdims=True)) - before
    return np.asarray(-(moved * worths).sum(axis=1))


def worth(before: Array, worths: Array) -> float:
    """Return what the lists of arms are worth that run. before: P(an arm runs); shape (queries, arms), as of worths."""
    return float((before * worths).sum() / before.sum())


def disputed(before: Array, after: Array, levels: Array) -> float:
    """Return how far apart two models take the worths of arms to be, summed over arms as often as they run.

    before, after: worth of each level of an arm; levels: P(level); shape (arms, levels).
    """
    return float(np.abs((levels * (after - before)).sum(axis=1)).sum())
