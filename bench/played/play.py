"""Plays a material against systems, one seed at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ltrr.bench.played.systems import PAGE, Page, System
from ltrr.bench.played.turn import Turn
from ltrr.models.evaluation.relevance import ndcg, recall, reciprocal_rank
from ltrr.serving.demo.people.clicks import ClickModel, net_clicks

MEASURES = ("nDCG@10", "recall", "MRR", "net clicks", "calls", "ideal")
Scores = Mapping[str, NDArray[np.float64]]
"""System -> one row for each query, one column for each of MEASURES."""


@dataclass(frozen=True, slots=True)
class Played:
    """What systems reached. pages: of the system that was asked to keep its unions, query by query."""

    scores: Scores
    unions: Sequence[Page]


def play(turn: Turn, systems: Sequence[System], clicks: ClickModel, keep: str = "") -> Played:
    """Let every system answer every query in order, and learn from its own clicks. keep: whose unions are returned."""
    return asyncio.run(_play(turn, systems, clicks, keep))


async def _play(turn: Turn, systems: Sequence[System], clicks: ClickModel, keep: str) -> Played:
    count = len(turn.material.asked)
    scores = {system.name: np.zeros((count, len(MEASURES))) for system in systems}
    unions = []
    for number in range(count):
        turn.begin(number)
        relevance = turn.asked.wish.request.relevance
        for system in systems:
            page = await system.search()
            taken = clicks.clicks(number, page.shown, relevance)
            system.click(page, taken)
            scores[system.name][number] = _measured(page, relevance, net_clicks(taken), turn.material.budget)
            if system.name == keep:
                unions.append(page)
    return Played(scores, unions)


def _measured(page: Page, relevance: Mapping[str, float], taken: int, budget: int) -> tuple[float, ...]:
    union = [candidate.object_id for candidate in page.union]
    ideal = sorted(union, key=lambda object_id: object_id not in relevance)
    return (
        ndcg(page.shown, relevance, PAGE),
        recall(union, relevance, budget),
        reciprocal_rank(page.shown, relevance),
        float(taken),
        float(page.calls),
        ndcg(ideal, relevance, PAGE),
    )
