"""What target policies would have earned on a log: it is read once, and each is asked before anything is learned.

Impressions and actions go through the learner's own fold, so a decision's reward is what the learner saw. A target
knows what the fold had learned before the range (frozen), or before each decision (progressive): never the decision
that it is judged by.
"""

import copy
import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ltrr.models.evaluation.estimators import estimators
from ltrr.models.evaluation.estimators.estimate import Estimate, Overlap, estimate
from ltrr.models.evaluation.estimators.samples import Samples
from ltrr.models.evaluation.targets import LoggedShadow, Target
from ltrr.models.learning.fold import Fold
from ltrr.models.learning.join import Outcome
from ltrr.models.plans.moments import PlanMoments
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies.base import Policy
from ltrr.models.records.action import Action
from ltrr.models.records.heaviest import Heaviest
from ltrr.models.records.impression import Impression
from ltrr.models.rewards.context import context_vector
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.models.state.learning import Learning
from ltrr.models.state.progress import ACTIONS, IMPRESSIONS
from ltrr.models.state.shared_prior import SharedPrior
from ltrr.models.state.state import ApplicationState, State
from ltrr.models.statistics.intervals import Interval, bootstrap, empirical_bernstein
from ltrr.models.statistics.least_squares import Array

_ASKING = b"ltrr target"  # a target's own draws are apart from those that the logged plan came from


@dataclass(slots=True)
class _Row:
    """A logged decision.

    asked: each target's P(level), shape (arms, levels), and P(logged plan). shadow: the version that decided in the
    shadow, with the same of it.
    """

    key: int
    context: Array
    levels: tuple[int, ...]
    marginals: Array
    joint: float
    cost: float
    recorded_s: float
    asked: list[tuple[Array, float]]
    sender: str | None
    voice: float
    shadow: tuple[str, tuple[Array, float]] | None = None
    reward: float = 0.0


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What estimators say of one target policy. decisions: those that could be asked."""

    target: Target | LoggedShadow
    decisions: int
    overlap: Overlap
    estimates: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What was found on a log.

    unusable: reason -> logged queries of the range that say nothing of any target. unripe: decisions whose reward may
    still grow. untaught: whether targets that learn were asked before anything was. reward: mean of what was logged;
    bootstrap, bernstein: its intervals. heaviest: None where nobody said who asked.
    """

    decisions: int
    unusable: Mapping[str, int]
    unripe: int
    untaught: bool
    reward: float
    bootstrap: Interval
    bernstein: Interval
    targets: tuple[TargetResult, ...]
    heaviest: Heaviest | None = None


class Evaluation:
    """Reads a log and asks targets.

    exploration: the share of uniformly drawn plans that the logged policy kept. from_s: the record timestamp from
    which on targets are asked; earlier messages are only learned. application: only that one is judged, None for all.
    shared_prior: whether targets start from what other applications have learned.
    Messages of all partitions may be mixed, in the order of their record timestamps.
    """

    def __init__(
        self,
        learning: Learning,
        targets: Sequence[Target],
        exploration: float,
        from_s: float,
        *,
        progressive: bool = False,
        shadows: bool = False,
        application: str | None = None,
        shared_prior: bool = False,
    ) -> None:
        self.learning = learning
        self.targets = tuple(targets)
        self._space = PlanSpace.of(learning.rules)
        self._moments = PlanMoments(self._space, exploration)
        self._from_s = from_s
        self._progressive = progressive
        self._shadows = shadows
        self._application = application
        self._fold = Fold(learning)
        self._shared_prior = shared_prior
        self._known: SharedPrior | State | None = None
        self._untaught = False
        self._policies: dict[tuple[int, str], Policy] = {}
        self._rows: dict[str, _Row] = {}
        self._unusable: Counter[str] = Counter()
        for target in self.targets:  # one that cannot be made is refused before anything is read
            target.policy(self._space, ApplicationState.empty(learning).reward_model, target.options)

    @property
    def start_s(self) -> float:
        """Return the record timestamp from which on the log has to be read; 0 where all of it teaches targets."""
        learns = any(target.policy.learns for target in self.targets)
        return 0.0 if learns else max(0.0, self._from_s - self._fold.join.reach_s)

    @property
    def ripe_s(self) -> float:
        """Return how long after an impression an action may still be recorded and count."""
        return self.learning.join_window_s + self.learning.late_s

    def absorb_impressions(self, recorded_s: float, impressions: Sequence[Impression]) -> None:
        """Ask the targets about each impression of a message, then learn it."""
        for impression in impressions:
            row = self._asked(impression, recorded_s) if recorded_s >= self._from_s else None
            offset = self._fold.progress.offsets[IMPRESSIONS]
            learned = self._fold.absorb_impressions(offset, recorded_s, [impression])
            if row is not None and learned:
                self._rows[impression.query_id] = row
                self._reward(impression.query_id)
            elif row is not None:
                self._unusable["repeated, late or from the future"] += 1

    def absorb_actions(self, recorded_s: float, actions: Sequence[Action]) -> None:
        """Learn the actions of a message."""
        offset = self._fold.progress.offsets[ACTIONS]
        for feedback in self._fold.absorb_actions(offset, recorded_s, actions):
            self._reward(feedback.query_id)

    def result(self, now_s: float, seed: int = 0) -> Result:
        """Return the estimates. now_s: up to when actions were read; seed: of the bootstrap."""
        rows = list(self._rows.values())
        logged, fits = self._logged(rows)
        rows = [row for row, fit in zip(rows, fits, strict=True) if fit]
        unusable = dict(self._unusable)
        if not fits.all():
            unusable["drawn under other rules"] = int((~fits).sum())
        rewards = logged["rewards"][np.lexsort((logged["rewards"], logged["keys"]))]
        made = [estimator() for estimator in estimators().values()]
        found = []
        for target, samples in self._samples(rows, logged):
            overlap = Overlap.of(samples, self.learning.rules.names)
            estimates = tuple(estimate(e, samples, overlap, seed) for e in made)
            found.append(TargetResult(target, len(samples), overlap, estimates))
        return Result(
            decisions=len(rewards),
            unusable=unusable,
            untaught=self._untaught,
            unripe=sum(row.recorded_s + self.ripe_s > now_s for row in rows),
            reward=float(rewards.mean()) if len(rewards) else math.nan,
            bootstrap=bootstrap(rewards, seed),
            bernstein=empirical_bernstein(rewards),
            targets=tuple(found),
            heaviest=Heaviest.of((row.sender, row.voice) for row in rows),
        )

    def _asked(self, impression: Impression, recorded_s: float) -> _Row | None:
        """Return what the targets would have done; None for what is no decision, which is counted with its reason."""
        if self._known is None:
            known = self._fold.state if self._progressive else self._copy()
            self._known = SharedPrior(known) if self._shared_prior else known
            learns = any(target.policy.learns for target in self.targets)
            learned = self._fold.state.counts[IMPRESSIONS, Outcome.ACCEPTED]
            self._untaught = learns and not self._progressive and not learned
        if impression.page != 1 or self._application not in {None, impression.application}:
            return None
        if not impression.learn:
            self._unusable["not to be learned"] += 1
            return None
        decision, rules = impression.decision, self.learning.rules
        if decision is None:
            self._unusable["no plan of ours"] += 1
            return None
        if decision.arms != rules.names or decision.ladder != rules.ladder:
            self._unusable["other arms or another ladder"] += 1
            return None
        if not min(row[level] for row, level in zip(decision.probabilities, decision.levels, strict=True)) > 0:
            self._unusable["a level of probability 0"] += 1
            return None
        name = impression.query_id.encode()
        key = int.from_bytes(hashlib.blake2b(name, digest_size=8, person=_ASKING).digest())
        asked = []
        for at, _ in enumerate(self.targets):
            policy = self._policy(
                at, self._known.application(impression.application).reward_model, impression.application
            )
            distribution = policy.distribution(impression.context, key >> 1)
            asked.append((distribution.marginals, min(1.0, distribution.joint(decision.levels))))
        context = context_vector(impression.context, self.learning.context_names)
        marginals = np.array(decision.probabilities)
        cost = self.learning.price_weight * decision.price
        row = _Row(
            key,
            context,
            decision.levels,
            marginals,
            decision.joint,
            cost,
            recorded_s,
            asked,
            impression.sender,
            impression.voice,
        )
        if impression.shadow is not None:
            unseen = impression.shadow
            row.shadow = unseen.policy_version, (np.array(unseen.probabilities), unseen.served_joint)
        return row

    def _copy(self) -> State:
        """Return the reward models of now, apart from what is learned from here on."""
        frozen = State(self.learning)
        for name, state in self._fold.state.applications.items():
            model = copy.deepcopy(state.reward_model)
            frozen.applications[name] = ApplicationState(
                model,
                state.ranker,
                state.memory,
                state.profiles,
                state.positions,
                state.calls,
                state.regret,
                state.senders,
            )
        return frozen

    def _policy(self, at: int, model: RewardModel, application: str) -> Policy:
        """Return a target over what it may know."""
        policy = self._policies.get((at, application))
        if policy is None or policy.model is not model:
            target = self.targets[at]
            policy = target.policy(self._space, model, target.options)
            self._policies[at, application] = policy
        return policy

    def _reward(self, query_id: str) -> None:
        """Take over what the plan of a query has earned so far; actions on later pages count for it too."""
        row = self._rows.get(query_id)
        for page in self._fold.join.pages(query_id):
            if row is not None and page.credit is not None:
                row.reward = page.credit.reward - row.cost

    def _logged(self, rows: Sequence[_Row]) -> tuple[dict[str, Any], NDArray[np.bool_]]:
        """Return the columns of samples that the log gives, of the rows that fit its rules; and which these are."""
        arms, levels = self._space.shape
        plans = np.array([row.levels for row in rows], dtype=np.intp).reshape(-1, arms)
        marginals = np.array([row.marginals for row in rows]).reshape(-1, arms, levels)
        joints = np.array([row.joint for row in rows])
        inverses, fits = self._moments.inverses(plans, marginals, joints)
        columns = {
            "keys": np.array([row.key for row in rows], dtype=np.uint64),
            "contexts": np.array([row.context for row in rows]).reshape(len(rows), -1 if rows else 0),
            "levels": plans,
            "rewards": np.array([row.reward for row in rows]),
            "joints": joints,
            "marginals": marginals,
            "inverses": inverses,
        }
        return {name: column[fits] for name, column in columns.items()}, fits

    def _samples(
        self, rows: Sequence[_Row], logged: Mapping[str, Any]
    ) -> Iterator[tuple[Target | LoggedShadow, Samples]]:
        """Yield the samples of each target, and of each version in the shadow. logged: columns of the rows."""
        for at, target in enumerate(self.targets):
            yield target, self._beside(logged, [row.asked[at] for row in rows])
        if self._shadows:
            shadows = [row.shadow for row in rows]
            for version in sorted({shadow[0] for shadow in shadows if shadow is not None}):
                answers = [shadow[1] if shadow is not None and shadow[0] == version else None for shadow in shadows]
                yield LoggedShadow(version), self._beside(logged, answers)

    def _beside(self, logged: Mapping[str, Any], answers: Sequence[tuple[Array, float] | None]) -> Samples:
        """Return the samples of the decisions that have an answer."""
        there = np.array([answer is not None for answer in answers], dtype=bool)
        given = [answer for answer in answers if answer is not None]
        return Samples(
            **{name: column[there] for name, column in logged.items()},
            target_marginals=np.array([marginals for marginals, _ in given]).reshape(-1, *self._space.shape),
            target_joints=np.array([joint for _, joint in given]),
        )
