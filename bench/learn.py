"""`ltrr bench learn`: how fast credit is learned and plans are drawn, beside River and Vowpal Wabbit."""

from collections.abc import Callable, Sequence
from time import perf_counter, process_time, thread_time

import numpy as np
from river import bandit

from ltrr.bench.core import quantile, times
from ltrr.bench.peers.textbook import LinearModels
from ltrr.bench.peers.vowpal import workspace
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import Policy, PolicyOptions
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.ranker import Ranker
from ltrr.models.rewards.credit import Credit
from ltrr.models.rewards.reward_model import RewardModel
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

_ARMS, _FEATURES, _BATCH, _RANKED = 10, 64, 100, 200
_PARTS = 10
_CLOCKS = {"wall": perf_counter, "CPU": thread_time}  # others on the machine lengthen the wall clock alone
TEXTBOOK = "LinUCB and LinTS in NumPy"
Feedback = tuple[dict[str, float], Credit]


def run(seed: int = 0, feedbacks: int = 5000, peers: int = 100, decisions: int = 2000) -> BenchDocument:
    """Feed all learners credit of 10 arms at 3 levels in contexts of 64 features; time deciding and ranking."""
    rng = np.random.default_rng(seed)
    rules = PlanRules(tuple(Arm(f"arm{number}", (f"text:{number}",)) for number in range(_ARMS)))
    names = tuple(f"f{number}" for number in range(_FEATURES))
    fed = [_feedback(rng, rules, names, number) for number in range(feedbacks)]
    model = RewardModel(rules, names, 2.0, half_life_s=86_400.0)
    one_by_one = RewardModel(rules, names, 2.0, half_life_s=86_400.0)
    batches = [fed[at : at + _BATCH] for at in range(0, feedbacks, _BATCH)]
    river = bandit.LinUCBDisjoint()
    wabbit = workspace("--noconstant")
    linear = LinearModels(_ARMS * (len(rules.ladder) - 1), _FEATURES)
    figures = {
        "ltrr, in batches of 100": _rate(lambda i: model.learn_many(batches[i]), len(batches), _BATCH),
        "ltrr, one by one": _rate(lambda i: one_by_one.learn_many([fed[i]]), min(feedbacks, 10 * peers), 1),
        "River LinUCBDisjoint": _rate(lambda i: _teach_river(river, fed[i]), peers, 1),
        "Vowpal Wabbit": _rate(lambda i: _teach_wabbit(wabbit, fed[i]), peers, 1),
        TEXTBOOK: _rate(lambda i: _teach_linear(linear, fed[i]), min(feedbacks, 10 * peers), 1),
    }
    wabbit.finish()
    ours = figures["ltrr, in batches of 100"]
    for peer in ("River LinUCBDisjoint", "Vowpal Wabbit", TEXTBOOK):
        theirs = figures[peer]
        ratio = Figure(ours.value / theirs.value, "times", ours.low / theirs.high, ours.high / theirs.low)
        figures[f"ltrr over {peer}"] = ratio
    for name in ("igw", "thompson"):
        policy = policy_named(name)(PlanSpace(rules), model, PolicyOptions())
        policy.distribution(fed[0][0], 0)
        for clock, of in _CLOCKS.items():
            decided = times(_decisions(policy, fed), decisions, of)
            figures[f"decision p50, {name}, {clock}"] = quantile(decided, 0.5, "ms", 1e3)
            figures[f"decision p99, {name}, {clock}"] = quantile(decided, 0.99, "ms", 1e3)
        fresh = times(_fresh_decisions(policy, fed), min(decisions, 200), thread_time)
        figures[f"first decision after learning p50, {name}, CPU"] = quantile(fresh, 0.5, "ms", 1e3)
    ranker = Ranker(RankerLayout(rules.names))
    raw = rng.random((_RANKED, len(ranker.layout.names)))
    for clock, of in _CLOCKS.items():
        ranked = times(lambda i: ranker.rank(raw, fed[i % feedbacks][0]), decisions, of)
        figures[f"200 candidates ranked p99, {clock}"] = quantile(ranked, 0.99, "ms", 1e3)
    targets = [
        Target.above("ltrr over River LinUCBDisjoint", figures, 20.0),
        Target.above("ltrr over Vowpal Wabbit", figures, 1.0),
        Target.above(f"ltrr over {TEXTBOOK}", figures, 1.0),
        Target("decision p99, igw, wall", "<", 1.0, figures["decision p99, igw, wall"].value < 1.0),
        Target("decision p99, thompson, wall", "<", 1.0, figures["decision p99, thompson, wall"].value < 1.0),
        Target("200 candidates ranked p99, wall", "<", 2.0, figures["200 candidates ranked p99, wall"].value < 2.0),  # noqa: PLR2004
    ]
    return BenchDocument("learn", [seed], figures, targets, [_NOTE])


_NOTE = (
    "a feedback is the credit of 10 arms at 3 levels; River, and LinUCB and LinTS in NumPy, which learn alike, have an "
    "arm for each of the 30, Vowpal Wabbit a plain linear model with features of its own for each, fed as text; all in "
    "one process; after learning, a decision solves all arms again"
)


def _feedback(rng: np.random.Generator, rules: PlanRules, names: tuple[str, ...], number: int) -> Feedback:
    rows = [(arm, level) for arm in rules.names for level in range(1, len(rules.ladder))]
    credit = Credit(
        tuple(r[0] for r in rows), tuple(r[1] for r in rows), rng.normal(0.1, 0.3, len(rows)), float(number)
    )
    return dict(zip(names, rng.normal(0, 0.5, len(names)).tolist(), strict=True)), credit


def _rate(work: Callable[[int], object], count: int, size: int) -> Figure:
    """Return feedbacks per second of the processor over parts of a run. work: learns `size` feedbacks."""
    rates = []
    for part in np.array_split(np.arange(count), min(_PARTS, count)):
        began_s = process_time()
        for number in part.tolist():
            work(number)
        rates.append(size * len(part) / (process_time() - began_s))
    return Figure.mean(np.array(rates), "feedbacks per CPU second")


def _teach_river(policy: bandit.LinUCBDisjoint, feedback: Feedback) -> None:
    context, credit = feedback
    for arm, level, value in zip(credit.arms, credit.levels, credit.values.tolist(), strict=True):
        policy.update(f"{arm}:{level}", context, value)  # type: ignore[no-untyped-call]


def _teach_linear(models: LinearModels, feedback: Feedback) -> None:
    context, credit = feedback
    vector = np.fromiter(context.values(), np.float64, len(context))
    for row, value in enumerate(credit.values.tolist()):
        models.learn(row, vector, value)


def _teach_wabbit(wabbit: object, feedback: Feedback) -> None:
    context, credit = feedback
    for arm, level, value in zip(credit.arms, credit.levels, credit.values.tolist(), strict=True):
        features = " ".join(f"{arm}{level}{name}:{number:.4f}" for name, number in context.items())
        wabbit.learn(f"{value:.4f} | {features}")  # type: ignore[attr-defined]


def _decisions(policy: Policy, fed: Sequence[Feedback]) -> Callable[[int], object]:
    """Return what draws a plan."""
    return lambda i: policy.choose(policy.distribution(fed[i % len(fed)][0], i), i)


def _fresh_decisions(policy: Policy, fed: Sequence[Feedback]) -> Callable[[int], object]:
    """Return what learns a feedback, and then draws a plan."""

    def decide(number: int) -> object:
        policy.learn_one(*fed[number % len(fed)])
        return policy.choose(policy.distribution(fed[number % len(fed)][0], number), number)

    return decide
