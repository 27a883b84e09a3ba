"""Who asks and acts: named where they come in, so that no id goes further."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import JsonValue

from ltrr.models.errors import InvalidInput
from ltrr.models.records.visitors import Visitors
from ltrr.serving.search.messages import SearchRequest
from ltrr.streams.events.visitor_names import VISITOR_FIELDS, with_names

_DAY_S: Final = 86_400.0
_USER: Final = "user_id"


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from. address: of a visitor; None where a server asks for many, or this process does.

    known: whether the address stands for who gives no id, hashed, on what is kept. public: with a key that everybody
    can read, and send with anybody's id.
    """

    address: str | None = None
    known: bool = False
    public: bool = False


TRUSTED: Final = Caller()
"""Who may say whatever id is whose: this process, servers, and whoever is let in without a key."""


class Naming:
    """Puts the names of visitors in place of their ids. clock: seconds since the epoch.

    A user is named by whoever is trusted; a public caller gives the name that such a one was told.
    """

    def __init__(self, visitors: Visitors, clock: Callable[[], float]) -> None:
        self.visitors = visitors
        self._clock = clock

    def searched(self, request: SearchRequest, caller: Caller) -> SearchRequest:
        """Return a search with names. Raises InvalidInput where a public caller gives a user's id."""
        ids = {field: getattr(request, field) for field in VISITOR_FIELDS}
        if not self._may_say(ids, caller):
            raise InvalidInput(
                "user_id: a page's key shows nobody's taste by an id that anybody may type: give it the name that "
                "POST /v1/visitors tells your server, or leave it out"
            )
        named = {field: given and self.visitors.name(given) for field, given in ids.items()}
        return request.model_copy(update=self._completed(named, caller))

    def told(self, event: JsonValue, caller: Caller) -> JsonValue:
        """Return an event with names; without a user where a public caller gives an id."""
        if not isinstance(event, dict):
            return event
        if not self._may_say(event, caller):
            event = {**event, _USER: None}
        return self._completed(with_names(event, self.visitors), caller)

    def _may_say(self, ids: dict[str, Any], caller: Caller) -> bool:
        given = ids.get(_USER)
        return not caller.public or given in {None, ""} or (isinstance(given, str) and self.visitors.made(given))

    def _completed(self, named: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Return names, with one for the day where there are none."""
        given = any(named.get(field) not in {None, ""} for field in VISITOR_FIELDS)
        if given or caller.address is None or not caller.known:
            return named
        name = self.visitors.named_by_address(caller.address, int(self._clock() // _DAY_S))
        return {**named, "client_id": name}
