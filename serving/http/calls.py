"""What clients ask a service: each call as a request, and how its answer is read."""

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random
from typing import Any, Final, Generic, TypeVar

import httpx

from ltrr.models.errors import InvalidInput
from ltrr.serving.http.answers import answer_of, foreign, given
from ltrr.serving.search.messages import SearchResponse

Read = TypeVar("Read")
Fields = Mapping[str, Any]
Answer = dict[str, Any]
_AWAY: Final = frozenset({429, 502, 503, 504})
_LONGEST_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Call(Generic[Read]):
    """A request. what: as httpx takes it; read: makes the answer of its JSON, or raises ValueError where it is none.

    again: whether it may be done twice. A search may not: a page that nobody got would be logged as seen.
    """

    method: str
    path: str
    what: Mapping[str, Any]
    read: Callable[[Any], Read]
    again: bool = True

    def answer(self, response: httpx.Response) -> Read:
        """Return what a response says. Raises what `answer_of` does, and LtrrError where it is no answer to this."""
        said = answer_of(response)
        try:
            return self.read(said)
        except ValueError:
            raise foreign(response) from None


@dataclass(slots=True)
class Patience:
    """How often a call is made again, and after how long: twice as long each time, of which chance takes a part.

    retries: at most; first_s: the longest wait before the first. Source: "full jitter" of Brooker 2015.
    """

    retries: int
    first_s: float
    random: Random
    made: int = field(default=0, init=False)

    def next_s(self, call: Call[Any], failed: httpx.Response | httpx.HTTPError) -> float | None:
        """Return the seconds to wait before a failed call is made again, None where it is not."""
        if self.made >= self.retries or not _passing(call, failed):
            return None
        longest_s = min(_LONGEST_S, self.first_s * 2.0**self.made)
        self.made += 1
        return max(self.random.uniform(0.0, longest_s), _asked_s(failed))


def _passing(call: Call[Any], failed: httpx.Response | httpx.HTTPError) -> bool:
    """Tell whether what failed may pass, and the call was not made, or may be made twice."""
    if isinstance(failed, httpx.Response):
        return failed.status_code in _AWAY
    if isinstance(failed, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return True
    return call.again and isinstance(failed, httpx.TransportError)


def _asked_s(failed: httpx.Response | httpx.HTTPError) -> float:
    """Return the seconds for which a service asks to be left alone, 0 where it does not say."""
    after = failed.headers.get("Retry-After", "") if isinstance(failed, httpx.Response) else ""
    return min(_LONGEST_S, float(after)) if after.isdecimal() else 0.0


def _with(key: str) -> Callable[[Any], Answer]:
    """Return what takes an answer as it is. key: what it has."""

    def read(answer: Any) -> Answer:  # noqa: ANN401  # JSON
        if not isinstance(answer, dict) or key not in answer:
            raise ValueError(key)
        return answer

    return read


_TAKEN: Final = _with("accepted")


def sendable(value: Any, where: str) -> Any:  # noqa: ANN401  # JSON
    """Return what is given as JSON values; dates and times in ISO 8601. where: its name, for what is said of it.

    Raises InvalidInput for what JSON does not have.
    """
    if isinstance(value, Mapping):
        return {str(sendable(name, where)): sendable(one, f"{where}.{name}") for name, one in value.items()}
    if isinstance(value, list | tuple | AbstractSet):
        return [sendable(one, f"{where}[{at}]") for at, one in enumerate(value)]
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput(f"{_plain(where)} is {value}: give a finite number, or leave it out")
    if isinstance(value, str) and _plain(value) != value:
        raise InvalidInput(
            f"{_plain(where)} has half a character, {_plain(value)[:50]!r}: decode the text as what it is"
        )
    if value is None or isinstance(value, str | bool | int | float):
        return value
    kind = type(value).__name__
    raise InvalidInput(
        f"{_plain(where)} is of the type {kind}: give text, a number, a date, or lists and mappings of them"
    )


def _plain(text: str) -> str:
    """Return a text that can be printed: without lone surrogates."""
    return text.encode(errors="backslashreplace").decode()


def search(query: str, fields: Fields) -> Call[SearchResponse]:
    """Return the call of a search."""
    return Call(
        "POST", "/v1/search", _json({"query": query, **fields}, "search"), SearchResponse.model_validate, again=False
    )


def act(query_id: str, object_id: str, action: str, fields: Fields) -> Call[Answer]:
    """Return the call that tells of an action on a result, now where `fields` give no timestamp."""
    attributes = {"object": {"object_id": object_id}, **fields.get("event_attributes", {})}
    event = {"action_name": action, "query_id": query_id, "timestamp": datetime.now(UTC).isoformat(), **fields}
    return publish([event | {"event_attributes": attributes}])


def publish(events: Sequence[Fields]) -> Call[Answer]:
    """Return the call that publishes events; one that comes twice is counted as a duplicate."""
    return Call("POST", "/v1/events", _json(list(events), "events"), _TAKEN)


def put(entities: Fields | Sequence[Fields]) -> Call[Answer]:
    """Return the call that adds or replaces entities. entities: one, or several."""
    several = [entities] if isinstance(entities, Mapping) else entities
    return Call("PUT", "/v1/entities", _json(list(several), "entities"), _TAKEN)


def delete(object_ids: str | Sequence[str | Mapping[str, str]]) -> Call[Answer]:
    """Return the call that removes entities. object_ids: one, or several."""
    removed = [object_ids] if isinstance(object_ids, str) else list(object_ids)
    return Call("DELETE", "/v1/entities", _json(removed, "object_ids"), _TAKEN)


def memory(query: str, application: str | None) -> Call[Answer]:
    """Return the call for the memory of a query."""
    return Call("GET", "/v1/memory", _params(query=query, application=application), _with("pairs"))


def policy(application: str | None) -> Call[Answer]:
    """Return the call for the policy."""
    return Call("GET", "/v1/policy", _params(application=application), _with("arms"))


def _json(body: Any, where: str) -> Fields:  # noqa: ANN401  # JSON
    return {"json": sendable(body, where)}


def _params(**parameters: str | None) -> Fields:
    return {"params": {name: sendable(value, name) for name, value in given(**parameters).items()}}
