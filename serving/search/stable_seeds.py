"""Seeds that are kept for a while, so that who asks the same again sees the same draws."""

import hashlib
from collections import OrderedDict

from ltrr.models.records.impression import sender_of
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.tables import Table

_MOST = 20_000


class StableSeeds:
    """Gives the searches of one visitor for the same thing the seed of the first of them.

    Those who give no id cannot be told apart, and count as one visitor.

    keep_s: for how long after a seed was first used; 0 keeps none. most: seeds that are kept, the last used ones.
    """

    def __init__(self, keep_s: float, most: int = _MOST) -> None:
        self._keep_s = keep_s
        self._most = most
        self._kept: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    @property
    def table(self) -> Table:
        """Return how many there are."""
        return Table("kept_draws", len(self._kept), self._most)

    def seed(self, request: SearchRequest, asked: tuple[object, ...], new: int, now_s: float) -> int:
        """Return the seed of a search. asked: what has to be the same; new: the seed where none is kept."""
        if not self._keep_s:
            return new
        sender = sender_of(request.user_id, request.client_id, request.session_id)
        key = hashlib.blake2b(repr((sender, asked)).encode(), digest_size=16).digest()
        seed, since_s = self._kept.get(key, (new, now_s))
        if now_s - since_s >= self._keep_s:
            seed, since_s = new, now_s
        self._kept[key] = seed, since_s
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return seed
