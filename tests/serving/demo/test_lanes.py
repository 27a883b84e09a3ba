"""What lanes of the demo share."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from ltrr.models.records.query import Hit, Query
from ltrr.serving.demo.lanes import SharedRetrieval, of_the_query
from ltrr.serving.retrieval.opening import strategy_arms
from tests.serving.shop import Shop

pytestmark = pytest.mark.whole

ALL = dict.fromkeys(strategy_arms(), 20)


def test_what_reads_what_was_learned_is_not_shared():
    """Two lanes that have learned other things get each their own lists for one query, whichever asks first."""
    with Shop() as shop:
        index = shop.service.index

        def asked(*taken: str) -> Query:
            hits = tuple(Hit(object_id, 1.0) for object_id in taken)
            understanding = index.understand("love", "default")
            liked: Any = {"remembered": hits, "profile": hits, "session": hits}
            return Query("love", "love", ("love",), time_s=0.0, seed=7, understanding=understanding, **liked)

        def lists(retriever: SharedRetrieval, query: Query) -> Mapping[str, list[str]]:
            found = asyncio.run(retriever.retrieve(query, ALL))
            return {arm: [hit.object_id for hit in hits] for arm, hits in found.lists.items()}

        songs = [item["object_id"] for item in shop.search(size=20)["items"]]
        one, other = asked(songs[0], songs[1]), asked(songs[2])
        alone = [lists(SharedRetrieval(index, (), 20), query) for query in (one, other)]
        assert alone[0] != alone[1], "what was learned makes a difference"
        shared = SharedRetrieval(index, of_the_query(), 20)
        assert [lists(shared, query) for query in (one, other)] == alone
