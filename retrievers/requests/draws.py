"""Chance in terms: which entities a seed draws, so that few match whatever the size of the catalogue.

An entity's lot is a hash of its id. At 2, 4, ... 20 bits its beginning is a bucket, and a term of the entity; a seed
picks as many buckets as hold the share that is wanted, at the number of bits that suits it. What is new has buckets of
its own period too, so that it can be drawn more often; one of SIDES sides tells those of a bucket apart.
"""

import hashlib
import math
import random
from collections.abc import Iterator
from typing import Final

from ltrr.retrievers.requests.requests import SEPARATOR

SIDES: Final = 16
PERIOD_S: Final = 4 * 7 * 24 * 3600
_LOT_BITS: Final = 64
_WHOLE: Final = 0
_BITS: Final = range(2, 21, 2)


def draw_terms(key: str, created_s: float | None) -> tuple[str, ...]:
    """Return the terms of an entity. key: unique over applications; created_s: since the epoch, None where unknown."""
    lot = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=_LOT_BITS // 8).digest())
    buckets = [_bucket(bits, lot >> (_LOT_BITS - bits)) for bits in _BITS]
    if created_s is None:
        return side(lot % SIDES), *buckets
    born = period(created_s)
    return side(lot % SIDES), *buckets, age(born), *[_of_period(bucket, born) for bucket in buckets]


def period(time_s: float) -> int:
    """Return in which four weeks since the epoch a time lies."""
    return int(time_s // PERIOD_S)


def side(number: int) -> str:
    """Return the term of a side."""
    return f"side{SEPARATOR}{number}"


def age(born: int) -> str:
    """Return the term of all that is of a period."""
    return _of_period(_bucket(_WHOLE, 0), born)


def picks(rng: random.Random, share: float, least: int, born: int | None = None) -> Iterator[str]:
    """Return terms that a share of the catalogue has, or of what is of a period; at least `least` terms.

    share: in (0, 1]. Of a share that is too small for the finest buckets `least` terms are returned all the same.
    """
    bits = next((bits for bits in _BITS if share * 2**bits >= least), _BITS[-1])
    count = min(max(math.ceil(share * 2**bits), least), 2**bits)
    buckets = (_bucket(bits, number) for number in rng.sample(range(2**bits), count))
    return buckets if born is None else (_of_period(bucket, born) for bucket in buckets)


def _bucket(bits: int, number: int) -> str:
    return f"{bits}{SEPARATOR}{number}"


def _of_period(bucket: str, born: int) -> str:
    return f"{bucket}{SEPARATOR}{born}"
