"""A position-based click model with common random numbers.

Every draw is a hash of (seed, query number, object id), not the next number of a stream: two systems that answer
the same query share the uniforms of every object that both show, so their difference is theirs and not luck's.
Source: Craswell et al. 2008 (position model); examination as in DCG, Jarvelin and Kekalainen 2002.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import log2
from typing import Literal


@dataclass(frozen=True, slots=True)
class Click:
    """One action on a shown object. position: 1-based. noise: clicked by mistake, not for its relevance."""

    object_id: str
    position: int
    kind: Literal["click", "like"]
    noise: bool = False


def examination(position: int) -> float:
    """Return P(looked at) of a 1-based position."""
    return 1.0 / log2(1.0 + position)


def net_clicks(clicks: Iterable[Click]) -> int:
    """Count the clicks that relevance caused; likes follow a click and are not counted again."""
    return sum(click.kind == "click" and not click.noise for click in clicks)


@dataclass(frozen=True, slots=True)
class ClickModel:
    """Draws clicks from hidden relevance.

    noise: P(a click by mistake | looked at). like_from: the least relevance that is ever liked; like_rate:
    P(like | clicked for such a relevance). eagerness: P(the visitor acts at all on this page); who does not looks at it
    and does nothing, whatever is on it, so all systems share that too.
    """

    seed: int
    noise: float = 0.02
    like_from: float = 0.8
    like_rate: float = 0.3
    eagerness: float = 1.0

    def clicks(self, number: int, shown: Sequence[str], relevance: Mapping[str, float]) -> tuple[Click, ...]:
        """Return the actions on a page, top down, a like after its click.

        number: the query's own, which its uniforms come from. shown: object ids from position 1 on.
        """
        if self._draw(str(number))[0] >= self.eagerness:
            return ()
        done: list[Click] = []
        for position, object_id in enumerate(shown, start=1):
            looked, taken, slipped, liked = self._uniforms(number, object_id)
            value = relevance.get(object_id, 0.0)
            wanted = taken < value
            if looked < examination(position) and (wanted or slipped < self.noise):
                done.append(Click(object_id, position, "click", noise=not wanted))
                if wanted and value >= self.like_from and liked < self.like_rate:
                    done.append(Click(object_id, position, "like"))
        return tuple(done)

    def _uniforms(self, number: int, object_id: str) -> tuple[float, ...]:
        """Return four uniforms in [0, 1): examination, click, noise and like."""
        return self._draw(f"{number}/{object_id}")

    def _draw(self, what: str) -> tuple[float, ...]:
        """Return four uniforms in [0, 1)."""
        digest = blake2b(f"{self.seed}/{what}".encode(), digest_size=32).digest()
        return tuple((bits >> 11) * 2.0**-53 for bits in struct.unpack("<4Q", digest))
