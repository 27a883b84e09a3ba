"""The arms of the world: what each finds for which type of query, and what it costs."""

from dataclasses import dataclass

import numpy as np

from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.statistics.least_squares import Array

TYPES = ("name", "topic", "mood", "typo", "broad")
SHARES = (0.3, 0.2, 0.2, 0.1, 0.2)
LADDER = (0, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Skill:
    """What an arm finds: each relevant entity with probability `found` by type, about `depth` ranks down its list.

    clone_of: the arm whose lists it repeats. junk: it brings nothing that anyone wants.
    """

    name: str
    calls: int
    found: tuple[float, ...]
    depth: float
    clone_of: str | None = None
    junk: bool = False


SKILLS = (
    Skill("names", 1, (0.65, 0.20, 0.05, 0.20, 0.20), 1.5),
    Skill("topics", 1, (0.15, 0.55, 0.30, 0.10, 0.40), 5.0),
    Skill("meaning", 1, (0.30, 0.45, 0.60, 0.30, 0.40), 7.0),
    Skill("meaning_again", 1, (0.30, 0.45, 0.60, 0.30, 0.40), 7.0, clone_of="meaning"),
    Skill("spelling", 1, (0.35, 0.10, 0.05, 0.60, 0.10), 2.0),
    Skill("popular", 1, (0.30, 0.30, 0.30, 0.20, 0.45), 9.0),
    Skill("memory", 1, (0.45, 0.35, 0.30, 0.25, 0.30), 3.0),
    Skill("dear", 2, (0.50, 0.50, 0.50, 0.45, 0.50), 4.0),
    Skill("worthless", 1, (0.00, 0.00, 0.00, 0.00, 0.00), 1.0, junk=True),
)
_SWITCHED = {"names": "topics", "topics": "spelling", "spelling": "names", "memory": "popular", "popular": "memory"}


def found(phase: int) -> Array:
    """Return the probability that an arm finds a relevant entity, by type; shape (arms, types).

    phase: after an odd number of switches of the world five arms have changed their strengths.
    """
    by_name = {skill.name: skill.found for skill in SKILLS}
    swap = _SWITCHED if phase % 2 else {}
    return np.array([by_name[swap.get(skill.name, skill.name)] for skill in SKILLS])


def world_rules(max_calls: int | None = None) -> PlanRules:
    """Return the rules of plans in the world: five candidates more cost a tenth of a call."""
    arms = tuple(Arm(skill.name, tuple(f"text:{skill.name}{n}" for n in range(skill.calls))) for skill in SKILLS)
    return PlanRules(arms, LADDER, max_calls=max_calls, price_per_candidate=0.02)
