"""Query ids that this service issued, told from others by their signature."""

import hashlib
import hmac
from collections.abc import Callable

_SIGNATURE = 16


class QueryIds:
    """Issues and checks query ids: a unique part, a dot, and 64 bits of HMAC-SHA256 in hexadecimal.

    The seed of a query's randomness comes from its id, so nobody may choose one. unique: returns a new string at
    each call.
    """

    def __init__(self, secret: bytes, unique: Callable[[], str]) -> None:
        self._secret = secret
        self._unique = unique

    def issue(self) -> str:
        """Return a new query id."""
        part = self._unique()
        return f"{part}.{self._sign(part)}"

    def ours(self, query_id: str) -> bool:
        """Tell whether this service issued an id."""
        part, _, signature = query_id.rpartition(".")
        return hmac.compare_digest(signature.encode(), self._sign(part).encode())

    def _sign(self, part: str) -> str:
        return hmac.new(self._secret, part.encode(), hashlib.sha256).hexdigest()[:_SIGNATURE]


def seed_of(query_id: str) -> int:
    """Return the seed of everything random about a query; below 2 ** 63."""
    return int.from_bytes(hashlib.blake2b(query_id.encode(), digest_size=8).digest()) >> 1
