"""What the learner made of an impression and its actions: for observers, never read by a learner."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
