"""What a client is given: dates are written, and what cannot be sent is told as an error of its own."""

import asyncio
import json
import math
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from ltrr import AsyncClient, Client
from ltrr.models.errors import InvalidInput


def recording() -> tuple[list[Any], httpx.MockTransport]:
    """Return what is sent, as it comes, and a transport that accepts it."""
    sent: list[Any] = []

    def accept(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(200, json={"accepted": 1})

    return sent, httpx.MockTransport(accept)


def test_dates_are_sent_in_iso_8601():
    """Of events, entities and within them."""
    sent, transport = recording()
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    with Client("http://ltrr", transport=transport) as client:
        client.act("q", "o", timestamp=noon)
        client.put({"object_id": "o", "created_s": date(2020, 2, 29), "sizes": (38, 39)})
    assert sent[0][0]["timestamp"] == "2026-01-31T12:00:00+00:00"
    assert sent[1] == [{"object_id": "o", "created_s": "2020-02-29", "sizes": [38, 39]}]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"price": math.nan}, r"entities\[0\]\.price is nan: give a finite number"),
        ({"price": {"of": [1.0, -math.inf]}}, r"entities\[0\]\.price\.of\[1\] is -inf"),
        ({"name": "half \ud83d"}, r"name has half a character, 'half \\\\ud83d'"),
        ({"half \ud83d": 1}, "has half a character"),
        ({"name": b"bytes"}, "is of the type bytes: give text"),
    ],
)
def test_what_json_does_not_have_is_told(field: dict[str, Any], said: str):
    """Where it stands, and what to give instead; nothing is sent."""
    sent, transport = recording()
    with Client("http://ltrr", transport=transport) as client, pytest.raises(InvalidInput, match=said) as raised:
        client.put({"object_id": "o", **field})
    assert str(raised.value).encode()
    assert sent == []


def test_a_parameter_is_told_too():
    """What stands in the address is checked as a body is."""
    with Client("http://ltrr") as client, pytest.raises(InvalidInput, match="query has half a character"):
        client.memory("\ud800")


def test_a_closed_client_says_so():
    """Both kinds, after their block."""
    with Client("http://ltrr") as client:
        pass
    with pytest.raises(InvalidInput, match="is closed: make another one"):
        client.policy()

    async def late() -> None:
        async with AsyncClient("http://ltrr") as one:
            pass
        await one.search("love")

    with pytest.raises(InvalidInput, match="is closed: make another one"):
        asyncio.run(late())


@pytest.mark.parametrize("url", ["http://ltrr:99999", "http://ltrr:0"])
def test_a_port_that_cannot_be_is_no_address(url: str):
    """It is told at once, not when something is asked."""
    with pytest.raises(InvalidInput, match="is no address of a service"):
        Client(url)
