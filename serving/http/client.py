"""Clients of a service that runs, for programs that search and tell what people did."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from random import Random
from types import TracebackType
from typing import Any, Final, Self, TypedDict, Unpack

import httpx

from ltrr.models.errors import InvalidInput
from ltrr.serving.http import calls
from ltrr.serving.http.answers import no_answer
from ltrr.serving.http.calls import Answer, Call, Patience, Read
from ltrr.serving.search.messages import SearchResponse

_LONGEST_S: Final = 86_400.0
_PORTS: Final = range(1, 65_536)


class How(TypedDict, total=False):
    """How both clients ask: see `Client`."""

    key: str | None
    timeout_s: float
    headers: Mapping[str, str]
    retries: int
    backoff_s: float
    seed: int


class _Asking:
    """What both clients are made with. Raises InvalidInput where they could not ask with that."""

    def __init__(self, url: str, how: How) -> None:
        if unknown := [name for name in how if name not in How.__annotations__]:
            raise InvalidInput(f"no client takes {', '.join(unknown)}; there are: {', '.join(How.__annotations__)}")
        key, timeout_s = how.get("key"), how.get("timeout_s", 10.0)
        self._retries, self._backoff_s = how.get("retries", 2), how.get("backoff_s", 0.2)
        _check(url, timeout_s, self._retries, self._backoff_s)
        sent = _headers(key, how.get("headers", {}))
        self._how: dict[str, Any] = {"base_url": url, "timeout": timeout_s, "headers": sent}
        self._random = Random(how.get("seed"))  # noqa: S311  # of waits

    def _patience(self) -> Patience:
        return Patience(self._retries, self._backoff_s, self._random)


class Client(_Asking):
    """Searches, publishes events and reads what was learned; to be closed, or used in a `with` block.

    url: of `ltrr serve`, such as "http://127.0.0.1:8080". key: of `ltrr keys create`. timeout_s: for each request, 10
    where absent. headers: sent with each. retries: at most (2), of what has not reached the service or may be done
    twice, after up to backoff_s seconds (0.2), twice as long each time. seed: of the waits. All methods raise
    InvalidInput for what the service refuses (NotThere, NotNow and NotAllowed where it is that), NoAnswer where it
    cannot be reached, and LtrrError where it fails, with its words, or where what answers is no ltrr. An address that
    is none of the web, and numbers that cannot be, are InvalidInput at once.

    >>> with Client("http://127.0.0.1:8080") as client:  # doctest: +SKIP
    ...     page = client.search("tayler love", user_id="ann")
    ...     client.act(page.query_id, page.items[0].object_id, user_id="ann")
    """

    def __init__(self, url: str, *, transport: httpx.BaseTransport | None = None, **how: Unpack[How]) -> None:
        super().__init__(url, how)
        self._http = httpx.Client(transport=transport, **self._how)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def search(self, query: str, **fields: Any) -> SearchResponse:  # noqa: ANN401  # JSON
        """Return a page of results. fields: of a search request, such as user_id, size, filters or page."""
        return self._ask(calls.search(query, fields))

    def act(self, query_id: str, object_id: str, action: str = "click", **fields: Any) -> Answer:  # noqa: ANN401  # JSON
        """Tell of an action on a result, now. fields: of a UBI event, as user_id, timestamp or event_attributes."""
        return self._ask(calls.act(query_id, object_id, action, fields))

    def publish(self, events: Sequence[Mapping[str, Any]]) -> Answer:
        """Publish UBI events. Return how many were accepted, and why others were not."""
        return self._ask(calls.publish(events))

    def put(self, entities: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Answer:
        """Add or replace one entity or several. Return how many were accepted and taken, and why others were not."""
        return self._ask(calls.put(entities))

    def delete(self, object_ids: str | Sequence[str | Mapping[str, str]]) -> Answer:
        """Remove one entity or several, by object id or by {object_id, application}. Return as `put` does."""
        return self._ask(calls.delete(object_ids))

    def memory(self, query: str, application: str | None = None) -> Answer:
        """Return the query-to-entity (Q2E) pairs of a query."""
        return self._ask(calls.memory(query, application))

    def policy(self, application: str | None = None) -> Answer:
        """Return the policy and what it thinks of each arm."""
        return self._ask(calls.policy(application))

    def _ask(self, call: Call[Read]) -> Read:
        patience = self._patience()
        _check_open(self._http)
        while True:
            failed: httpx.Response | httpx.HTTPError
            try:
                failed = self._http.request(call.method, call.path, **call.what)
            except httpx.HTTPError as error:
                failed = error
            wait_s = patience.next_s(call, failed)
            if wait_s is None:
                return _answered(call, failed, self._http.base_url)
            time.sleep(wait_s)


class AsyncClient(_Asking):
    """The same for programs of asyncio: each method is awaited; to be closed, or used in an `async with` block."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None, **how: Unpack[How]) -> None:
        super().__init__(url, how)
        self._http = httpx.AsyncClient(transport=transport, **self._how)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def search(self, query: str, **fields: Any) -> SearchResponse:  # noqa: ANN401  # JSON
        """Return what `Client.search` does."""
        return await self._ask(calls.search(query, fields))

    async def act(self, query_id: str, object_id: str, action: str = "click", **fields: Any) -> Answer:  # noqa: ANN401  # JSON
        """Do what `Client.act` does."""
        return await self._ask(calls.act(query_id, object_id, action, fields))

    async def publish(self, events: Sequence[Mapping[str, Any]]) -> Answer:
        """Do what `Client.publish` does."""
        return await self._ask(calls.publish(events))

    async def put(self, entities: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Answer:
        """Do what `Client.put` does."""
        return await self._ask(calls.put(entities))

    async def delete(self, object_ids: str | Sequence[str | Mapping[str, str]]) -> Answer:
        """Do what `Client.delete` does."""
        return await self._ask(calls.delete(object_ids))

    async def memory(self, query: str, application: str | None = None) -> Answer:
        """Return what `Client.memory` does."""
        return await self._ask(calls.memory(query, application))

    async def policy(self, application: str | None = None) -> Answer:
        """Return what `Client.policy` does."""
        return await self._ask(calls.policy(application))

    async def _ask(self, call: Call[Read]) -> Read:
        patience = self._patience()
        _check_open(self._http)
        while True:
            failed: httpx.Response | httpx.HTTPError
            try:
                failed = await self._http.request(call.method, call.path, **call.what)
            except httpx.HTTPError as error:
                failed = error
            wait_s = patience.next_s(call, failed)
            if wait_s is None:
                return _answered(call, failed, self._http.base_url)
            await asyncio.sleep(wait_s)


def _check(url: str, timeout_s: float, retries: int, backoff_s: float) -> None:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        address = httpx.URL()
    possible = address.port is None or address.port in _PORTS
    if address.scheme not in {"http", "https"} or not address.host or not possible:
        raise InvalidInput(f"{url!r} is no address of a service: give one such as http://127.0.0.1:8080")
    if not _is_number(timeout_s) or not 0.0 < timeout_s <= _LONGEST_S:
        raise InvalidInput(f"timeout_s is {timeout_s!r}: give seconds above 0, such as 10")
    if not isinstance(retries, int) or retries < 0:
        raise InvalidInput(f"retries is {retries!r}: give 0 to try nothing again, or more")
    if not _is_number(backoff_s) or not 0.0 <= backoff_s <= _LONGEST_S:
        raise InvalidInput(f"backoff_s is {backoff_s!r}: give seconds, 0 to wait for nothing")


def _check_open(http: httpx.Client | httpx.AsyncClient) -> None:
    if http.is_closed:
        raise InvalidInput("the client is closed: make another one, or ask within its `with` block")


def _is_number(given: object) -> bool:
    return isinstance(given, int | float)


def _headers(key: object, more: object) -> dict[str, str]:
    """Return what is sent with each request. Raises InvalidInput for what no header can be."""
    if key is not None and not (isinstance(key, str) and key.isascii() and key.isprintable() and key.strip()):
        raise InvalidInput("key is no line of plain letters: give it as `ltrr keys create` has shown it")
    sent = {} if key is None else {"Authorization": f"Bearer {key}"}
    try:
        headers = httpx.Headers({**sent, **more})  # type: ignore[dict-item]  # what is no mapping is told below
        [value.encode("ascii") for value in headers.values()]
    except (TypeError, AttributeError, ValueError):
        raise InvalidInput("headers are no mapping of names to values, both plain text: mend them") from None
    if any("\n" in part or "\r" in part for pair in headers.items() for part in pair):
        raise InvalidInput("headers hold a line break: give each as one line")
    return dict(headers)


def _answered(call: Call[Read], result: httpx.Response | httpx.HTTPError, url: httpx.URL) -> Read:
    """Return what was answered. Raises NoAnswer where nothing was, and what `answer_of` does."""
    if isinstance(result, httpx.HTTPError):
        raise no_answer(url, result) from result
    return call.answer(result)
