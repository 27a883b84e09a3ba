"""Query ids that this service issued, told from others by their signature."""

import hashlib
import hmac
from collections.abc import Callable, Sequence

_SIGNATURE = 16


class QueryIds:
    """Issues and checks query ids: a unique part, a dot, and 64 bits of HMAC-SHA256 in hexadecimal.

    The seed of a query's randomness comes from its id, so nobody may choose one. unique: returns a new string at
    each call. former: secrets from before, whose ids are still ours. An id needs no end of its own: what is done
    with it counts as long as a page of it, that is in the log, waits for that.
    """

    def __init__(self, secret: bytes, unique: Callable[[], str], former: Sequence[bytes] = ()) -> None:
        self._secrets = (secret, *former)
        self._unique = unique

    def issue(self) -> str:
        """Return a new query id."""
        part = self._unique()
        return f"{part}.{_sign(self._secrets[0], part)}"

    def ours(self, query_id: str) -> bool:
        """Tell whether this service issued an id."""
        part, _, signature = query_id.rpartition(".")
        given = signature.encode()
        return any(hmac.compare_digest(given, _sign(secret, part).encode()) for secret in self._secrets)


def seed_of(query_id: str) -> int:
    """Return the seed of everything random about a query; below 2 ** 63."""
    return int.from_bytes(hashlib.blake2b(query_id.encode(), digest_size=8).digest()) >> 1


def _sign(secret: bytes, part: str) -> str:
    return hmac.new(secret, part.encode(), hashlib.sha256).hexdigest()[:_SIGNATURE]
