"""The requests of README.md work."""

import asyncio
import re

import httpx

from ltrr.serving.http.api import create_app
from ltrr.serving.service.embedded import EmbeddedService
from tests.docs.pages import README


def ask(service: EmbeddedService, path: str, body: str) -> dict:
    """Post a body and return the answer."""

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(service, close=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://ltrr") as client:
            return await client.post(path, content=body, headers={"Content-Type": "application/json"})

    response = asyncio.run(post())
    assert response.is_success, response.text
    return response.json()


def test_readme_requests_work(service: EmbeddedService):
    """The search and the click of README.md do what it says: policy and memory have learned the click."""
    (search,) = [body for body in re.findall(r"-d '(\{[^']*\})'", README) if "tayler" in body]
    answer = ask(service, "/v1/search", search)
    assert "song-1" in {item["object_id"] for item in answer["items"]}
    before = service.views.policy(None)["revision"]
    click = re.search(r"/v1/events -H 'Content-Type: application/json' \\\n +-d '(.*?\}\}\})'", README, re.DOTALL)[1]
    click = click.replace("'$QUERY_ID'", answer["query_id"]).replace("'$(date +%s)'", "1767225600")
    assert ask(service, "/v1/events", click) == {"accepted": 1, "rejected": [], "taught": 1}
    assert service.views.policy(None)["revision"] == before + 1
    pairs = service.views.memory("tayler love", None)["pairs"]
    assert {pair["object_id"]: pair["actions"] for pair in pairs}["song-1"] == 0.5
