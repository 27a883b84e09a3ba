"""Synonyms: words that people say for each other, from a file in the form that Solr and Elasticsearch read."""

from collections.abc import Iterator, Mapping
from itertools import islice, product
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ltrr.models.errors import InvalidSettings
from ltrr.models.text import normalise

WAYS: Final = 8
"""How many ways to say a query are asked for, itself among them."""

Words = tuple[str, ...]


class Synonyms:
    """Rewrites queries. rules: words -> what is said in their place, themselves first where they are kept."""

    def __init__(self, rules: Mapping[Words, tuple[Words, ...]] = MappingProxyType({})) -> None:
        self._rules = rules
        self._longest = max(map(len, rules), default=0)

    @classmethod
    def read(cls, path: Path) -> "Synonyms":
        """Read a file: `tv, television` are said for each other, of `colour => color` the second for the first.

        One rule a line, with at least one comma or arrow; `#` begins a comment. Terms of several words are taken whole.
        Rules that begin with the same words add up. Raises InvalidSettings that names the line.
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
        return cls({said: tuple(meant) for said, meant in rules.items()})

    def ways(self, words: Words) -> tuple[Words, ...]:
        """Return the ways to say words, as they are first where no rule replaces any: at most WAYS, at least one.

        Where rules overlap the first holds, and of those that begin at one word the longest.
        """
        if not self._rules:
            return (words,)
        choices: list[tuple[Words, ...]] = []
        place = 0
        while place < len(words):
            end = self._end(words, place)
            choices.append(self._rules.get(words[place:end], (words[place:end],)))
            place = end
        ways = islice(product(*choices), WAYS)
        return tuple(dict.fromkeys(tuple(word for part in way for word in part) for way in ways))

    def _end(self, words: Words, start: int) -> int:
        """Return where the longest rule that begins at a word ends, or that word."""
        longest = min(len(words), start + self._longest)
        return next((end for end in range(longest, start, -1) if words[start:end] in self._rules), start + 1)


NO_SYNONYMS: Final = Synonyms()


def _pairs(rule: str, where: str) -> Iterator[tuple[Words, tuple[Words, ...]]]:
    """Yield what is said, and what may stand in its place."""
    left, arrow, right = rule.partition("=>")
    said = _terms(left, where)
    meant = _terms(right, where) if arrow else said
    if not arrow and len(said) == 1:
        raise InvalidSettings(f"{where}: one term alone has no synonym; write `tv, television` or `colour => color`")
    for one in said:
        yield one, meant if arrow else (one, *(other for other in meant if other != one))


def _terms(text: str, where: str) -> tuple[Words, ...]:
    terms = tuple(dict.fromkeys(tuple(normalise(term).split()) for term in text.split(",")))
    if () in terms:
        raise InvalidSettings(f"{where}: a term without words; terms stand between commas, and on both sides of `=>`")
    return terms
