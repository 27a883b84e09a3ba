"""`ltrr bench core`: how long the core takes to decide, rank and learn, without engines or logs."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

import numpy as np

from ltrr.models.batch_ranking.groups import Groups
from ltrr.models.learning.fold import CUT, Fold
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.plans.space import PlanSpace
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.ranking.batch_ranker import BatchRanker, batch_features, batch_names
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.position import log_curve
from ltrr.models.ranking.ranker import Ranker
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Decision, Impression, Source
from ltrr.models.rewards.context import CONTEXT_NAMES
from ltrr.models.state.learning import Learning
from ltrr.serving.rankers.lambdamart import Growth, read_scorer, train
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.events.codec import encode_action, encode_impression
from ltrr.streams.events.messages import Origin, read_message
from ltrr.streams.events.topics import Topic

_ARMS = 10
_UNION = 50
_RANKED = 200
_TREES = 100
_PAGE = 10
_ROUNDS = 500
_START_S = 1_767_225_600.0
_LIMITS_US = {
    "impression of 50 candidates decoded": 120.0,
    "impression of 50 candidates learned": 190.0,
    "action decoded": 10.0,
    "action learned": 45.0,
}
Seconds = np.ndarray[tuple[int], np.dtype[np.float64]]


def run(seed: int = 0, rounds: int = _ROUNDS) -> BenchDocument:
    """Time the core with 10 arms, 4 levels and unions of 50 candidates."""
    rng = np.random.default_rng(seed)
    arms = tuple(Arm(f"arm{number}", (f"text:{number}",)) for number in range(_ARMS))
    figures: dict[str, Figure] = {}
    for name, rules in (
        ("free", PlanRules(arms)),
        ("at most 2 calls", PlanRules(arms, max_calls=2)),
        ("at most 2 calls and 20 candidates", PlanRules(arms, max_calls=2, max_candidates=20)),
    ):
        fold, impressions = Fold(Learning(rules)), [union_page(rng, rules, n, _START_S + n) for n in range(rounds)]
        learned = times(lambda i, f=fold, p=impressions: f.absorb_impressions(i, _START_S + i, [p[i]]), rounds)  # type: ignore[misc]
        clicked = times(lambda i, f=fold, p=impressions: f.absorb_actions(i, _START_S + i, [_click(p[i])]), rounds)  # type: ignore[misc]
        state = fold.state.application("default")
        policy = policy_named("igw")(PlanSpace(rules), state.reward_model, PolicyOptions())
        contexts = [impression.context for impression in impressions]
        decided = times(lambda i, p=policy, c=contexts: p.choose(p.distribution(c[i], i), i), rounds)  # type: ignore[misc]
        figures[f"decision p50, {name}"] = quantile(decided, 0.5, "ms", 1e3)
        figures[f"decision p99, {name}"] = quantile(decided, 0.99, "ms", 1e3)
        if name == "free":
            raw = rng.random((_RANKED, len(state.ranker.layout.names)))
            ranked = times(lambda i, r=state.ranker, c=contexts, m=raw: r.rank(m, c[i]), rounds)  # type: ignore[misc]
            figures["impression of 50 candidates decoded"] = mean(_decoded(impressions), "us", 1e6)
            figures["impression of 50 candidates learned"] = mean(learned, "us", 1e6)
            figures["action decoded"] = mean(_decoded([_click(page) for page in impressions]), "us", 1e6)
            figures["action learned"] = mean(clicked, "us", 1e6)
            figures["200 candidates ranked p99"] = quantile(ranked, 0.99, "ms", 1e3)
            figures |= _trees(rng, state.ranker, contexts, rounds)
    targets = [
        Target("decision p99, free", "<", 1.0, figures["decision p99, free"].value < 1.0),
        Target("200 candidates ranked p99", "<", 2.0, figures["200 candidates ranked p99"].value < 2.0),  # noqa: PLR2004
        *(Target.below(name, figures, limit) for name, limit in _LIMITS_US.items()),
    ]
    notes = [
        f"{rounds} rounds; {len(CONTEXT_NAMES)} context features",
        f"learned: the mean, with what waits for {CUT} messages",
    ]
    return BenchDocument("core", [seed], figures, targets, notes)


def _decoded(events: Sequence[Impression | Action]) -> Seconds:
    """Return the seconds that messages of one event each take to be read."""
    topic = Topic.IMPRESSIONS if isinstance(events[0], Impression) else Topic.ACTIONS
    raw = [encode_impression(one) if isinstance(one, Impression) else encode_action(one) for one in events]
    return times(lambda i: read_message(Origin(topic, 0, i, _START_S + i), raw[i], 1), len(raw))


def _trees(
    rng: np.random.Generator, online: Ranker, contexts: Sequence[Mapping[str, float]], rounds: int
) -> dict[str, Figure]:
    """Time 100 trees of 15 leaves, over candidates that three arms brought each."""
    names = batch_names(online.layout)
    raw = rng.random((_RANKED, len(online.layout.names)))
    for row in raw:
        for arm in rng.choice(_ARMS, _ARMS - 3, replace=False):
            row[3 * arm : 3 * arm + 3] = np.nan
    features = batch_features(raw, contexts[0])
    labels = (np.nan_to_num(features[:, 0]) * features[:, -4] > 0.2).astype(np.intp) * 20  # noqa: PLR2004  # some relation
    pages = Groups(features, labels, np.ones(_RANKED), np.full(_RANKED // _PAGE, _PAGE))
    grown = train(pages, pages, names, Growth(trees=_TREES, patience=_TREES))
    ranker = BatchRanker(online, read_scorer(grown.text, len(names)))
    ranked = times(lambda i: ranker.rank(raw, contexts[i]), rounds)
    return {f"200 candidates ranked p99, {_TREES} trees": quantile(ranked, 0.99, "ms", 1e3)}


def times(work: Callable[[int], object], rounds: int = _ROUNDS, clock: Callable[[], float] = perf_counter) -> Seconds:
    """Return the seconds of each round by a clock."""
    seconds = np.empty(rounds)
    for number in range(rounds):
        began_s = clock()
        work(number)
        seconds[number] = clock() - began_s
    return seconds


def mean(seconds: Seconds, unit: str, scale: float) -> Figure:
    """Return the mean; its interval is that over ten parts of the run."""
    parts = [float(part.mean()) * scale for part in np.array_split(seconds, 10)]
    return Figure(float(seconds.mean()) * scale, unit, min(parts), max(parts))


def quantile(seconds: Seconds, at: float, unit: str, scale: float) -> Figure:
    """Return a quantile; its interval is that of the same quantile over ten parts of the run."""
    parts = [float(np.quantile(part, at)) * scale for part in np.array_split(seconds, 10)]
    return Figure(float(np.quantile(seconds, at)) * scale, unit, min(parts), max(parts))


def union_page(
    rng: np.random.Generator, rules: PlanRules, number: int, time_s: float, union: int = _UNION
) -> Impression:
    """Return a page of a union of candidates that every arm brought a part of."""
    levels = tuple(int(level) for level in rng.integers(1, len(rules.ladder), len(rules.arms)))
    names = RankerLayout(rules.ranked).names
    scores = np.sort(rng.random(union))[::-1]
    candidates = []
    for place in range(union):
        brought = rng.choice(len(rules.arms), 3, replace=False)
        sources = tuple(Source(rules.names[arm], int(rng.integers(1, 20)), 1.0) for arm in brought)
        shown = place < _PAGE
        candidates.append(
            Candidate(
                object_id=f"entity{place}",
                sources=sources,
                score=float(scores[place]),
                contributions={source.arm: float(rng.random() / 3) for source in sources},
                estimate=float(rng.random() / 2),
                position=place + 1 if shown else None,
                features=tuple(rng.random(len(names)).tolist()) if shown else (),
            )
        )
    share = (1 / len(rules.ladder),) * len(rules.ladder)
    decision = Decision(
        "uniform", "v1", 0, rules.names, rules.ladder, levels, (share,) * len(rules.arms), 1e-6, 0, 1.0, _ARMS
    )
    return Impression(
        query_id=f"q{number}",
        time_s=time_s,
        user_query="q",
        normalised_query=f"query {number % 50}",
        context={name: float(rng.random()) for name in CONTEXT_NAMES},
        decision=decision,
        feature_names=names,
        candidates=tuple(candidates),
        curve=log_curve(_PAGE),
    )


def _click(impression: Impression) -> Action:
    return Action(impression.query_id, "entity2", "click", impression.time_s + 1)
