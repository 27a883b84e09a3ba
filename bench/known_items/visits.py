"""Who searches, and what they do with the page: visitors, and bots that have nobody's wishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import numpy as np

from ltrr.bench.known_items.items import KnownItem

_SEARCHES: Final = 4
_OF_EACH_TEN: Final = 10
_IDLE_BOT, _GREEDY_BOT = 3, 8


class Clicks(Enum):
    """What is clicked on a page."""

    NOTHING = auto()
    FOUND = auto()
    ANY = auto()
    EVERYTHING = auto()


@dataclass(frozen=True, slots=True)
class Visit:
    """One search. sender: the visitor's or bot's own id. draw: in [0, 1), of what a blind visitor clicks."""

    item: KnownItem
    sender: str
    clicks: Clicks
    draw: float = 0.0


def visits(items: Sequence[KnownItem], rate: float, seed: int, *, bots: bool = False) -> list[Visit]:
    """Return one visit for each item, by visitors who search four times each.

    rate: P(the item is clicked | it is on the page); visitors of a lower rate that click do so at a higher one too.
    bots: of each ten searches one is a bot's that clicks nothing, and one another's that clicks the whole page.
    """
    draws = np.random.default_rng([seed, 2]).random(len(items)).tolist()
    made = []
    for number, (item, draw) in enumerate(zip(items, draws, strict=True)):
        turn = number % _OF_EACH_TEN if bots else None
        if turn == _IDLE_BOT:
            made.append(Visit(item, "bot-idle", Clicks.NOTHING))
        elif turn == _GREEDY_BOT:
            made.append(Visit(item, "bot-greedy", Clicks.EVERYTHING))
        else:
            clicks = Clicks.FOUND if draw < rate else Clicks.NOTHING
            made.append(Visit(item, f"visitor-{number // _SEARCHES}", clicks))
    return made


def bots_alone(items: Sequence[KnownItem]) -> list[Visit]:
    """Return one visit for each item, in turn by a bot that clicks nothing and by one that clicks the whole page."""
    bots = (("bot-idle", Clicks.NOTHING), ("bot-greedy", Clicks.EVERYTHING))
    return [Visit(item, *bots[number % len(bots)]) for number, item in enumerate(items)]


def blind(items: Sequence[KnownItem], seed: int, *, senders: int) -> list[Visit]:
    """Return one visit for each item, on which one entity of the page is clicked that chance alone has chosen.

    senders: who take turns.
    """
    draws = np.random.default_rng([seed, 3]).random(len(items)).tolist()
    return [
        Visit(item, f"bot-blind-{number % senders}", Clicks.ANY, draw)
        for number, (item, draw) in enumerate(zip(items, draws, strict=True))
    ]
