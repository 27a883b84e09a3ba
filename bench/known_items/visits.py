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
    EVERYTHING = auto()


@dataclass(frozen=True, slots=True)
class Visit:
    """One search. sender: the visitor's or bot's own id."""

    item: KnownItem
    sender: str
    clicks: Clicks


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
