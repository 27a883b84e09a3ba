"""How blindly is clicked: on whatever stands anywhere, as scripts do, and not by people who look from the top down.

Whoever looks from the top down clicks further up than chance would, whatever he likes; a blind click falls on all
positions alike. Divided by P(looked at), blind clicks make what stands below look better than what stands above, and
would turn any order.
"""

from typing import Final

import numpy as np

from ltrr.models.ranking.ranked_page import Comparisons
from ltrr.models.statistics.least_squares import Array

BESIDE: Final = 2
"""Sums beside the response of blind clicks."""
_PRIOR_CHANCE: Final = 0.05  # about that of one click on a page of ten: without clicks nobody is blind


def blind_sums(compared: Comparisons, gained: Array) -> Array:
    """Return sums of pages that tell how many of their clicks were blind; shape (pages, columns + BESIDE).

    Of each page what its response would be if all its clicks were blind; how much further down was clicked than by
    people who look and to whom all is worth the same; and the same if all clicks were blind; both in P(looked at),
    weighted by what was gained. gained: by each place of the pages, shape (pages, places).
    """
    looks, inside, total = compared.looks, compared.inside, gained.sum(axis=1)
    counts = inside.sum(axis=1)
    behind = np.where(inside, ((looks * looks).sum(axis=1) / looks.sum(axis=1))[:, None] - looks, 0.0)
    blind = compared.responses(np.where(inside, (total / counts)[:, None], 0.0))
    return np.column_stack([blind, (gained * behind).sum(axis=1), total * behind.sum(axis=1) / counts])


def blind_share(sums: Array) -> float:
    """Return the share of blind clicks: the least at which the others agree with the pages' order as chance would.

    Where people take what stands first, many blind clicks beside theirs are not seen.
    """
    behind, chance = sums[-BESIDE:]
    return float(np.clip(behind / (chance + _PRIOR_CHANCE), 0.0, 1.0))


def seeing(moment: Array, response: Array, sums: Array) -> tuple[Array, Array]:
    """Return moment and response of the weights by which those click who are not blind. sums: of the same pages.

    A page's clicks have the mean (1 - share) x that of the others + share x that of the blind.
    """
    share = blind_share(sums)
    return (1.0 - share) ** 2 * moment, (1.0 - share) * (response - share * sums[:-BESIDE])
