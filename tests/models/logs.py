"""Random but seeded logs of impressions and actions, with everything that goes wrong in real ones."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from zlib import crc32

import numpy as np

from ltrr.models.learning.fold import Fold
from ltrr.models.plans.placement import Placement
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.position import log_curve
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Decision, Impression, Source
from ltrr.models.rewards.call_history import LOGGED
from ltrr.models.state.learning import Learning

START_S = 1_767_225_600.0
_VOICES = (1.0, 1.0, 1.0, 1.0, 0.3, 0.0)
LEARNING = Learning(
    rules=PlanRules(
        (Arm("alpha", ("t:a",)), Arm("beta", ("t:b",)), Arm("gamma", ("t:a", "v:c"))),
        ladder=(0, 2, 4),
        baseline=(1, 0, 1),
    ),
    join_window_s=600.0,
    late_s=60.0,
    half_life_s=3600.0,
    session_s=60.0,
)


@dataclass(frozen=True)
class Message:
    """A record of one topic of one partition."""

    topic: str
    offset: int
    recorded_s: float
    events: tuple[Impression, ...] | tuple[Action, ...]


def impression(rng: np.random.Generator, query_id: str, time_s: float, page: int = 1) -> Impression:
    """Return a page of a random union."""
    names = RankerLayout(LEARNING.rules.names).names
    pool = [f"e{i}" for i in rng.permutation(12)]
    levels = tuple(int(level) for level in rng.integers(0, 3, 3))
    lists = {
        arm: list(rng.permutation(pool)[: LEARNING.rules.ladder[level]])
        for arm, level in zip(LEARNING.rules.names, levels, strict=True)
        if level
    }
    union = sorted({entity for hits in lists.values() for entity in hits})
    page_size, first = 3, (page - 1) * 3
    order = rng.permutation(len(union))
    scores = np.sort(rng.random(len(union)))[::-1]
    placement = Placement(0.3, 0.4).possible(len(union), page_size)
    placed = placement.order(len(union), page_size, np.random.default_rng(crc32(query_id.encode())))
    places = {rank: place for place, rank in enumerate(placed)}
    candidates = []
    for rank, row in enumerate(order):
        shown = first <= places[rank] < first + page_size
        sources = tuple(Source(a, hits.index(union[row]) + 1, 1.0) for a, hits in lists.items() if union[row] in hits)
        drawn = np.random.default_rng(crc32(f"{query_id} {rank}".encode())).random((2, len(names)))
        features = np.where(drawn[0] < 0.3, np.nan, drawn[1])  # of their own draws: all else stays when features change
        candidates.append(
            Candidate(
                object_id=union[row],
                sources=sources,
                score=float(scores[rank]),
                contributions={source.arm: float(rng.random() / 3) for source in sources},
                estimate=float(rng.random() / 2),
                position=places[rank] + 1 if shown else None,
                explored=shown and not first <= rank < first + page_size,
                features=tuple(features.tolist()) if shown else (),
            )
        )
    decision = Decision(
        policy="uniform",
        policy_version="v1",
        revision=0,
        arms=LEARNING.rules.names,
        ladder=LEARNING.rules.ladder,
        levels=levels,
        probabilities=((1 / 3, 1 / 3, 1 / 3),) * 3,
        joint=1 / 27,
        seed=0,
        price=1.0,
        calls=1,
    )
    return Impression(
        query_id=query_id,
        time_s=time_s,
        user_query="q",
        normalised_query=f"query {rng.integers(4)}",
        page=page,
        page_size=page_size,
        application=f"shop{rng.integers(2)}" if page == 1 else "shop0",
        context={"bias": 1.0, "coverage": float(rng.random()), "name_exact": float(rng.random() < 0.5)},
        decision=decision,
        feature_names=names,
        candidates=tuple(candidates),
        curve=log_curve(page_size * page)[first:],
        unlearned=tuple(sorted(union)[:page_size]),
        slot_share=placement.slot_share,
        swap_share=placement.swap_share,
        user_id=str(rng.choice(["u0", "u1", "u:/2é"])) if rng.random() < 0.8 else None,
        session_id=f"s{time_s // 200:.0f}",
        engagement=(1.0, 0.0, 0.04, 0.6)[crc32(f"engagement of {query_id} {page}".encode()) % 4],
        brought=_brought(lists, np.random.default_rng(crc32(f"{query_id} {page}".encode()))),
    )


def _brought(lists: Mapping[str, list[str]], rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """Return what calls of arms brought; of some nothing is logged."""
    return {
        arm: dict(zip(LOGGED, rng.random(len(LOGGED)).tolist(), strict=True)) for arm in lists if rng.random() < 0.9
    }


def partition_log(seed: int, queries: int = 60) -> list[Message]:
    """Return the messages of both topics of a partition, in the order of their record timestamps, in a new list.

    Among them: second pages before and after first ones, repeated impressions and actions, actions before their
    impression, late, dangling and unshown ones, several actions on one object, batches, unknown action names, pages
    that are not to be learned, and visitors who have had their say.
    """
    return list(_partition_log(seed, queries))


@lru_cache(maxsize=64)
def _partition_log(seed: int, queries: int) -> tuple[Message, ...]:
    rng = np.random.default_rng(seed)
    impressions: list[tuple[float, Impression]] = []
    actions: list[tuple[float, Action]] = []
    for number in range(queries):
        shown_s = START_S + 40.0 * number
        query_id = f"q{seed}-{number}"
        pages = [impression(rng, query_id, shown_s)]
        if rng.random() < 0.3:
            pages.append(replace(impression(rng, query_id, shown_s + 20, page=2), application=pages[0].application))
        pages = [replace(page, learn=crc32(f"{query_id}/{page.page}".encode()) % 8 > 0) for page in pages]
        pages = [replace(page, voice=_VOICES[crc32(f"{page.page} {query_id}".encode()) % 6]) for page in pages]
        for page in pages:
            delay = float(rng.choice([0.1, 5.0, 50.0, 700.0, -100.0], p=[0.7, 0.1, 0.1, 0.05, 0.05]))
            impressions.append((page.time_s + delay, page))
            if rng.random() < 0.15:
                impressions.append((page.time_s + delay + float(rng.uniform(0, 1500)), page))
        for _ in range(rng.integers(0, 5)):
            page = pages[rng.integers(len(pages))]
            choices = [*page.looks(), "never shown"]
            action = Action(
                query_id=query_id if rng.random() < 0.95 else "unknown",
                object_id=str(rng.choice(choices)),
                action_name=str(rng.choice(["click", "like", "hover"])),
                time_s=page.time_s + float(rng.choice([5.0, 100.0, 599.0, 650.0])),
            )
            recorded = action.time_s + float(rng.choice([-30.0, 0.2, 10.0, 90.0, 500.0]))
            actions.append((recorded, action))
            if rng.random() < 0.2:
                actions.append((recorded + float(rng.uniform(0, 900)), action))
    messages = _messages("impressions", impressions, rng) + _messages("actions", actions, rng)
    return tuple(sorted(messages, key=lambda m: (m.recorded_s, m.topic)))


def _messages(topic: str, events: list[tuple[float, object]], rng: np.random.Generator) -> list[Message]:
    events = sorted(events, key=lambda e: e[0])
    messages, at = [], 0
    while at < len(events):
        size = int(rng.integers(1, 4))
        batch = events[at : at + size]
        messages.append(Message(topic, len(messages), batch[-1][0], tuple(event for _, event in batch)))  # type: ignore[arg-type]
        at += size
    return messages


def interleave(messages: Sequence[Message], seed: int) -> list[Message]:
    """Return the messages with each topic in its order, but the topics mixed in stretches at random."""
    rng = np.random.default_rng(seed)
    topics = {name: [m for m in messages if m.topic == name] for name in ("impressions", "actions")}
    mixed: list[Message] = []
    while any(topics.values()):
        name = str(rng.choice([name for name, rest in topics.items() if rest]))
        stretch = int(rng.choice([1, 3, 30]))
        mixed += topics[name][:stretch]
        topics[name] = topics[name][stretch:]
    return mixed


def absorb(fold: Fold, messages: Iterable[Message]) -> Fold:
    """Absorb messages in the given order."""
    for message in messages:
        if message.topic == "impressions":
            fold.absorb_impressions(message.offset, message.recorded_s, message.events)
        else:
            fold.absorb_actions(message.offset, message.recorded_s, message.events)
    return fold


def restarted(empty: Fold, before: Fold, read: Iterable[Message]) -> Fold:
    """Return a new fold as a restart makes it: with the records of another, its join table from what that had read."""
    for key in before.keys():  # noqa: SIM118  # a method of the fold, not of a dict
        empty.read(key, before.write(key))
    empty.warm((m.recorded_s, m.events) for m in read if m.recorded_s >= before.warm_since_s)
    return empty


def follow(fold: Fold, follower: Fold, messages: Iterable[Message]) -> Counter[str]:
    """Absorb messages, and let a follower read what changed and forget what is gone; return how much of each kind."""
    gone = Counter[str]()
    for message in messages:
        absorb(fold, [message])
        for key in fold.changed:
            if fold.holds(key):
                follower.read(key, fold.write(key))
            else:
                gone[key.kind] += 1
                follower.forget(key)
        fold.changed.clear()
    return gone
