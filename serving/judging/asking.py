"""Asks a service the queries that were judged: as it answers, by its baseline, and by each strategy alone."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from ltrr.models.records.entity import LONGEST_ID
from ltrr.serving.http.answers import MOST_ENTITIES, given
from ltrr.serving.http.connection import ask, connect
from ltrr.serving.settings.settings import Settings

LEARNED: Final = "learned"
BASELINE: Final = "baseline"


@dataclass(frozen=True, slots=True)
class Lists:
    """What a service answered. ways: in which it was asked; ranked: way -> query -> object ids, best first.

    version: of what was learned; degraded: parts that did not answer -> searches. absent: documents that are not in
    the index, of those that were looked for.
    """

    version: str
    ways: Sequence[str]
    ranked: Mapping[str, Mapping[str, Sequence[str]]]
    degraded: Mapping[str, int] = field(default_factory=dict)
    absent: AbstractSet[str] = frozenset()


async def ask_all(
    settings: Settings,
    queries: Mapping[str, str],
    documents: Collection[str] = (),
    *,
    depth: int,
    application: str | None,
    arms: bool,
) -> Lists:
    """Ask what `connect` finds each query in each way, and teach it nothing. arms: ask each strategy alone, too.

    queries: id -> text. documents: to look for in the index. depth: entities of a list, at most. Raises InvalidInput
    or LtrrError.
    """
    async with connect(settings) as client:
        policy = await ask(client, "GET", "/v1/policy", params=given(application=application))
        plans = _plans(policy, arms=arms)
        ranked: dict[str, dict[str, list[str]]] = {way: {} for way in plans}
        degraded = Counter[str]()
        for query_id, text in queries.items():
            for way, plan in plans.items():
                body = {"query": text, "size": depth, "learn": False, "log": False}
                body |= given(application=application)
                body |= {} if plan is None else {"plan": plan}
                found = await ask(client, "POST", "/v1/search", json=body)
                degraded.update(found["degraded"])
                ranked[way][query_id] = _best_first(found["items"], way if plan and len(plan) == 1 else None)
        absent = await _absent(client, documents, application)
        return Lists(f"{policy['active']} ({policy['mode']})", list(plans), ranked, degraded, absent)


async def _absent(client: httpx.AsyncClient, documents: Collection[str], application: str | None) -> set[str]:
    """Return the documents that are not in the index."""
    asked = [one for one in documents if len(one) <= LONGEST_ID]
    absent = set(documents).difference(asked)
    for start in range(0, len(asked), MOST_ENTITIES):
        parameters = {"object_id": asked[start : start + MOST_ENTITIES], **given(application=application)}
        absent.update((await ask(client, "GET", "/v1/entities", params=parameters))["missing"])
    return absent


def _plans(policy: Mapping[str, Any], *, arms: bool) -> dict[str, dict[str, int] | None]:
    """Return the ways to ask, with their plans; None for what the service draws by itself."""
    ways: dict[str, dict[str, int] | None] = {LEARNED: None}
    if baseline := policy["baseline"]["plan"]:
        ways[BASELINE] = baseline
    if arms:
        ways |= {one["arm"]: {one["arm"]: policy["ladder"][-1]} for one in policy["arms"] if not one["reserved"]}
    return ways


def _best_first(items: Sequence[Mapping[str, Any]], arm: str | None) -> list[str]:
    """Return a page as it was ranked, without what chance has moved. arm: the one whose own list it is."""
    ranked = (item for item in items if not item["explored"])
    if arm is None:
        return [item["object_id"] for item in sorted(ranked, key=lambda item: -item["score"])]
    return [item["object_id"] for item in sorted(ranked, key=lambda item: item["sources"][0]["rank"])]
