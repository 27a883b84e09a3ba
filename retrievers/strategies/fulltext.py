"""Full text: BM25 over names, aliases, attributes and descriptions."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from ltrr.models.records.query import Query, Understanding
from ltrr.models.scripts import syllables
from ltrr.models.text import common_forms, has_digit, joined, singulars, unmarked, unpadded
from ltrr.models.wording import shingles, weighty
from ltrr.retrievers.documents.documents import identity, possible_ids, spelt, stems, titled
from ltrr.retrievers.phrases.measures import is_measure, measure
from ltrr.retrievers.requests.requests import Clause, Every, Request, Scale, Sum, Term, TextRequest, Words, best, facets
from ltrr.retrievers.strategies.base import MAX_CHARACTERS, Strategy, Way, ways

FIELDS: Final = (("name", 1.5), ("aliases", 1.5), ("attributes", 1.0), ("description", 1.0), ("forms", 0.7))
_HALF: Final = tuple((field, 0.5 * boost) for field, boost in FIELDS)
_NAMED: Final = 10.0
_IDENTIFIED: Final = 50.0  # more than all its words say of who has them in values: an id has no words
_WORDS: Final = 8
_SIDE_BY_SIDE: Final = (("shingles", 0.3),)
_POPULARITY: Final = 6.0  # about what a word says that one entity in a hundred has


class FullText(Strategy):
    """BM25 of words as they are, for less without spaces or marks; who is named in full gets a bonus of a rare word.

    Of many that fit alike the popular ones are brought: BM25 alone would choose those of whom the least is said.
    """

    name = "fulltext"
    description = "BM25 over name, aliases, attributes and description, popular ones first; an entity's own id"
    calls = ("text:fulltext",)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for the words of the query, or their synonyms."""
        clauses = [(self._clause(query, way), way.share) for way in ways(query)]
        if not clauses:
            return {}
        clause = Sum((best(clauses),), (Scale("popularity", _POPULARITY),))
        return {"text:fulltext": TextRequest(clause, query.application, depth, facets(query.filters))}

    def _clause(self, query: Query, way: Way) -> Clause:
        stemmer = query.understanding.stemmer
        meant = query.understanding.as_meant(way.tokens)
        neighbours = tuple(shingles(meant, stemmer))
        several = (every(meant, stemmer), Words(neighbours, _SIDE_BY_SIDE)) if neighbours else ()
        return Sum(words(query, way), (*whole(way.text), *several))


def words(query: Query, way: Way) -> tuple[Clause, ...]:
    """Return BM25 of the tokens, for half of neighbours as one word and words without marks; and ids, among words too.

    So does each of two ideographs that no text has beside each other. A plural counts half as it is typed, and in full
    by its singular: what is named "helmet" is meant by "helmets" before what only has that word in its description. A
    stem counts half. Numbers, alone and in words, are asked for without leading zeros, too. All count by how rare the
    token is beside the rarest: in short names a common word would outweigh a rare one in a description.
    """
    text, tokens, _ = way
    unknown = (token for token in tokens if token not in query.understanding.frequencies)
    bare = chain(chain.from_iterable(map(unmarked, tokens)), chain.from_iterable(map(syllables, unknown)))
    others = tuple(dict.fromkeys([*(spelling for _, _, spelling in joined(tokens)), *bare]))
    rarities = query.understanding.rarities(tokens)
    most = max(rarities)
    weighed = [
        Words(some, tuple((field, round(boost * rarity / most, 4)) for field, boost in fields))
        for token, rarity in zip(tokens, rarities, strict=True)
        for some, fields in _spelt(token, query.understanding)
    ]
    measured = (measure(one) for one in (*others, *tokens) if is_measure(one))
    unpadded_words = (one for word in (*others, *tokens) if has_digit(word) and (one := unpadded(word)) not in tokens)
    numbered = tuple(dict.fromkeys(chain(measured, unpadded_words)))
    glued = [Words(some, fields) for some, fields in ((others, _HALF[:3]), (numbered, FIELDS[4:])) if some]
    own = dict.fromkeys(spelt(text[:MAX_CHARACTERS]), _IDENTIFIED)
    possible = possible_ids(tokens[:_WORDS], query.text.split())
    ids = dict.fromkeys((one for _, _, one in possible), _NAMED) | own
    return *weighed, *glued, *(Term("forms", identity(one), boost) for one, boost in ids.items())


def _spelt(token: str, understanding: Understanding) -> Iterator[tuple[tuple[str, ...], tuple[tuple[str, float], ...]]]:
    """Yield a token and its other forms, with the fields in which they are looked for."""
    stemmer = understanding.stemmer
    one = singulars(token, stemmer) if token not in understanding.literal else ()
    yield (token,), _HALF if one else FIELDS
    for form in common_forms(token, stemmer):
        yield (form,), FIELDS if form in one else _HALF


def every(tokens: tuple[str, ...], stemmer: str) -> Every:
    """Return BM25 of entities that have each of the words that say something, or its stem, wherever they have them.

    Counted once more where there are several, since two words in a description would otherwise stand behind one of
    them in each short name.
    """
    return Every(tuple(Words((token, *stems([token], stemmer)), FIELDS) for token in weighty(tokens, stemmer)))


def whole(text: str) -> tuple[Term, ...]:
    """Return the bonuses of entities that a query names in full."""
    text = text[: 2 * MAX_CHARACTERS]
    value = Term("joined_values", text.replace(" ", ""), _NAMED / 2)
    title = titled(text)
    return Term("title", title, _NAMED), Term("alias", title, _NAMED / 2), value
