"""Arrays in one file, mapped into memory where they are read."""

import json
import mmap
import os
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_DIGEST: Final = 32
_LENGTH: Final = 8
_ALIGNED: Final = 8
_PIECE: Final = 1 << 20

Arrays = Mapping[str, NDArray[Any]]


class Held(NamedTuple):
    """What a file holds. digest: of all of it; facts: JSON values."""

    digest: str
    facts: Mapping[str, Any]
    arrays: Arrays


def write(path: Path, facts: Mapping[str, Any], arrays: Arrays) -> str:
    """Write a file in the place of the one that is there, and return its digest. Raises OSError."""
    table = [(name, array.dtype.str, len(array)) for name, array in arrays.items()]
    header = _padded(json.dumps({"facts": facts, "arrays": table}).encode())
    beside = path.with_suffix(".new")
    digest = blake2b(digest_size=_DIGEST)
    with beside.open("wb") as file:
        file.write(bytes(_DIGEST))
        for piece in (len(header).to_bytes(_LENGTH, "little"), header, *map(_bytes, arrays.values())):
            digest.update(piece)
            file.write(piece)
        file.seek(0)
        file.write(digest.digest())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return digest.hexdigest()


def read(path: Path) -> Held:
    """Return what a file holds, all of which is read once. Raises OSError, and ValueError where it is torn."""
    with path.open("rb") as file:
        digest, found = file.read(_DIGEST), blake2b(digest_size=_DIGEST)
        for piece in _pieces(file):
            found.update(piece)
        if digest != found.digest():
            raise ValueError(f"{path} is torn")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    at = _DIGEST + _LENGTH
    length = int.from_bytes(mapped[_DIGEST:at], "little")
    header = json.loads(mapped[at : at + length])
    at += length
    arrays: dict[str, NDArray[Any]] = {}
    for name, kind, size in header["arrays"]:
        # an empty array is no part of a map
        arrays[name] = np.frombuffer(mapped, kind, size, at) if size else np.empty(0, kind)
        at += -(-arrays[name].nbytes // _ALIGNED) * _ALIGNED
    return Held(digest.hex(), header["facts"], arrays)


def small(numbers: Iterable[int] | NDArray[Any]) -> NDArray[Any]:
    """Return numbers of at least 0 in as few bytes as hold them all: four or eight."""
    array = np.asarray(numbers, dtype=np.uint64)
    return array.astype(np.uint32) if not len(array) or array.max() <= np.iinfo(np.uint32).max else array


def lists(owners: NDArray[Any], values: NDArray[Any], count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return where the list of each of `count` owners ends, behind a 0, and the values list by list, in their order."""
    ends = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=count))])
    return small(ends), values[np.argsort(owners, kind="stable")]


def _bytes(array: NDArray[Any]) -> bytes:
    return _padded(array.tobytes())


def _padded(data: bytes) -> bytes:
    return data.ljust(-(-len(data) // _ALIGNED) * _ALIGNED)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
