"""Train a ranker on pages with actions, and judge it on later ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ltrr.models.batch_ranking.groups import Comparison, Groups, compare
from ltrr.models.batch_ranking.log import ActedPage
from ltrr.models.errors import InvalidInput
from ltrr.serving.rankers.lambdamart import Grown, Growth, read_scorer, train

LEAST_PAGES: Final = 200
"""Pages with actions below which nothing is trained."""
_SHARES: Final = (0.7, 0.85)  # learn, then stop, then judge


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training. pages: part -> how many it had."""

    grown: Grown
    comparison: Comparison
    pages: Mapping[str, int]


def fit(pages: Sequence[ActedPage], names: tuple[str, ...], growth: Growth) -> Trained:
    """Train on the oldest pages, end by the next, judge by the newest, which the ranker has not seen.

    pages: oldest first. Raises InvalidInput where there are too few, InvalidSettings where LightGBM is missing.
    """
    if len(pages) < LEAST_PAGES:
        message = f"{len(pages)} logged pages of the range have actions, and training needs {LEAST_PAGES}"
        raise InvalidInput(f"{message}: choose a longer range, or wait for more clicks")
    first, second = (int(len(pages) * share) for share in _SHARES)
    learn, stop, judge = pages[:first], pages[first:second], pages[second:]
    grown = train(Groups.of(learn), Groups.of(stop), names, growth)
    scores = read_scorer(grown.text, len(names))(np.concatenate([page.features for page in judge]))
    counts = {"learn": len(learn), "stop": len(stop), "judge": len(judge)}
    return Trained(grown, compare(judge, scores, growth.seed), counts)
