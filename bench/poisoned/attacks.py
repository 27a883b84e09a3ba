"""What one visitor does who would like to decide what all others see."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from ltrr.bench.poisoned.site import Site
from ltrr.serving.search.messages import SearchResponse

ATTACKER: Final = "attacker"
CONTROL: Final = "only searches"
_REPLAYED: Final = "replayed"
_AGAIN: Final = 20


@dataclass(slots=True)
class Attack:
    """One attack under way. texts: what is searched for, one after the other.

    lane: of its query ids. Attacks with other texts need another one: runs share what is retrieved for an id. answers:
    with their times, and how many events the site had kept by then.
    """

    site: Site
    texts: list[str]
    lane: str = ATTACKER
    number: int = 0
    bought: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    answers: list[tuple[int, SearchResponse, float]] = field(default_factory=list)

    async def search(self, time_s: float) -> SearchResponse:
        """Search for the next of the texts."""
        text = self.texts[self.number % len(self.texts)]
        self.number += 1
        answer = await self.site.search(text, ATTACKER, self.lane, time_s)
        self.answers.append((len(self.site.kept), answer, time_s))
        return answer


Step: TypeAlias = Callable[[Attack, float], Awaitable[None]]
Taking: TypeAlias = Callable[[SearchResponse], list[tuple[str, str]]]
"""What is done on a page, as far as that depends on the page alone: (object id, name of the action)."""


def nothing(answer: SearchResponse) -> list[tuple[str, str]]:
    """Do nothing: what moves then, one visitor more moves."""
    del answer
    return []


def clicks_all(answer: SearchResponse) -> list[tuple[str, str]]:
    """Click on the whole page."""
    return [(item.object_id, "click") for item in answer.items]


def buys(arm: str) -> Taking:
    """Return what buys all of a page that an arm has brought."""

    def taking(answer: SearchResponse) -> list[tuple[str, str]]:
        brought = [item.object_id for item in answer.items if arm in {source.arm for source in item.sources}]
        return [(object_id, "purchase") for object_id in brought]

    return taking


def takes(taking: Taking) -> Step:
    """Return the attack that does so on each page at once."""

    async def step(attack: Attack, time_s: float) -> None:
        answer = await attack.search(time_s)
        attack.site.act(answer.query_id, taking(answer), time_s)

    return step


async def replays(attack: Attack, time_s: float) -> None:
    """Buy the whole page of the same query, and send all purchases so far again."""
    attack.texts, attack.lane = attack.texts[:1], _REPLAYED
    answer = await attack.search(time_s)
    attack.bought.append((answer.query_id, [(item.object_id, "purchase") for item in answer.items[-3:]]))
    for query_id, taken in attack.bought[-_AGAIN:]:
        attack.site.act(query_id, taken, time_s)


async def forges(attack: Attack, time_s: float) -> None:
    """Write pages with plans to the log, each in the name of somebody else, and buy the last of what they show."""
    answer = await attack.search(time_s)
    shown = attack.site.page
    if shown is not None:
        for number in range(_AGAIN):
            query_id = f"forged-{attack.number}-{number}"
            attack.site.forge(replace(shown, query_id=query_id, client_id=query_id, voice=1.0))
            attack.site.act(query_id, [(item.object_id, "purchase") for item in answer.items[-3:]], time_s)


@dataclass(frozen=True, slots=True)
class Plan:
    """An attack in a run. searches: how many there are beside those of the others. held: whether it has targets."""

    step: Step
    searches: int
    bounded: bool = True
    held: bool = True


PLANS: Final = {
    CONTROL: Plan(takes(nothing), 100, held=False),
    "clicks all": Plan(takes(clicks_all), 100),
    "buys what explore brings": Plan(takes(buys("explore")), 100),
    "buys what explore brings, 400 times": Plan(takes(buys("explore")), 400),
    "buys what popular brings": Plan(takes(buys("popular")), 100),
    "replays": Plan(replays, 100),
    "forges": Plan(forges, 100),
    "without bounds, buys what explore brings, 400 times": Plan(takes(buys("explore")), 400, bounded=False, held=False),
}

SAME_PAGES: Final[dict[str, Taking]] = {
    CONTROL: nothing,
    "clicks all": clicks_all,
    "buys what explore brings": buys("explore"),
    "buys what popular brings": buys("popular"),
}
"""What is learned again with actions on the pages of who only searches."""
