"""Our policies as players of the world: they learn each page at once, and what each action changes when it comes."""

from ltrr.bench.world.play import Plan, Visit, impression
from ltrr.bench.world.visits import CONTEXT_NAMES
from ltrr.bench.world.world import CURVE
from ltrr.models.plans.plan import PlanRules
from ltrr.models.plans.space import PlanDistribution, PlanSpace
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.records.impression import Decision
from ltrr.models.rewards.credit import PageCredit
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.state.learning import Learning
from ltrr.models.statistics.least_squares import Array


class Learner:
    """A policy with its reward model, fed by the credit of logged impressions.

    half_life: in visits. estimate_looks: see PageCredit.
    """

    def __init__(
        self, name: str, rules: PlanRules, options: PolicyOptions, half_life: float, estimate_looks: float = 0.0
    ) -> None:
        learning = Learning(rules, estimate_looks=estimate_looks)
        model = RewardModel(rules, CONTEXT_NAMES, learning.reward_precision, half_life)
        self.policy = policy_named(name)(PlanSpace.of(rules), model, options)
        self._alone_share, self._estimate_looks = learning.alone_share, estimate_looks
        self._credits: dict[int, PageCredit] = {}
        self._distribution = PlanDistribution(self.policy.space.uniform, self.policy.space.uniform)

    def choose(self, vector: Array, visit: int) -> Plan:
        """Draw a plan from the policy's distribution."""
        context = dict(zip(CONTEXT_NAMES, vector.tolist(), strict=True))
        self._distribution = self.policy.distribution(context, visit)
        return self.policy.choose(self._distribution, visit)

    def serve(self, visit: Visit) -> None:
        """Learn the page as one without actions."""
        decision = logged(self.policy.name, self.policy.space.rules, self._distribution, visit)
        credit = PageCredit(impression(visit, decision), decision, self._alone_share, self._estimate_looks)
        self._credits[visit.number] = credit
        self.policy.learn_one(credit.context, credit.credit())

    def act(self, visit: Visit, place: int) -> None:
        """Learn the difference that an action makes."""
        credit = self._credits[visit.number]
        before = credit.credit()
        if credit.observe(str(visit.order[place]), 1.0, float(CURVE[place])):
            self.policy.learn_one(credit.context, credit.credit(), before)

    def settle(self, visit: Visit) -> None:
        """Forget the page."""
        del self._credits[visit.number]


def logged(name: str, rules: PlanRules, distribution: PlanDistribution, visit: Visit) -> Decision:
    """Return what is logged of a decision."""
    return Decision(
        policy=name,
        policy_version="v1",
        revision=visit.number,
        arms=rules.names,
        ladder=rules.ladder,
        levels=visit.plan,
        probabilities=tuple(map(tuple, distribution.marginals.tolist())),
        joint=distribution.joint(visit.plan),
        seed=visit.number,
        price=rules.price(visit.plan),
        calls=rules.calls(visit.plan),
    )
