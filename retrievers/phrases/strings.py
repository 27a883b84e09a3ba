"""Strings that are packed into arrays."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ltrr.retrievers.phrases.arrays import Arrays, small

_ODD: Final = "surrogatepass"  # what was typed may have halves of characters


class Strings:
    """Numbered strings. arrays, name: as `packed` made them."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        self._letters = arrays[f"{name}.letters"].data
        self._ends = arrays[f"{name}.ends"].data

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, number: int) -> str:
        return str(self.raw(number), "utf-8", _ODD)

    def raw(self, number: int) -> memoryview:
        """Return the bytes of a string."""
        return self._letters[self._ends[number] : self._ends[number + 1]]


class Found(Strings):
    """Strings whose number is found. arrays, name: as `packed` and `hashed` made them."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        super().__init__(arrays, name)
        self._hashes = arrays[f"{name}.hashes"].data
        self._numbers = arrays[f"{name}.numbers"].data

    def find(self, text: str) -> int | None:
        """Return the number of a string, None where it is not there."""
        raw = text.encode(errors=_ODD)
        asked = crc32(raw)
        at = bisect_left(self._hashes, asked)
        while at < len(self._hashes) and self._hashes[at] == asked:
            number: int = self._numbers[at]
            if self.raw(number) == raw:
                return number
            at += 1
        return None


class Buckets:
    """Strings by how they begin and end. arrays, name: as `bucketed` made them."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        self._keys = Found(arrays, f"{name}.keys")
        self._texts = Strings(arrays, f"{name}.texts")

    def get(self, key: str) -> list[str]:
        """Return the strings under a key, in the order in which they were packed."""
        number = self._keys.find(key)
        return [] if number is None else self._texts[number].split("\n")


def packed(name: str, texts: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of strings, numbered from 0."""
    raw = [text.encode(errors=_ODD) for text in texts]
    ends = small(np.cumsum([0, *map(len, raw)]))
    return {f"{name}.letters": np.frombuffer(b"".join(raw), np.uint8), f"{name}.ends": ends}


def hashed(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of strings that are to be found, each of which is there once."""
    hashes = np.array([crc32(text.encode(errors=_ODD)) for text in texts], dtype=np.uint32)
    order = np.argsort(hashes, kind="stable")
    return {**packed(name, texts), f"{name}.hashes": hashes[order], f"{name}.numbers": small(order)}


def bucketed(name: str, keys: Mapping[str, Iterable[str]]) -> dict[str, NDArray[Any]]:
    """Return the arrays of strings, none of which has a line end, under several keys each. keys: string -> its keys."""
    held = defaultdict[str, list[str]](list)
    for text, of in keys.items():
        for key in of:
            held[key].append(text)
    return {**hashed(f"{name}.keys", list(held)), **packed(f"{name}.texts", map("\n".join, held.values()))}
