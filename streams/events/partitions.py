"""Kafka's own choice of a partition for a key, so that every client agrees on it."""

import struct
from itertools import count

_SEED = 0x9747B28C
_MULTIPLIER = 0x5BD1E995
_SHIFT = 24
_WORD = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF


def partition_of(key: str, partitions: int) -> int:
    """Return the partition of `key` as Kafka's Java client and librdkafka's murmur2_random choose it."""
    if partitions < 1:
        raise ValueError(f"a topic has at least one partition, not {partitions}")
    return (murmur2(key.encode()) & _POSITIVE) % partitions


def key_on(partition: int, partitions: int, name: str) -> str:
    """Return a key that begins with a name and belongs on a partition."""
    return next(key for key in (f"{name}-{number}" for number in count()) if partition_of(key, partitions) == partition)


def murmur2(data: bytes) -> int:
    """Return the unsigned 32-bit hash of org.apache.kafka.common.utils.Utils.murmur2."""
    length = len(data)
    body = length & ~3
    hashed = _SEED ^ length
    for (word,) in struct.iter_unpack("<I", data[:body]):
        mixed = (word * _MULTIPLIER) & _WORD
        mixed = ((mixed ^ (mixed >> _SHIFT)) * _MULTIPLIER) & _WORD
        hashed = ((hashed * _MULTIPLIER) & _WORD) ^ mixed
    if body < length:
        hashed = ((hashed ^ int.from_bytes(data[body:], "little")) * _MULTIPLIER) & _WORD
    hashed = ((hashed ^ (hashed >> 13)) * _MULTIPLIER) & _WORD
    return hashed ^ (hashed >> 15)
