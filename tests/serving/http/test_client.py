"""`ltrr.Client` against a real server: searches, actions, what was learned, and what is said of mistakes."""

import asyncio
import inspect
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import httpx
import pytest

from ltrr import AsyncClient, Client
from ltrr.models.errors import InvalidInput, LtrrError, NoAnswer, NotAllowed, NotNow, NotThere
from ltrr.serving.http import calls
from ltrr.serving.http.answers import answer_of
from ltrr.serving.http.calls import Patience
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


def test_an_address_that_is_not_quite_right_is_told(url: str):
    """With /v1 behind it, or https before a service that speaks http, it is said what the address should be."""
    with Client(f"{url}/v1") as client, pytest.raises(LtrrError, match="the path before /v1") as raised:
        client.search("love")
    assert f"{url}/v1/v1/search answered with 404" in str(raised.value)
    secured = url.replace("http:", "https:")
    with Client(secured, retries=0) as client, pytest.raises(NoAnswer, match="speaks http, not https") as unsecured:
        client.policy()
    assert url in str(unsecured.value)


@pytest.mark.parametrize("said", [{"text": "<html>"}, {"json": ["detail"]}, {"json": {"detail": "Not Found"}}])
def test_another_server_is_told_from_ltrr(said: dict[str, object]):
    """An answer that is none of ltrr is named as such."""
    request = httpx.Request("GET", "http://other/v1/policy")
    with pytest.raises(LtrrError, match="http://other/v1/policy answered with 404 and no ltrr"):
        answer_of(httpx.Response(404, request=request, **said))


def answering(*answers: int | type[httpx.HTTPError]) -> tuple[httpx.MockTransport, list[str]]:
    """Return what answers with statuses or fails, one after the other, and the methods of what it was asked."""
    left, asked = list(answers), list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        said = left.pop(0)
        if isinstance(said, int):
            return httpx.Response(said, json={"detail": f"answer {said}", "accepted": 1}, request=request)
        raise said("gone", request=request)

    return httpx.MockTransport(answer), asked


@pytest.mark.parametrize(
    ("answers", "requests"),
    [((200,), 1), ((503, 200), 2), ((httpx.ReadTimeout, httpx.ConnectError, 202), 3)],
)
def test_what_may_pass_is_asked_again(answers: tuple[int | type[httpx.HTTPError], ...], requests: int):
    """A service that is away for a moment is asked again, by both clients alike."""
    transport, asked = answering(*answers)
    with Client("http://ltrr", transport=transport, backoff_s=0.001, seed=1) as client:
        assert client.publish([{}])["accepted"] == 1
    assert len(asked) == requests

    async def publish() -> int:
        async with AsyncClient("http://ltrr", transport=answering(*answers)[0], backoff_s=0.001, seed=1) as client:
            return int((await client.publish([{}]))["accepted"])

    assert asyncio.run(publish()) == 1


@pytest.mark.parametrize(
    ("answers", "error", "requests"),
    [
        ((503, 503, 503), LtrrError, 3),
        ((httpx.ReadTimeout,), NoAnswer, 1),
        ((httpx.ConnectError,) * 3, NoAnswer, 3),
        ((400,), InvalidInput, 1),
        ((401,), NotAllowed, 1),
        ((404,), NotThere, 1),
        ((409,), NotNow, 1),
        ((500,), LtrrError, 1),
    ],
)
def test_errors_have_kinds(answers: tuple[int | type[httpx.HTTPError], ...], error: type[LtrrError], requests: int):
    """What was refused is not asked again, nor a search that may have been answered: its page would count as seen."""
    transport, asked = answering(*answers)
    with Client("http://ltrr", transport=transport, backoff_s=0.001, seed=1) as client, pytest.raises(error) as raised:
        client.search("love")
    assert type(raised.value) is error
    assert len(asked) == requests


def test_waits_double_and_are_drawn_from_a_seed():
    """Each is below twice the last bound, the same for the same seed, and as long as the service asks at least."""
    failed = httpx.ConnectError("gone")

    def waits(seed: int) -> list[float | None]:
        patience = Patience(3, 1.0, Random(seed))  # noqa: S311  # of waits
        return [patience.next_s(calls.policy(None), failed) for _ in range(4)]

    drawn = waits(7)
    assert drawn == waits(7) != waits(8)
    assert drawn[3] is None
    assert all(wait is not None and 0 <= wait <= most for wait, most in zip(drawn, (1.0, 2.0, 4.0), strict=False))
    busy = httpx.Response(503, headers={"Retry-After": "9"})
    patience = Patience(1, 0.1, Random(7))  # noqa: S311  # of waits
    assert patience.next_s(calls.policy(None), busy) == 9.0


def test_both_clients_have_one_face():
    """What one can do the other can, with the same parameters."""

    def face(kind: type) -> dict[str, list[str]]:
        methods = inspect.getmembers(kind, inspect.isfunction)
        return {name: list(inspect.signature(one).parameters) for name, one in methods if not name.startswith("__")}

    assert face(Client) == face(AsyncClient)


def test_a_click_is_learned_by_asyncio_too(url: str):
    """The asynchronous client searches, tells, changes the catalogue, and reads what was learned."""

    async def use() -> None:
        async with AsyncClient(url) as client:
            page = await client.search("river moon", size=3)
            assert (await client.act(page.query_id, page.items[0].object_id))["accepted"] == 1
            pairs = (await client.memory("river moon"))["pairs"]
            assert page.items[0].object_id in {pair["object_id"] for pair in pairs}
            assert (await client.put([{"object_id": "new", "type": "song", "name": "new"}]))["taken"] == 1
            assert (await client.delete("new"))["taken"] == 1
            assert (await client.policy())["revision"] > 0

    asyncio.run(use())


@pytest.mark.parametrize("body", ["{}", "[]", "null", "3", "<html>welcome</html>", "", '{"query_id": 1}'])
def test_a_success_that_is_no_answer_is_an_error(body: str):
    """Whatever is asked, what came in place of an answer is shown by the client's own error; both clients say so."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=body, request=request))
    said = f"answered with 200 and no ltrr, but {re.escape(repr(body) if body else 'nothing')}"
    with Client("http://other", transport=transport) as client:
        asked: list[Callable[[], object]] = [
            lambda: client.search("love"),
            lambda: client.act("q", "a"),
            lambda: client.publish([]),
            lambda: client.put([]),
            lambda: client.delete(["a"]),
            lambda: client.memory("love"),
            client.policy,
        ]
        for ask in asked:
            with pytest.raises(LtrrError, match=said) as error:
                ask()
            assert type(error.value) is LtrrError

    async def search() -> None:
        async with AsyncClient("http://other", transport=transport) as other:
            await other.search("love")

    with pytest.raises(LtrrError, match=said):
        asyncio.run(search())


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("url", "how", "message"),
    [
        ("127.0.0.1:8080", {}, "'127.0.0.1:8080' is no address of a service: give one such as http://"),
        ("ftp://shop.example", {}, "no address of a service"),
        ("http://", {}, "no address of a service"),
        ("http://shop:port", {}, "no address of a service"),
        ("", {}, "no address of a service"),
        ("http://shop", {"retries": -1}, "retries is -1: give 0"),
        ("http://shop", {"timeout_s": 0}, "timeout_s is 0: give seconds above 0"),
        ("http://shop", {"timeout_s": float("nan")}, "timeout_s is nan"),
        ("http://shop", {"backoff_s": -0.5}, "backoff_s is -0.5"),
        ("http://shop", {"timeout": 5}, "no client takes timeout; there are: key, timeout_s"),
        ("http://shop", {"timeout_s": 1e10}, "timeout_s is 1"),
        ("http://shop", {"key": " "}, "key is no line of plain letters"),
        ("http://shop", {"timeout_s": "x"}, "timeout_s is 'x': give seconds above 0"),
        ("http://shop", {"retries": None}, "retries is None: give 0"),
        ("http://shop", {"key": "k\n"}, "key is no line of plain letters"),
        ("http://shop", {"key": 7}, "key is no line of plain letters"),
        ("http://shop", {"headers": "a"}, "headers are no mapping"),
        ("http://shop", {"headers": {"a": 1}}, "headers are no mapping"),
        ("http://shop", {"headers": {"a": "b\nc"}}, "headers hold a line break"),
    ],
)
def test_a_client_that_could_not_ask_is_refused(
    kind: type[Client | AsyncClient], url: str, how: dict[str, Any], message: str
):
    """An address that is none, and numbers that cannot be, are refused when the client is made."""
    with pytest.raises(InvalidInput, match=message):
        kind(url, **how)
