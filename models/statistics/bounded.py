"""Least squares in which some weights are not below 0."""

import numpy as np
from numpy.typing import NDArray

from ltrr.models.statistics.least_squares import Array

_MOST_STEPS = 200
_PATIENCE = 3
_TINY = 1e-12


def solve_rising(precision: Array, response: Array, rising: NDArray[np.bool_]) -> Array:
    """Return the w that minimises w' precision w / 2 - response' w with w >= 0 where `rising`.

    precision: symmetric and positive definite, shape (d, d); response, rising: shape (d,). Whole blocks of weights
    change sides while that leaves fewer wrong ones, then one at a time, which always ends.
    Source: block principal pivoting, Júdice and Pires 1994.
    """
    free = np.ones(len(response), dtype=bool)
    fewest, patience = len(response) + 1, _PATIENCE
    weights = np.zeros(len(response))
    for _step in range(_MOST_STEPS):
        weights[:] = 0.0
        kept = np.flatnonzero(free)
        weights[kept] = np.linalg.solve(precision[np.ix_(kept, kept)], response[kept])
        slope = precision @ weights - response
        wrong = np.flatnonzero(rising & ((free & (weights < -_TINY)) | (~free & (slope < -_TINY))))
        if not len(wrong):
            break
        if len(wrong) < fewest:
            fewest, patience = len(wrong), _PATIENCE
        elif patience:
            patience -= 1
        else:
            wrong = wrong[-1:]
        free[wrong] = ~free[wrong]
    return np.where(rising, np.maximum(weights, 0.0), weights)
