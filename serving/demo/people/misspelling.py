"""How people mistype and abbreviate names."""

from typing import Final

import numpy as np

from ltrr.models.text import normalise

LONG: Final = 8
SHORTEST: Final = 4


def misspelt(rng: np.random.Generator, name: str) -> str:
    """Return a name with one slip of the keyboard, with two where it is longer than eight letters.

    The first letter stays; a name of fewer than four letters comes back as it is.
    """
    text = normalise(name)
    for _ in range(2 if len(text) > LONG else 1):
        if len(text) >= SHORTEST:
            text = _slip(rng, text)
    return text


def _slip(rng: np.random.Generator, text: str) -> str:
    """Drop, double, swap or replace a letter that is not the first."""
    at = int(rng.integers(1, len(text) - 1))
    letter = chr(ord("a") + int(rng.integers(26)))
    head, here, following, tail = text[:at], text[at], text[at + 1], text[at + 2 :]
    middle = (following, here * 2 + following, following + here, letter + following)[int(rng.integers(4))]
    return " ".join((head + middle + tail).split())


def cut_short(rng: np.random.Generator, name: str) -> str:
    """Return the beginning of a name, half to nine tenths of it, as someone types who waits for suggestions."""
    text = normalise(name)
    return text[: max(3, int(len(text) * rng.uniform(0.5, 0.9)))].strip()
