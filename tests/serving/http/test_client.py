"""`ltrr.Client` against a real server: searches, actions, what was learned, and what is said of mistakes."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from ltrr import Client
from ltrr.models.errors import InvalidInput, LtrrError
from ltrr.serving.http.answers import answer_of
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.settings import Settings
from tests.serving.servers import serving
from tests.serving.shop import catalogue

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a server over a small catalogue."""
    folder = tmp_path_factory.mktemp("data")
    service = EmbeddedService(Settings(), lambda: 0.0, folder)
    asyncio.run(service.index.index(catalogue()))
    service.close()
    with serving(folder, LTRR_TEXT_DEADLINE_S="10", LTRR_VECTOR_DEADLINE_S="10") as (_, found):
        yield found


def test_a_click_is_learned(url: str):
    """A search answers, a click on what it found is accepted, and memory and policy have learned it."""
    with Client(url) as client:
        before = client.policy()["revision"]
        page = client.search("love night", user_id="ann", size=3)
        assert len(page.items) == 3
        told = client.act(page.query_id, page.items[0].object_id, user_id="ann")
        assert told["accepted"] == 1
        assert page.items[0].object_id in {pair["object_id"] for pair in client.memory("love night")["pairs"]}
        assert client.policy()["revision"] > before


def test_what_is_refused_is_said_in_the_services_words(url: str):
    """A request that cannot be answered names the field; an address without a service says what to start."""
    with Client(url) as client, pytest.raises(InvalidInput, match="size"):
        client.search("love", size=0)
    with Client("http://127.0.0.1:9", timeout_s=2) as nobody, pytest.raises(LtrrError, match="is `ltrr serve` running"):
        nobody.search("love")


@pytest.mark.parametrize("said", [{"text": "<html>"}, {"json": ["detail"]}])
def test_another_server_is_told_from_ltrr(said: dict[str, object]):
    """An answer that is none of ltrr is named as such."""
    request = httpx.Request("GET", "http://other/v1/policy")
    with pytest.raises(LtrrError, match="http://other/v1/policy answered with 404 and no ltrr"):
        answer_of(httpx.Response(404, request=request, **said))
