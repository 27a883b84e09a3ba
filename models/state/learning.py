"""Settings of the learner: what a version of the state was learned under."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from ltrr.models.errors import InvalidSettings, UnknownName
from ltrr.models.plans.plan import PlanRules
from ltrr.models.records.action import Action
from ltrr.models.records.action_names import ACTION_ALIASES, weighted_name
from ltrr.models.rewards.context import CONTEXT_NAMES
from ltrr.models.rewards.credit import MOST_GAIN
from ltrr.models.statistics.decay import Changes, Decay
from ltrr.models.statistics.regressors import OURS, regressors

MOST_PAIRS = 300  # of one query: with the longest ids their record still fits into a message of 1 MiB
ACTION_WEIGHTS = {
    "click": 0.5,
    "play": 0.5,
    "watch": 0.5,
    "view": 0.5,
    "like": 1.0,
    "favourite": 1.0,
    "favorite": 1.0,
    "playback": 1.0,
    "add_to_playlist": 1.0,
    "add_to_cart": 1.0,
    "purchase": 1.0,
}

ACTION_WINDOWS_S = {"purchase": 7 * 86400.0}
_READ: Final = {"rules", "price_weight", "reward_precision", "ranker_precision", "memory_prior"}
"""What sums are read with, each time anew: no sum depends on it. Of the rules it is told what sums depend on."""


@dataclass(frozen=True, slots=True)
class Learning:
    """What is learned, from what, and how long it counts.

    action_weights: action name -> value in [0, 1]; an entity is worth the largest of its accepted actions; names that
    are not here teach nothing. action_aliases: plain name -> the one of these that it stands for (see weighted_name).
    join_window_s: how long after its impression an action may happen, where action_windows_s says nothing else of its
    name. late_s: how much later than that, by the log's own clock, an event may be recorded. ordinal_base: ordinal that
    senders of actions give to the first result. half_life_s: after which an observation counts half; session_s: the
    same for what a session took. price_weight: lambda, reward given up for one unit of a plan's price. memory_queries:
    of an application, in a partition, that are remembered; memory_pairs: entities of a query; senders: of an
    application, in a partition, whose pages are counted, and as many users and sessions with profiles.
    forgetting: application -> changes of half_life_s, which may grow while something is learned. regressor: of the
    reward model, one of `regressors()`. estimate_looks: of the ranker's estimate in credit; most_gain: of all
    actions on a page (see PageCredit).
    """

    rules: PlanRules
    action_weights: Mapping[str, float] = field(default_factory=lambda: dict(ACTION_WEIGHTS))
    action_aliases: Mapping[str, str] = field(default_factory=lambda: dict(ACTION_ALIASES))
    join_window_s: float = 1800.0
    action_windows_s: Mapping[str, float] = field(default_factory=lambda: dict(ACTION_WINDOWS_S))
    late_s: float = 300.0
    ordinal_base: int = 1
    half_life_s: float = 30 * 86400.0
    session_s: float = 1800.0
    price_weight: float = 0.01
    reward_precision: float = 2.0
    ranker_precision: float = 40.0
    memory_prior: float = 2.0
    estimate_looks: float = 0.0
    most_gain: float = MOST_GAIN
    memory_queries: int = 100_000
    memory_pairs: int = 200
    senders: int = 100_000
    context_names: tuple[str, ...] = CONTEXT_NAMES
    forgetting: Mapping[str, Changes] = field(default_factory=dict)
    regressor: str = OURS

    def _check_actions(self) -> None:
        wrong = [name for name, weight in self.action_weights.items() if not 0 <= weight <= 1]
        if wrong:
            raise InvalidSettings(f"action weights must lie in [0, 1]: {', '.join(wrong)}")
        wrong = [name for name, window_s in self.action_windows_s.items() if not 0 < window_s < math.inf]
        if wrong:
            raise InvalidSettings(f"windows of actions must be above 0, in seconds: {', '.join(wrong)}")

    def weighted(self, action: Action) -> Action | None:
        """Return an action under the name that has a weight, None where it has none."""
        name = weighted_name(action.action_name, self.action_weights, self.action_aliases)
        if name is None:
            return None
        return action if name == action.action_name else replace(action, action_name=name)

    @property
    def alone_share(self) -> float:
        """Return how much of an arm's credit is its worth alone: all where arms compete for calls (see credit)."""
        return 0.0 if self.rules.max_calls is None else 1.0

    @property
    def teaching(self) -> dict[str, Any]:
        """Return all that decides what a log teaches, as JSON values; what changes by itself, forgetting, left out."""
        same = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in {*_READ, "forgetting"}}
        rules = {"arms": self.rules.names, "ladder": self.rules.ladder, "reserved": self.rules.reserved}
        told: dict[str, Any] = json.loads(json.dumps(same | rules | {"alone_share": self.alone_share}))
        return told

    def __post_init__(self) -> None:
        self._check_actions()
        if not (self.join_window_s > 0 and self.late_s >= 0 and math.isfinite(self.join_window_s + self.late_s)):
            raise InvalidSettings("join_window_s must be above 0 and late_s at least 0, both in seconds")
        if self.regressor not in regressors():
            raise UnknownName("regressor with a snapshot that comes back bit for bit", self.regressor, regressors())
        if not self.half_life_s > 0:
            raise InvalidSettings("half_life_s must be above 0")
        if not 0 < self.session_s < math.inf:
            raise InvalidSettings("session_s must be above 0, in seconds")
        if not self.price_weight >= 0:
            raise InvalidSettings("price_weight must be at least 0")
        if not all(prior > 0 for prior in (self.reward_precision, self.ranker_precision, self.memory_prior)):
            raise InvalidSettings("prior precisions and weights must be above 0")
        if not 0 <= self.estimate_looks < math.inf:
            raise InvalidSettings("estimate_looks must be at least 0: how many looks the ranker's estimate counts like")
        if not (min(self.memory_queries, self.senders) >= 1 and 1 <= self.memory_pairs <= MOST_PAIRS):
            raise InvalidSettings(
                f"memory_queries and senders must be at least 1, memory_pairs at least 1 and at most {MOST_PAIRS}"
            )

    @property
    def profile_half_lives_s(self) -> dict[str, float]:
        """Return the half-life of each kind of profile."""
        return {"user": self.half_life_s, "session": self.session_s}

    def decay(self, application: str) -> Decay:
        """Return how what is learned for an application is forgotten."""
        return Decay(self.half_life_s, self.forgetting.get(application, ()))

    def profile_decays(self, application: str) -> dict[str, Decay]:
        """Return how each kind of profile is forgotten; sessions know no changes."""
        return {"user": self.decay(application), "session": Decay(self.session_s)}
