"""Spaces that were left out of a query: "helloadele" is "hello adele" to a catalogue that knows both."""

from collections.abc import Sequence
from typing import Final

from ltrr.retrievers.phrases.phrases import Phrases

_SHORTEST: Final = 2
_SHORTEST_WORD: Final = 3
_PIECES: Final = 4
_LENGTH: Final = 3.5
_LENGTH_OF_BEGUN: Final = 4.5

Split = tuple[int, tuple[str, ...]]


def respaced(phrases: Phrases, words: Sequence[str]) -> tuple[str, ...]:
    """Return the words with spaces put into those that the catalogue has not.

    One that a name or value is without its spaces is those words. Where nothing is spelt like it, it is split into at
    most four names, values, or words of them, where it is made of nothing else: into long ones rather than many, and
    not into scraps. The last word may be half typed: where something begins so, it is split into long ones alone.
    """
    last = len(words) - 1
    return tuple(part for place, word in enumerate(words) for part in _parts(phrases, word, may_go_on=place == last))


def _parts(phrases: Phrases, word: str, *, may_go_on: bool) -> tuple[str, ...]:
    """Return the words that a word is read as."""
    if phrases.having(word):
        return (word,)
    if whole := phrases.spaced(word, len(word) + 1):
        return tuple(whole.split())
    return (word,) if phrases.resembles(word) else _split(phrases, word, may_go_on=may_go_on)


def _split(phrases: Phrases, word: str, *, may_go_on: bool) -> tuple[str, ...]:
    """Return the split whose squares of lengths sum to most; the word itself where there is none."""
    best: list[dict[int, Split]] = [{0: (0, ())}, *({} for _ in word)]
    for first in range(len(word) - _SHORTEST + 1):
        if not best[first]:
            continue
        for end in range(first + _SHORTEST, len(word) + 1):
            text = phrases.spaced(word[first:end], _SHORTEST_WORD)
            if text is None:
                continue
            for pieces, (score, found) in best[first].items():
                longer = score + (end - first) ** 2, (*found, *text.split())
                if pieces < _PIECES and longer > best[end].get(pieces + 1, (0, ())):
                    best[end][pieces + 1] = longer
    score, found = max(best[-1].values(), default=(0, ()))
    least = _LENGTH_OF_BEGUN if found and may_go_on and phrases.begun(word) else _LENGTH
    return found if score >= least * len(word) else (word,)
