"""The dictionary of the catalogue, by application, and the reading of queries with it."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice, zip_longest
from operator import attrgetter
from types import MappingProxyType
from typing import Final, TypeAlias

from ltrr.models.records.entity import Entity
from ltrr.models.records.fields import FieldKinds
from ltrr.models.records.query import Bounded, Interpretation, Understanding
from ltrr.models.scripts import endings, pieces
from ltrr.models.text import article_forms, common_forms, normalise, tokenise, typed
from ltrr.retrievers.bounds.bounds import read_bounds
from ltrr.retrievers.bounds.superlatives import asked_of, kind_of, read_superlative
from ltrr.retrievers.phrases.measures import signs_said
from ltrr.retrievers.phrases.packed import Packed
from ltrr.retrievers.phrases.phrases import Phrases
from ltrr.retrievers.phrases.things import VARIED, is_value, things_of
from ltrr.retrievers.understanding.asking import meant, relating
from ltrr.retrievers.understanding.cores import cores, misspelt, of_doers, respelt
from ltrr.retrievers.understanding.features import features
from ltrr.retrievers.understanding.language import language_of
from ltrr.retrievers.understanding.overview import PHRASES, Gathering, Outline
from ltrr.retrievers.understanding.readings import masses, readings
from ltrr.retrievers.understanding.respacing import clipped, measured, respaced, shortened
from ltrr.retrievers.understanding.slots import (
    Candidate,
    Groups,
    candidates,
    frequencies_of,
    groups,
    is_of_names,
    literal,
)
from ltrr.retrievers.understanding.subjects import subject
from ltrr.retrievers.understanding.synonyms import NO_SYNONYMS, WAYS, Synonyms
from ltrr.retrievers.understanding.without import without

MAX_TOKENS: Final = 10
MAX_CHARACTERS: Final = 64
_CHUNK: Final = 50
_LOOKED_AT: Final = 200
_NEAR: Final = 3
_UNDERSTOOD: Final = 1_000  # of a few kilobytes each
_SHARED: Final = 0.5
_BINDING: Final = 0.1
_FEW: Final = 0.02  # of all entities: what more of them are called says which is meant
_LONGEST: Final = MAX_TOKENS * MAX_CHARACTERS
Cards: TypeAlias = Callable[[Sequence[str]], Sequence[Entity | None]]


class Dictionary:
    """Follows the catalogue and reads queries, in any thread. A query is read by its first 10 tokens.

    packed: application -> what is packed of its phrases, to begin with. synonyms: what is said for each other, with the
    stemmer of the catalogue.
    """

    def __init__(self, packed: Mapping[str, Packed] = MappingProxyType({}), synonyms: Synonyms = NO_SYNONYMS) -> None:
        self._synonyms = synonyms
        self._lock = threading.Lock()
        self._nothing = Phrases()
        self._phrases = defaultdict[str, Phrases](Phrases)
        self._changes = 0
        self._outlines: dict[str, tuple[int, Outline]] = {}  # with the changes that it is of
        self._understood = lru_cache(_UNDERSTOOD)(self._understand)
        self._phrases.update({application: Phrases(one) for application, one in packed.items()})

    def replace(self, old: Sequence[Entity | None], new: Sequence[Entity | None]) -> None:
        """Take out what each entity was, if anything, and in what it is now, if anything; pairwise.

        The lock is let go every 50 entities, a few milliseconds, so that queries need not wait for a batch.
        """
        for start in range(0, len(old), _CHUNK):
            with self._lock:
                self._changes += 1
                for before, after in zip(old[start : start + _CHUNK], new[start : start + _CHUNK], strict=True):
                    if before:
                        self._phrases[before.application].remove(before)
                    if after:
                        self._phrases[after.application].add(after)

    def outline(self, application: str) -> Outline:
        """Return what is known here of an application's catalogue, as it is or was until a moment ago.

        As in `replace`, queries need not wait for it. It is kept until the catalogue changes.
        """
        with self._lock:
            changes, known = self._changes, self._outlines.get(application)
            if known is not None and known[0] == changes:
                return known[1]
            phrases = self._phrases.get(application, self._nothing)
            gathering, held = Gathering(len(phrases)), phrases.first(PHRASES)
        for start in range(0, len(held), _LOOKED_AT):
            with self._lock:
                gathering.add(filter(None, map(phrases.exact, held[start : start + _LOOKED_AT])))
        self._outlines[application] = changes, gathering.outline()
        return self._outlines[application][1]

    def values_near(self, application: str, attribute: str, text: str) -> list[str]:
        """Return at most 3 values of an attribute that are near to a text, normalised: the nearest first."""
        with self._lock:
            phrases = self._phrases.get(application, self._nothing)
            return phrases.values_near(attribute, _words(text), _NEAR, self._synonyms.stemmer)

    def understand(self, text: str, application: str) -> Understanding:
        """Return what the words of a query stand for, what it is after, and its language.

        Of several ways to say it (synonyms; "l'eau" and "eau"; "5 €" and "5 eur") the one counts of which most is read,
        the first of those that are read as well. Of the last queries it is kept until the catalogue changes.
        """
        understand = self._understood if len(text) <= _LONGEST else self._understand
        return understand(text, application, self._changes)

    def _understand(self, text: str, application: str, changes: int) -> Understanding:
        del changes  # another answer for each
        asked = dict.fromkeys(map(_words, (*article_forms(text), signs_said(text))))
        words = next(iter(asked))
        with self._lock:
            phrases = self._phrases.get(application, self._nothing)
            said = zip_longest(*(self._synonyms.ways(one, lambda word: phrases.having(word) > 0) for one in asked))
            ways = islice((way for way in chain.from_iterable(said) if way is not None), WAYS)
            stemmer = self._synonyms.stemmer
            asking = [meant(phrases, way, stemmer) for way in ways]
            one_piece = len(text.split()) == 1  # as an id is
            wanted = [([way], ()) if one_piece else without(phrases, way, stemmer) for way in asking]
            spaced = dict.fromkeys(
                respaced(phrases, measured(phrases, way), stemmer)[:MAX_TOKENS] for some, _ in wanted for way in some
            )
            spaced |= dict.fromkeys(subject(phrases, way, stemmer) for way in tuple(spaced))
            spaced |= dict.fromkeys(shortened(phrases, way) for way in tuple(spaced))
            spaced |= dict.fromkeys(clipped(phrases, way) for way in tuple(spaced))
            spaced |= dict.fromkeys(of_doers(phrases, way, stemmer) for way in tuple(spaced))
            spaced |= dict.fromkeys(cores(phrases, way, stemmer) for way in tuple(spaced))
            looked = [_look(phrases, tokens, stemmer) for tokens in spaced]
            typed, found, _, of_typed, *_ = looked[0]
            of_names = is_of_names(phrases, typed, found, of_typed)
            shares, things = dict(_shares(phrases, text)), things_of(phrases, words, stemmer)
            shares |= dict.fromkeys(relating(words), _BINDING)
            size = len(phrases)
        read = [_Way(*one, readings(one[1], len(one[0]))) for one in looked]
        way = max(read, key=attrgetter("explained"))
        frequencies = _frequencies(read)
        shares |= {word: _BINDING for word in things if frequencies.get(word, 0) <= max(1, _FEW * size)}
        mass = masses(way.read)
        filed = Groups(
            *(
                tuple(dict.fromkeys(chain.from_iterable(some)))
                for some in zip(*(one.filed for one in read), strict=True)
            )
        )
        return Understanding(
            way.read,
            features(way.found, way.read, mass, way.tokens),
            mass.intent,
            language_of(way.tokens),
            size,
            way.tokens if way.tokens != words else (),
            frequencies,
            tuple(one.tokens for one in read) if len(read) > 1 else (),
            stemmer,
            filed.groups,
            filed.loose,
            filed.types,
            filed.heads,
            filed.named,
            {word: other for one in read for word, other in one.meant_for.items()},
            shares,
            tuple(dict.fromkeys(chain.from_iterable(unwanted for _, unwanted in wanted))),
            of_names,
            frozenset[str]().union(*(one.literal for one in read)),
        )

    def bounded(self, text: str, application: str, kinds: FieldKinds, cards: Cards) -> Bounded:
        """Return the bounds that a query sets, and what it asks the most or the least of.

        None where all of it is a name or value. See `read_bounds` and `read_superlative`. cards: entities by their ids.
        """
        with self._lock:
            phrases = self._phrases.get(application, self._nothing)
            if phrases.exact(typed(text)):
                return Bounded(text)
            stemmer = self._synonyms.stemmer
            found = read_bounds(text, kinds, phrases.has, lambda word: is_value(phrases, word, stemmer), stemmer)
            asked = read_superlative(found.text, kinds, phrases.has)
        if asked is None:
            return found
        rest, order = asked
        read = self.understand(rest, application)
        with self._lock:
            said = asked_of(rest, read, lambda attribute: phrases.variety(attribute) >= VARIED)
        if said is None:
            return found
        values, left = said
        kind = kind_of([*filter(None, cards(self._called(left, application)))]) if left else {}
        if kind is None:
            return found
        return replace(found, order=order, values={**kind, **values}, words=" ".join(left))

    def _called(self, words: Sequence[str], application: str) -> list[str]:
        """Return entities in whose names words stand side by side, the last in any form: the most popular ones."""
        *others, last = words
        with self._lock:
            phrases = self._phrases.get(application, self._nothing)
            said = [[*others, form] for form in dict.fromkeys((last, *common_forms(last, self._synonyms.stemmer)))]
            exact = (phrases.exact(" ".join(one)) for one in said)
            found = [*filter(None, exact), *chain.from_iterable(phrases.containing(one, _LOOKED_AT) for one in said)]
            return list(dict.fromkeys(chain.from_iterable(one.carriers(_LOOKED_AT) for one in found)))[:_LOOKED_AT]

    def respelt(self, text: str, application: str) -> Understanding | None:
        """Return what a query stands for with other words than the catalogue has not, see `respelt`; None without."""
        words = _words(text)
        with self._lock:
            other = respelt(self._phrases.get(application, self._nothing), words, self._synonyms.stemmer)
        if other == words:
            return None
        understanding = self.understand(" ".join(other), application)
        return replace(understanding, respaced=understanding.respaced or other)


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to say a query, and how it is read. filed: see `groups`; meant_for: see `misspelt`; literal: see there."""

    tokens: tuple[str, ...]
    found: Sequence[Candidate]
    frequencies: Mapping[str, int]
    filed: Groups
    meant_for: Mapping[str, str]
    literal: frozenset[str]
    read: tuple[Interpretation, ...]

    @property
    def explained(self) -> float:
        """The share of tokens that the likeliest reading explains, each by how well it fits."""
        slots = self.read[0].slots if self.read else ()
        return sum(slot.weight * (slot.end - slot.start) for slot in slots) / max(len(self.tokens), 1)


def _frequencies(ways: Sequence[_Way]) -> dict[str, int]:
    """Return how many entities have each word; words that stand for each other are as common as the most common one.

    Else a rare synonym would say more than the common word that was typed. Source: Lucene's SynonymQuery.
    """
    found = {word: count for way in ways for word, count in way.frequencies.items()}
    for words in _alike([way.tokens for way in ways]):
        most = max((found.get(word, 0) for word in words), default=0)
        found |= dict.fromkeys(words & found.keys(), most)
    return found


def _alike(ways: Sequence[tuple[str, ...]]) -> Iterator[set[str]]:
    """Yield words that stand for each other: those at one place, or where ways differ in length, all not in each."""
    in_all = set.intersection(*map(set, ways))
    places = zip(*ways, strict=True) if len(set(map(len, ways))) == 1 else [chain.from_iterable(ways)]
    yield from (set(words) - in_all for words in places)


def _look(
    phrases: Phrases, tokens: tuple[str, ...], stemmer: str
) -> tuple[tuple[str, ...], Sequence[Candidate], Mapping[str, int], Groups, Mapping[str, str], frozenset[str]]:
    """Return tokens, what they may stand for, how many entities have each, and what is told of a `_Way` besides."""
    found = candidates(phrases, tokens, stemmer)
    counts = frequencies_of(phrases, dict.fromkeys((*tokens, *pieces(tokens))), found, stemmer)
    meant_for = misspelt(phrases, tokens, counts, stemmer)
    counts |= {word: min(phrases.having(word), len(phrases)) for word in meant_for.values()}
    filed = groups(phrases, tokens, found, stemmer)
    return tokens, found, counts, filed, meant_for, literal(phrases, tokens, found, stemmer)


def _shares(phrases: Phrases, text: str) -> Iterator[tuple[str, float]]:
    """Yield words of a text that say less than others, and how much: those that only inflect or bind, see `endings`.

    An ideograph, and what it is together with the hiragana behind it, say the same, half each where the catalogue has
    both: all forms of "食べる" begin so. Else the ideograph says all.
    """
    for bound in endings(text):
        before, *words = tokenise(bound)
        for word in words:
            if word.startswith(before) and phrases.having(word):
                yield from ((before, _SHARED), (word, _SHARED))
            else:
                yield word, _BINDING


def _words(text: str) -> tuple[str, ...]:
    typed = normalise(text[:_LONGEST]).split()[:MAX_TOKENS]
    return tuple(word[:MAX_CHARACTERS] for word in typed)
