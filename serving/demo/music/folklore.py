"""What listeners call songs among themselves: nicknames, misheard lyrics, scenes where one was heard.

No document holds the words of a saying. Each gives a faint hint, so that some strategy stumbles on what is meant
among much else: words of the title misheard, the mood in other words. Which song it is, only earlier clicks tell.
"""

from dataclasses import dataclass

import numpy as np

from ltrr.models.text import tokenise
from ltrr.serving.demo.music.draws import pick
from ltrr.serving.demo.music.shelf import Array, Shelf
from ltrr.serving.demo.music.vocabulary import FILLERS, LYRICS, MOODS, NICKS, SCENES
from ltrr.serving.demo.people.misspelling import misspelt


@dataclass(frozen=True, slots=True)
class Saying:
    """A text for something. meant: the row that everyone means; also: rows that some listeners mean by it."""

    text: str
    meant: int
    also: tuple[int, ...]

    def relevance(self, shelf: Shelf, affinity: Array) -> dict[str, float]:
        """Grade what is meant, shared by all but for a fifth, and what else a listener of this taste means.

        affinity: of the listener to every row, in [0, 1].
        """
        values = {row: 0.1 + 0.8 * float(affinity[row]) for row in self.also}
        return shelf.grades(values | {self.meant: 0.8 + 0.2 * float(affinity[self.meant])})


def sayings(rng: np.random.Generator, shelf: Shelf, count: int) -> tuple[Saying, ...]:
    """Return sayings with different texts, the most used first; a song nobody plays is as likely meant as a hit."""
    told = {word for entity in shelf.entities for word in tokenise(entity.name)}
    found: dict[str, Saying] = {}
    while len(found) < count:
        meant = pick(rng, shelf.of_type["song"].tolist())
        misheard = [misspelt(rng, word) for word in tokenise(shelf.entities[meant].name) if word not in FILLERS]
        if not told.isdisjoint(misheard):
            continue
        text = _text(rng, misheard, pick(rng, tuple(shelf.entities[meant].attributes["mood"])))
        others = [row for row in shelf.related(shelf.related(meant, "artist")[0], "song") if row != meant]
        found.setdefault(text, Saying(text, meant, tuple(others[n] for n in rng.permutation(len(others))[:5])))
    return tuple(found.values())


def _text(rng: np.random.Generator, misheard: list[str], mood: str) -> str:
    match int(rng.integers(3)):
        case 0:
            return f"{pick(rng, NICKS)} {max(misheard, key=len)}"
        case 1:
            return f"{pick(rng, LYRICS)} {' '.join(misheard)}"
        case _:
            kind, thing = (pick(rng, words) for words in SCENES)
            return f"{pick(rng, MOODS[mood].phrases)} {max(misheard, key=len)} from the {thing} {kind}"
