"""One visitor is one voice: how much a search of a visitor may teach, whatever is done with it."""

import hashlib
import math
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from ltrr.serving.tables import Table

_MOST: Final = 200_000
_DAY_S: Final = 86_400.0
_DECIMALS: Final = 4


@dataclass(slots=True)
class _Allowance:
    """What a visitor has left to say, of everything or of one query. last: (query id, its voice)."""

    left: float
    time_s: float
    last: tuple[str, float] | None = None


@dataclass(slots=True)
class Voices:
    """Gives each search its voice, in [0, 1]: 1 for most, less for whoever has had as much say as a visitor may.

    A visitor has an allowance of `searches`, and of `of_query` for each query. A search takes its voice out of both;
    they fill up again within a day. So whatever a visitor does, in any T days his searches weigh at most `searches` x
    (1 + T) together, and `of_query` x (1 + T) on a query; what is learned of a page counts its voice. Where one of them
    is 0, that is not bounded.

    The voice is drawn where a page is shown, by who asked, and logged on the page. So it is a fact of the log: no order
    of reading, no restart and no partition changes it. most: allowances that are known; those that were not used for
    the longest time, which are full or nearly so, go.
    """

    searches: float = 0.0
    of_query: float = 0.0
    most: int = _MOST
    _known: OrderedDict[bytes, _Allowance] = field(default_factory=OrderedDict)

    @property
    def table(self) -> Table:
        """Return how many allowances are known."""
        return Table("visitors", len(self._known), self.most)

    def voice(self, application: str, visitor: str | None, query: str, query_id: str, time_s: float) -> float:
        """Return the voice of a search, and of all its pages; 1 where nothing says whose it is.

        visitor: who asks; query: normalised. time_s: of the search, seconds since the epoch.
        """
        if visitor is None:
            return 1.0
        bounds = {(application, visitor): self.searches, (application, visitor, query): self.of_query}
        allowances = [self._reach(whose, bound, time_s) for whose, bound in bounds.items() if bound]
        again = next((one.last[1] for one in allowances if one.last and one.last[0] == query_id), None)
        if again is not None:
            return again
        least = min((one.left for one in allowances), default=1.0)
        voice = math.floor(min(1.0, least) * 10**_DECIMALS) / 10**_DECIMALS
        for one in allowances:
            one.left, one.last = one.left - voice, (query_id, voice)
        return voice

    def give_back(self, application: str, visitor: str | None, query: str, query_id: str) -> None:
        """Take the voice of a search back of which no page was shown; the arguments as in `voice`."""
        for whose in ((application, visitor), (application, visitor, query)):
            held = self._known.get(_key(whose))
            if held is not None and held.last is not None and held.last[0] == query_id:
                held.left, held.last = held.left + held.last[1], None

    def _reach(self, whose: tuple[str | None, ...], bound: float, time_s: float) -> _Allowance:
        """Return an allowance as of a time; one of an earlier time than is known is not filled up."""
        key = _key(whose)
        held = self._known.pop(key, None) or _Allowance(bound, time_s)
        held.left = min(bound, held.left + bound * max(0.0, time_s - held.time_s) / _DAY_S)
        held.time_s = max(held.time_s, time_s)
        self._known[key] = held
        if len(self._known) > self.most:
            self._known.popitem(last=False)
        return held


def _key(whose: tuple[str | None, ...]) -> bytes:
    return hashlib.blake2b(repr(whose).encode(), digest_size=16).digest()
