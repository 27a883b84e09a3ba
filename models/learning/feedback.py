"""What the learner made of an impression and its actions: for observers, never read by a learner."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ltrr.models.learning.page import Page


@dataclass(frozen=True, slots=True)
class Feedback:
    """An impression after it, or one more action on it, was learned.

    reward: weighted actions so far minus lambda x price. actions: (object id, action name) accepted so far.
    credits: arm -> what its chosen level was worth, against switching the arm off.
    """

    query_id: str
    page: int
    application: str
    time_s: float
    policy_version: str | None
    reward: float
    actions: tuple[tuple[str, str], ...] = ()
    credits: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Page, price_weight: float) -> "Feedback":
        """Return what is known of a page by now. price_weight: lambda."""
        impression, decision = page.impression, page.impression.decision
        worth: dict[str, float] = {}
        reward = sum(page.values.values())
        if page.credit is not None and decision is not None:
            worth = page.credit.credit().at_run()
            reward = page.credit.reward - price_weight * decision.price
        return cls(
            query_id=impression.query_id,
            page=impression.page,
            application=impression.application,
            time_s=impression.time_s,
            policy_version=decision.policy_version if decision else None,
            reward=reward,
            actions=tuple(page.accepted),
            credits=worth,
        )
