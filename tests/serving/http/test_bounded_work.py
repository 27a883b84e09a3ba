"""No request does more than a bounded amount of work at a time: counted, not timed."""

import asyncio
import json
from collections.abc import Awaitable

import pytest

from ltrr.models.text import normalise
from ltrr.streams.events.entity_event import MOST_VALUES
from tests.serving.shop import NOON_S, Shop


async def turns_during(taking: Awaitable[object]) -> int:
    """Return how often others get their turn while events are taken."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    await taking
    beside.cancel()
    return turns


@pytest.mark.parametrize(("kind", "least"), [("queries", 200), ("events", 600), ("refused", 600)])
def test_a_large_body_is_read_in_pieces(shop: Shop, kind: str, least: int):
    """While many events are read, watched and learned others are answered, wherever enough has been done."""
    intake = shop.service.intake
    shop.service.turns.piece_s = 0.0
    assert asyncio.run(turns_during(intake.take_events(b"{}"))) < least
    page = {"query_id": "q", "timestamp": NOON_S, "query_response_hit_ids": [f"song-{n}" for n in range(100)]}
    click = {**shop.action("q", "song-1"), "session_id": "s" * 200}
    bodies = {"queries": [page] * least, "events": [click] * least, "refused": [{}] * least}
    taking = (intake.take_queries if kind == "queries" else intake.take_events)(json.dumps(bodies[kind]).encode())
    assert asyncio.run(turns_during(taking)) >= least


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"filters": {"genre": ["pop"] * 501}}, "filters.genre: "),
        ({"filters": {f"genre{n}": "pop" for n in range(21)}}, "filters: "),
        ({f"field{n}": 1 for n in range(60_000)}, "at most 50 fields"),
        ({"facets": ["genre"] * 11}, "facets: "),
        ({"fields": ["genre"] * 51}, "fields: "),
        ({"attributes": {f"a{n}": 1 for n in range(51)}}, "attributes: "),
    ],
)
def test_a_search_names_so_much_and_no_more(standing: Shop, asked: dict[str, object], said: str):
    """Each list of a request has a bound, and what is beyond it is refused before anything is done with it."""
    answer = standing.post("/v1/search", {"query": "love", **asked})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert len(answer.json()["detail"]) < 3_000


def test_an_entity_has_so_many_values_and_no_more(standing: Shop):
    """Each search that finds it looks at its values: one with more is refused."""
    entity = {"object_id": "x", "type": "song", "name": "x"}
    for count, taken in ((MOST_VALUES, 1), (MOST_VALUES + 1, 0)):
        values = {f"value {n}": 1.0 for n in range(count)}
        answer = standing.request("PUT", "/v1/entities", json={**entity, "attributes": {"colour": values}}).json()
        assert (answer["accepted"], [one["reason"] for one in answer["rejected"]]) == (
            taken,
            ["too_large"] * (1 - taken),
        )


def test_a_long_query_is_read_to_a_bound(shop: Shop):
    """Of a query that becomes 18 letters for each that was typed the first 5,000 of both are read."""
    blessing = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
    shop.search(blessing * 6_000)
    [impression] = shop.impressions()
    assert impression.normalised_query == normalise(blessing * 5_000)[:5_000].rstrip()
