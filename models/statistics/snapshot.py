"""The binary form of a state record: a checked header, JSON meta data, float64 arrays.

Layout, little-endian: b"LTRR", format (uint8), CRC-32 of all that follows (uint32), length of the meta data (uint32),
meta data (UTF-8 JSON object with "kind" and "shapes"), the arrays one after the other. Floats survive bit for bit.
Symmetric matrices are kept as their upper triangle.
"""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.statistics.least_squares import Array, LinearStatistics

FORMAT = 5
_MAGIC = b"LTRR"
_HEAD = struct.Struct("<4sBII")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One typed state record. meta: JSON values; arrays: float64."""

    kind: str
    meta: Mapping[str, Any]
    arrays: Sequence[Array] = ()

    def pack(self) -> bytes:
        """Return the record's bytes."""
        meta = {**self.meta, "kind": self.kind, "shapes": [a.shape for a in self.arrays]}
        text = json.dumps(meta, separators=(",", ":"), sort_keys=True).encode()
        body = text + b"".join(np.ascontiguousarray(a, dtype="<f8").tobytes() for a in self.arrays)
        return _HEAD.pack(_MAGIC, FORMAT, _checksum(len(text), body), len(text)) + body

    @classmethod
    def unpack(cls, data: bytes) -> "Snapshot":
        """Return a record from its bytes. Raises SnapshotMismatch when they are damaged or of another format."""
        if len(data) < _HEAD.size:
            raise SnapshotMismatch(f"a state record of {len(data)} bytes is cut off")
        magic, version, checksum, length = _HEAD.unpack_from(data)
        body = data[_HEAD.size :]
        if magic != _MAGIC or version != FORMAT:
            raise SnapshotMismatch(f"this is no state record of format {FORMAT}")
        if _checksum(length, body) != checksum:
            raise SnapshotMismatch("a state record is damaged (its checksum differs)")
        try:
            return cls._read(body, length)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise SnapshotMismatch("a state record's contents do not fit its header") from error

    @classmethod
    def _read(cls, body: bytes, length: int) -> "Snapshot":
        meta = json.loads(body[:length])
        arrays, at = [], length
        for shape in meta.pop("shapes"):
            count = int(np.prod(shape, dtype=np.int64))
            arrays.append(np.frombuffer(body[at : at + 8 * count], dtype="<f8").reshape(shape).copy())
            at += 8 * count
        return cls(meta.pop("kind"), meta, arrays)


def _checksum(length: int, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(struct.pack("<I", length)))


def pack_statistics(statistics: LinearStatistics) -> tuple[dict[str, float], list[Array]]:
    """Return the meta data and arrays of least-squares sums."""
    meta = {"weight": statistics.weight, "epoch": statistics.epoch}
    return meta, [upper(statistics.moment), statistics.response]


def unpack_statistics(meta: Mapping[str, float], triangle: Array, response: Array) -> LinearStatistics:
    """Return least-squares sums from what pack_statistics made of them."""
    moment = symmetric(triangle, len(response))
    return LinearStatistics(moment, response, float(meta["weight"]), int(meta["epoch"]))


def upper(matrix: Array) -> Array:
    """Return the upper triangle of a symmetric matrix, row by row; shape (d (d + 1) / 2,)."""
    return np.asarray(matrix[np.triu_indices(len(matrix))])


def symmetric(triangle: Array, dimension: int) -> Array:
    """Return the matrix of an upper triangle. Raises ValueError where that is of another dimension."""
    matrix = np.zeros((dimension, dimension))
    matrix[np.triu_indices(dimension)] = triangle
    return np.asarray(np.triu(matrix) + np.triu(matrix, 1).T)
