"""Peers of `ltrr bench regret`, with the knobs that earned most on worlds apart from those that the bench plays.

Searched were, over 12,000 queries in the worlds of seeds 100 and 101, free and under a cap of two calls, and the best
of each cap is taken:

- LinUCB, LinTS: alpha or v of 0.01, 0.03, 0.1, 0.3, 1; precision of the prior 0.3, 1, 3;
- SquareCB, CCB: gamma_scale 10, 100, 1000; gamma_exponent 0.25, 0.5;
- RND: 1 and 3 predictors with epsilon 0.01 and 0.05; 3 of them with epsilon 0 and rnd_alpha 0.3;
- Cover: 2, 4 and 8 policies with psi 0.01, 0.1 and 1; 4 of them with psi 0.1 and nounif;
- of single arms and CCB the learning rates 0.1, 0.5, 2. Vowpal Wabbit by arm, the slowest, was searched in one world.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from ltrr.bench.peers.textbook import Knobs, LinearByArms, LinearSingle
from ltrr.bench.peers.vowpal import VowpalByArms, VowpalCcb, VowpalSingle
from ltrr.bench.world.play import Player
from ltrr.models.plans.plan import PlanRules

SINGLE: Final = "on single arms"
_BY_ARM: Final = "by arm with our credit"

Maker = Callable[[PlanRules, float, int], Player]

_ALONE: Final[Mapping[str, Maker]] = {
    "LinUCB": partial(LinearSingle, knobs=Knobs("ucb", 0.3, 0.3)),
    "LinTS": partial(LinearSingle, knobs=Knobs("ts", 0.3, 3.0)),
    "Vowpal Wabbit SquareCB": partial(
        VowpalSingle, explorer="--squarecb --gamma_scale 1000 --gamma_exponent 0.25 -l 2"
    ),
    "Vowpal Wabbit RND": partial(VowpalSingle, explorer="--rnd 3 --epsilon 0 --rnd_alpha 0.3"),
    "Vowpal Wabbit Cover": partial(VowpalSingle, explorer="--cover 4 --psi 0.1 --nounif"),
}
_LINEAR: Final = {
    "free": {"LinUCB": Knobs("ucb", 0.01, 1.0), "LinTS": Knobs("ts", 0.01, 0.3)},
    "two calls": {"LinUCB": Knobs("ucb", 0.3, 1.0), "LinTS": Knobs("ts", 0.1, 1.0)},
}
_VOWPAL: Final = {
    "free": {
        "SquareCB": "--squarecb --gamma_scale 1000 --gamma_exponent 0.5",
        "RND": "--rnd 1 --epsilon 0.05",
        "Cover": "--cover 4 --psi 0.01",
    },
    "two calls": {
        "SquareCB": "--squarecb --gamma_scale 100 --gamma_exponent 0.25",
        "RND": "--rnd 3 --epsilon 0 --rnd_alpha 0.3",
        "Cover": "--cover 4 --psi 0.1 --nounif",
    },
}
_CCB: Final = {
    "free": "--squarecb --gamma_scale 100 --gamma_exponent 0.5 -l 2",
    "two calls": "--squarecb --gamma_scale 10 --gamma_exponent 0.25 -l 2",
}


def peers(cap: str, estimate_looks: float) -> dict[str, Maker]:
    """Return who plays under a cap, by name. estimate_looks: of our credit, which those by arm learn."""
    made = {f"{name} {SINGLE}": maker for name, maker in _ALONE.items()}
    for name, knobs in _LINEAR[cap].items():
        made[f"{name} {_BY_ARM}"] = partial(LinearByArms, estimate_looks=estimate_looks, knobs=knobs)
    for name, explorer in _VOWPAL[cap].items():
        made[f"Vowpal Wabbit {name} {_BY_ARM}"] = partial(
            VowpalByArms, estimate_looks=estimate_looks, explorer=explorer
        )
    made["Vowpal Wabbit CCB"] = partial(VowpalCcb, explorer=_CCB[cap])
    return made
