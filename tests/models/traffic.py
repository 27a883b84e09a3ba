"""Traffic that a real policy decided: a fold learns it as it goes, and it can be read again by others."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ltrr.models.learning.fold import Fold
from ltrr.models.plans.plan import PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import Policy, PolicyOptions
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Decision, Impression
from ltrr.models.state.learning import Learning
from ltrr.models.state.shared_prior import SharedPrior
from tests.models.logs import LEARNING, START_S, impression

OPTIONS = PolicyOptions(exploration=0.2, greed=5.0)
STEP_S = 10.0


@dataclass
class Traffic:
    """Messages of one event each, in the order of their record timestamps, and what was learned from them."""

    learning: Learning
    messages: list[tuple[float, Impression | Action]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fold = Fold(self.learning)

    def add(self, recorded_s: float, event: Impression | Action) -> None:
        """Take note of an event and learn it."""
        self.messages.append((recorded_s, event))
        offsets = self.fold.progress.offsets
        if isinstance(event, Impression):
            self.fold.absorb_impressions(offsets["impressions"], recorded_s, [event])
        else:
            self.fold.absorb_actions(offsets["actions"], recorded_s, [event])


def decided(policy: Policy, context: Mapping[str, float], seed: int) -> Decision:
    """Return what a policy decides, as a query worker logs it."""
    distribution = policy.distribution(context, seed)
    levels = policy.choose(distribution, seed)
    rules = policy.space.rules
    return Decision(
        policy=policy.name,
        policy_version="v1",
        revision=0,
        arms=rules.names,
        ladder=rules.ladder,
        levels=levels,
        probabilities=tuple(tuple(row) for row in distribution.marginals.tolist()),
        joint=distribution.joint(levels),
        seed=seed,
        price=rules.price(levels),
        calls=rules.calls(levels),
    )


def play(
    seed: int,
    queries: int = 120,
    rules: PlanRules = LEARNING.rules,
    name: str = "igw",
    start_s: float = START_S,
    step_s: float = STEP_S,
    *,
    shared: bool = False,
) -> Traffic:
    """Let a policy decide queries and users act on some; every fourth query has a second page that is acted on.

    shared: whether the applications share a prior.
    """
    rng = np.random.default_rng(seed)
    learning = replace(LEARNING, rules=rules)
    space, traffic = PlanSpace(rules), Traffic(learning)
    served = SharedPrior(traffic.fold.state) if shared else traffic.fold.state
    for number in range(queries):
        now_s = start_s + step_s * number
        page = impression(rng, f"q{seed}-{number}", now_s)
        model = served.application(page.application).reward_model
        plan = decided(policy_named(name)(space, model, OPTIONS), page.context, int(rng.integers(2**40)))
        page = replace(page, decision=plan)
        traffic.add(now_s, page)
        pages = [page]
        if number % 4 == 0:
            pages.append(replace(impression(rng, page.query_id, now_s + 1, page=2), application=page.application))
            traffic.add(now_s + 1, replace(pages[1], decision=plan))
        for shown in pages:
            for object_id in list(shown.looks())[: int(rng.integers(3))]:
                traffic.add(now_s + 2, Action(page.query_id, object_id, str(rng.choice(["click", "like"])), now_s + 2))
    return traffic
