"""What stands first for the queries that are asked most, beside what the baseline has first without learning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from ltrr.models.text import typed
from ltrr.serving.http.answers import given
from ltrr.serving.http.connection import ask

_MOST: Final = 40
_LEAST_LOST: Final = 2
_LOST: Final = 0.1
_EXAMPLES: Final = 3

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class First:
    """What stands first for a query. now: as a search answers, None for nothing; before: by the baseline."""

    query: str
    now: Item | None
    before: Item

    @property
    def changed(self) -> bool:
        """Tell whether another entity stands first now."""
        return self.now is None or self.now["object_id"] != self.before["object_id"]

    @property
    def named(self) -> bool:
        """Tell whether the query is the name, or the id, of what the baseline has first."""
        return _names(self.query, self.before)

    @property
    def lost(self) -> bool:
        """Tell whether it names what stands first no more, and not what stands there now either."""
        return self.changed and self.named and not (self.now and _names(self.query, self.now))


@dataclass(frozen=True, slots=True)
class FirstPlaces:
    """First places of the queries that are asked most."""

    firsts: Sequence[First]

    @property
    def lost(self) -> int:
        """Return how many queries name what stands first no more."""
        return sum(one.lost for one in self.firsts)

    @property
    def many_lost(self) -> bool:
        """Tell whether so many are lost that somebody should look: two, and a tenth of those that name something."""
        return self.lost >= max(_LEAST_LOST, _LOST * sum(one.named for one in self.firsts))

    def said(self) -> str:
        """Return it in a line, with the first examples."""
        changed = sorted((one for one in self.firsts if one.changed), key=lambda one: not one.lost)
        examples = [
            f"{one.query!r} has {one.now['name'] if one.now else 'nothing'} for {one.before['name']}"
            for one in changed[:_EXAMPLES]
        ]
        return (
            f"of the {len(self.firsts)} queries asked most here {len(changed)} have another first result than the "
            f"baseline without learning, {self.lost} in place of what they name"
            + (f": {'; '.join(examples)}" if examples else "")
        )


def _names(query: str, item: Item) -> bool:
    return query in {typed(item["name"]), typed(item["object_id"])}


async def first_places(client: httpx.AsyncClient, application: str) -> FirstPlaces:
    """Ask a server the queries that it was asked most, as it answers now and by its baseline; leave nothing there.

    None are returned where nothing was searched there, or where there is no baseline. Raises LtrrError.
    """
    of, firsts = given(application=application), list[First]()
    plan = (await ask(client, "GET", "/v1/policy", params=of))["baseline"]["plan"]
    rows = (await ask(client, "GET", "/v1/dashboard/queries", params={"order": "volume", **of}))["queries"]
    for query in [row["query"] for row in rows if plan][:_MOST]:
        body = {"query": query, "size": 1, "learn": False, "log": False, **of}
        now, before = [
            next(iter((await ask(client, "POST", "/v1/search", json=body | way))["items"]), None)
            for way in ({}, {"plan": plan})
        ]
        if before is not None:
            firsts.append(First(query, now, before))
    return FirstPlaces(firsts)
