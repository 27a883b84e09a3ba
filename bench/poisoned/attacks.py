"""What one visitor does who would like to decide what all others see."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeAlias

from ltrr.bench.poisoned.site import Site
from ltrr.models.records.impression import Impression
from ltrr.serving.search.messages import SearchResponse

ATTACKER: Final = "attacker"
_AGAIN: Final = 20


class Seen(NamedTuple):
    """A page that the attacker was shown. kept: how many events the site had kept by then."""

    kept: int
    answer: SearchResponse
    page: Impression
    time_s: float


@dataclass(slots=True)
class Attack:
    """One attack under way. bought: queries with what was bought of their pages."""

    site: Site
    bought: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    forged: int = 0


Deed: TypeAlias = Callable[[Attack, Seen], None]
"""What is done on a page as soon as it is shown."""


def nothing(attack: Attack, seen: Seen) -> None:
    """Do nothing: what moves then, one visitor more moves."""
    del attack, seen


def clicks_all(attack: Attack, seen: Seen) -> None:
    """Click on the whole page."""
    attack.site.act(seen.answer.query_id, [(item.object_id, "click") for item in seen.answer.items], seen.time_s)


def buys(arm: str) -> Deed:
    """Return what buys all of a page that an arm has brought."""

    def deed(attack: Attack, seen: Seen) -> None:
        brought = [item.object_id for item in seen.answer.items if arm in {source.arm for source in item.sources}]
        attack.site.act(seen.answer.query_id, [(object_id, "purchase") for object_id in brought], seen.time_s)

    return deed


def replays(attack: Attack, seen: Seen) -> None:
    """Buy the last of the page, and send the newest purchases so far again."""
    attack.bought.append((seen.answer.query_id, _last(seen)))
    for query_id, taken in attack.bought[-_AGAIN:]:
        attack.site.act(query_id, taken, seen.time_s)


def forges(attack: Attack, seen: Seen) -> None:
    """Write pages with plans to the log, each in the name of somebody else, and buy the last of what they show."""
    for _ in range(_AGAIN):
        query_id, attack.forged = f"forged-{attack.forged}", attack.forged + 1
        attack.site.forge(replace(seen.page, query_id=query_id, client_id=query_id, voice=1.0))
        attack.site.act(query_id, _last(seen), seen.time_s)


def _last(seen: Seen) -> list[tuple[str, str]]:
    return [(item.object_id, "purchase") for item in seen.answer.items[-3:]]


@dataclass(frozen=True, slots=True)
class Visit:
    """How one visitor more searches. searches: how many there are beside those of the others.

    one_query: for the same again and again, in place of what others search for. bounded: whether visitors are one voice
    each.
    """

    searches: int = 100
    one_query: bool = False
    bounded: bool = True

    @property
    def lane(self) -> str:
        """Return whose query ids are numbered by themselves: runs share what is retrieved for an id."""
        return f"{ATTACKER}-of-one" if self.one_query else ATTACKER

    def __str__(self) -> str:
        """Return what he who only searches is called."""
        ways = {", one query": self.one_query, f", {self.searches} times": self.searches != Visit().searches}
        return "only searches" + "".join(way for way, so in ways.items() if so) + ("" if self.bounded else _UNBOUNDED)


_UNBOUNDED: Final = ", without bounds"
_OFTEN: Final = Visit(400)
ATTACKS: Final[dict[str, tuple[Visit, Deed]]] = {
    "clicks all": (Visit(), clicks_all),
    "buys what explore brings": (Visit(), buys("explore")),
    "buys what explore brings, 400 times": (_OFTEN, buys("explore")),
    "buys what popular brings": (Visit(), buys("popular")),
    "replays": (Visit(one_query=True), replays),
    "forges": (Visit(), forges),
}
FOR_COMPARISON: Final[dict[str, tuple[Visit, Deed]]] = {
    f"{name}{_UNBOUNDED}": (replace(visit, bounded=False), deed)
    for name, (visit, deed) in ATTACKS.items()
    if visit == _OFTEN
}
"""What is learned again on the same pages alone, and has no target."""
