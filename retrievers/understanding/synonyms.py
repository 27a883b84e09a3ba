"""Synonyms: words that people say for each other, from a file in the form that Solr and Elasticsearch read."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, product
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ltrr.models.errors import InvalidSettings
from ltrr.models.text import ENGLISH, first_beginning, normalise, stem

WAYS: Final = 8
"""How many ways to say a query are asked for, itself among them."""

_COMMA: Final = re.compile(r"(?<!\\),")
_BEGUN: Final = 4
_MISSPELT: Final = 5
_NEAR: Final = 0.8

Words = tuple[str, ...]


class Synonyms:
    """Rewrites queries, whose words it knows in other inflections.

    rules: words -> what is said in their place, themselves first where they are kept. stemmer: of the catalogue.
    """

    def __init__(self, rules: Mapping[Words, Iterable[Words]] = MappingProxyType({}), stemmer: str = ENGLISH) -> None:
        self.stemmer = stemmer
        self._rules: dict[Words, dict[Words, None]] = {}
        for said, meant in rules.items():
            self._rules.setdefault(self._stems(said), {}).update(dict.fromkeys(meant))
        self._longest = max(map(len, rules), default=0)
        self._terms = sorted(map(" ".join, rules))
        self._words = [said[0] for said in rules if len(said) == 1]

    def __len__(self) -> int:
        """Return how many terms something is said for."""
        return len(self._terms)

    @classmethod
    def read(cls, path: Path, stemmer: str = ENGLISH) -> "Synonyms":
        r"""Read a file: `tv, television` are said for each other, of `colour => color` the second for the first.

        One rule a line, with a comma or an arrow; `#` begins a comment, and `\,` is a comma of a term. Terms of several
        words are taken whole. Rules that begin with the same words add up. Raises InvalidSettings that names the line.
        """
        rules: dict[Words, dict[Words, None]] = {}
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidSettings(f"cannot read the synonyms in {path}: {error}") from error
        for number, line in enumerate(lines, start=1):
            rule = line.partition("#")[0].strip()
            for said, meant in _pairs(rule, f"{path}, line {number}") if rule else ():
                rules.setdefault(said, {}).update(dict.fromkeys(meant))
        return cls(rules, stemmer)

    def ways(self, words: Words, known: Callable[[str], bool] = lambda _: False) -> tuple[Words, ...]:
        """Return the ways to say words, as they are first where no rule replaces any: at most WAYS, at least one.

        Where rules overlap the first holds, and of those that begin at one word the longest. Terms are found in other
        inflections too; half typed at the end, and misspelt, where the catalogue does not know the word.
        """
        if not self._rules:
            return (words,)
        choices: list[tuple[Words, ...]] = []
        place = 0
        while place < len(words):
            end, said = self._found(words, place, known)
            choices.append(self._choices(words[place:end], said))
            place = end
        ways = islice(product(*choices), WAYS)
        return tuple(dict.fromkeys(tuple(word for part in way for word in part) for way in ways))

    def _choices(self, typed: Words, said: Words | None) -> tuple[Words, ...]:
        """Return what may be said in place of words that have a rule, or None."""
        if said is None:
            return (typed,)
        if said != self._stems(typed):  # half typed or misspelt
            return typed, *self._rules[said]
        return tuple(typed if self._stems(one) == said else one for one in self._rules[said])

    def _found(self, words: Words, start: int, known: Callable[[str], bool]) -> tuple[int, Words | None]:
        """Return where what is said from a word on ends, and the rule that it has, None where it has none."""
        for end in range(min(len(words), start + self._longest), start, -1):
            if (said := self._stems(words[start:end])) in self._rules:
                return end, said
        rest = words[start:]
        if len(rest) > 1 or not known(rest[0]):
            text = " ".join(rest)
            if len(text) >= _BEGUN and (begun := first_beginning(self._terms, text)):
                return len(words), self._stems(tuple(begun.split()))
        word = words[start]
        if len(word) >= _MISSPELT and word.isalpha() and not known(word):
            near = process.extractOne(word, self._words, scorer=OSA.normalized_similarity, score_cutoff=_NEAR)
            return start + 1, near and self._stems((near[0],))
        return start + 1, None

    def _stems(self, words: Words) -> Words:
        return tuple(stem(word, self.stemmer) for word in words)


NO_SYNONYMS: Final = Synonyms()


def _pairs(rule: str, where: str) -> Iterator[tuple[Words, tuple[Words, ...]]]:
    """Yield what is said, and what may stand in its place."""
    left, *right = rule.split("=>")
    said = _terms(left, where)
    if len(right) > 1 or not (right or _COMMA.search(left)):
        raise InvalidSettings(f"{where}: no rule; write `tv, television` or `colour => color`")
    for one in said:
        yield one, _terms(right[0], where) if right else (one, *(other for other in said if other != one))


def _terms(text: str, where: str) -> tuple[Words, ...]:
    found = tuple(dict.fromkeys(words for term in _COMMA.split(text) if (words := tuple(normalise(term).split()))))
    if not found:
        raise InvalidSettings(f"{where}: a side without words; terms stand between commas, and on both sides of `=>`")
    return found
