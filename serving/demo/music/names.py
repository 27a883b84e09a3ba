"""Believable names for artists and titles for songs."""

import numpy as np

from ltrr.models.text import normalise
from ltrr.serving.demo.music.draws import pick
from ltrr.serving.demo.music.vocabulary import ADJECTIVES, FIRST_NAMES, NOUNS, SYLLABLES, VERBS


def coin(rng: np.random.Generator) -> str:
    """Return a word of two or three syllables that means nothing."""
    return "".join(pick(rng, SYLLABLES) for _ in range(int(rng.integers(2, 4)))).capitalize()


def title(rng: np.random.Generator) -> str:
    """Return a title of one to four words."""
    match int(rng.integers(6)):
        case 0:
            return pick(rng, NOUNS)
        case 1 | 2:
            return f"{pick(rng, ADJECTIVES)} {pick(rng, NOUNS)}"
        case 3:
            return f"{pick(rng, VERBS)} the {pick(rng, NOUNS)}"
        case 4:
            return f"{pick(rng, NOUNS)} of {coin(rng)}"
        case _:
            return f"{pick(rng, NOUNS)} and {pick(rng, NOUNS)}"


def artist(rng: np.random.Generator) -> str:
    """Return the name of a person, a band or a project."""
    match int(rng.integers(6)):
        case 0 | 1:
            return f"{pick(rng, FIRST_NAMES)} {coin(rng)}"
        case 2:
            return f"The {pick(rng, ADJECTIVES)} {pick(rng, NOUNS)}s"
        case 3:
            return f"{coin(rng)} {pick(rng, NOUNS)}"
        case 4:
            return f"{pick(rng, FIRST_NAMES)} and the {pick(rng, NOUNS)}s"
        case _:
            return coin(rng)


def artists(rng: np.random.Generator, count: int, taken: tuple[str, ...]) -> tuple[str, ...]:
    """Return `count` names that differ, after normalisation, from each other and from those `taken`."""
    found: dict[str, str] = {normalise(name): name for name in taken}
    while len(found) < len(taken) + count:
        name = artist(rng)
        found.setdefault(normalise(name), name)
    return tuple(found.values())[len(taken) :]
