"""A client of a service that runs, for programs that search and tell what people did."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx

from ltrr.serving.http.answers import answer_of, given, no_answer
from ltrr.serving.search.messages import SearchResponse


class Client:
    """Searches, publishes events and reads what was learned; to be closed, or used in a `with` block.

    url: of `ltrr serve`, such as "http://127.0.0.1:8080". key: of `ltrr keys create`. timeout_s: for each request.
    headers: sent with each. All methods raise InvalidInput for what the service refuses, and LtrrError where it does
    not answer, with its words.

    >>> with Client("http://127.0.0.1:8080") as client:  # doctest: +SKIP
    ...     page = client.search("tayler love", user_id="ann")
    ...     client.act(page.query_id, page.items[0].object_id, user_id="ann")
    """

    def __init__(
        self, url: str, *, key: str | None = None, timeout_s: float = 10.0, headers: Mapping[str, str] | None = None
    ) -> None:
        sent = {**({} if key is None else {"Authorization": f"Bearer {key}"}), **(headers or {})}
        self._http = httpx.Client(base_url=url, timeout=timeout_s, headers=sent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def search(self, query: str, **fields: Any) -> SearchResponse:  # noqa: ANN401  # JSON
        """Return a page of results. fields: of a search request, such as user_id, size, filters or page."""
        return SearchResponse.model_validate(self._ask("POST", "/v1/search", json={"query": query, **fields}))

    def act(self, query_id: str, object_id: str, action: str = "click", **fields: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
        """Tell of an action on a result, now. fields: of a UBI event, as user_id, timestamp or event_attributes."""
        fields.setdefault("timestamp", datetime.now(UTC).isoformat())
        attributes = {"object": {"object_id": object_id}, **fields.pop("event_attributes", {})}
        return self.publish([{"action_name": action, "query_id": query_id, **fields, "event_attributes": attributes}])

    def publish(self, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Publish UBI events. Return how many were accepted, and why others were not."""
        return self._answer("POST", "/v1/events", json=[dict(event) for event in events])

    def put(self, entities: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Add or replace entities. Return how many were accepted, how many taken, and why others were not."""
        return self._answer("PUT", "/v1/entities", json=[dict(entity) for entity in entities])

    def delete(self, object_ids: Sequence[str | Mapping[str, str]]) -> dict[str, Any]:
        """Remove entities, by object id or by {object_id, application}. Return as `put` does."""
        return self._answer("DELETE", "/v1/entities", json=list(object_ids))

    def memory(self, query: str, application: str | None = None) -> dict[str, Any]:
        """Return the query-to-entity (Q2E) pairs of a query."""
        return self._answer("GET", "/v1/memory", params=given(query=query, application=application))

    def policy(self, application: str | None = None) -> dict[str, Any]:
        """Return the policy and what it thinks of each arm."""
        return self._answer("GET", "/v1/policy", params=given(application=application))

    def _answer(self, method: str, path: str, **what: Any) -> dict[str, Any]:  # noqa: ANN401  # what httpx takes
        answer: dict[str, Any] = self._ask(method, path, **what)
        return answer

    def _ask(self, method: str, path: str, **what: Any) -> Any:  # noqa: ANN401  # JSON
        try:
            response = self._http.request(method, path, **what)
        except httpx.HTTPError as error:
            raise no_answer(self._http.base_url, error) from error
        return answer_of(response)
