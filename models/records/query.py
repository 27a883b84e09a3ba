"""A query as strategies see it, and what query understanding read in it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from ltrr.models.text import ENGLISH

Intent: TypeAlias = Literal["spearfishing", "topic", "ambiguous", "unknown"]
"""After one name, after attributes, perhaps after several things; or nothing of it is understood."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A span of tokens read as something that the catalogue knows.

    start, end: token positions, end exclusive. category: "name" for an entity's name or alias, else the name of
    an attribute ("genre"). value: the catalogue's own string, normalised. weight: in (0, 1], how well the span
    fits. types: the entity types that carry this name; object_ids: the entities it names (bounded), else empty.
    """

    start: int
    end: int
    category: str
    value: str
    weight: float
    types: tuple[str, ...] = ()
    object_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One way to read the whole query. likelihood: in (0, 1]; those of one query sum to 1."""

    likelihood: float
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the catalogue says of a query.

    interpretations: most likely first. features: name -> number, the part of the context that is known from the query
    and the catalogue alone. language: ISO 639-1, or None where the words do not tell. catalogue_size: how many entities
    the application has. respaced: the words that slots are spans of, where they have other spaces than the words of the
    normalised query ("helloadele" -> "hello", "adele"), leave out what only asks ("i need a"), or are synonyms; else
    empty. frequencies: how many entities have each of these words, and of `ways`, as far as is known, without those
    that none has. ways: the ways to say the whole query where there are several, as it was typed first. stemmer: of the
    catalogue, see `stem`. groups: those words that say of which group a thing is, such as who makes it; loose: those
    that are neither that nor any name or value; types: those of groups that say of which type it is; heads: those that
    many names begin with, such as a maker's; named: those of a name of several words that is all there. meant: word
    that the catalogue has not -> the one that it is a misspelling of, whose frequency is known, too. shares:
    word -> how much it says of what it would by itself, for words that share it with others or only inflect them.
    without: what is not wanted, each as its words, which are none of those above. of_names: the query is one word of
    more names than have it for a value, which is of no group. literal: words that say more as they are typed than what
    they may be a form of.
    """

    interpretations: tuple[Interpretation, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)
    intent: Intent = "unknown"
    language: str | None = None
    catalogue_size: int = 0
    respaced: tuple[str, ...] = ()
    frequencies: Mapping[str, int] = field(default_factory=dict)
    ways: tuple[tuple[str, ...], ...] = ()
    stemmer: str = ENGLISH
    groups: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    meant: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    without: tuple[tuple[str, ...], ...] = ()
    of_names: bool = False
    literal: frozenset[str] = frozenset()

    def as_meant(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the words, in place of those that are misspelt what they are meant for."""
        return tuple(self.meant.get(word, word) for word in words)

    def rarities(self, words: Sequence[str]) -> list[float]:
        """Return the inverse document frequency of each word, in (0, 1]: 1 where one entity alone has it.

        A word that none has is as rare as the others in the mean, or as what it is a misspelling of, if that is rarer.
        Words of groups say as much as all that are loose, at least: who types a make and a rare word means a thing of
        that make; and so do those of a whole name: what is called so is meant. So do heads beside other groups but
        types: where a make has none of a kind, its things come before others' of that kind. Of all that words say their
        share counts.
        """
        size, known = self.catalogue_size, self.frequencies
        rare = {word: math.log1p(size / count) / math.log1p(size) for word, count in known.items()}
        found = {word: rare[word] for word in words if word in rare}
        other = sum(found.values()) / len(found) if found else 1.0
        found |= {word: max(other, rare[self.meant[word]]) for word in words if word in self.meant}
        groups, loose, heads, named = (
            set(some).intersection(words) for some in (self.groups, self.loose, self.heads, self.named)
        )
        beside = groups - heads - set(self.types)
        of_groups, of_heads, of_named = (
            sum(found.get(word, other) for word in some) / max(len(among), 1)
            for some, among in ((loose, groups), (beside, heads), (loose, named))
        )
        least = dict.fromkeys(named, of_named) | dict.fromkeys(groups, of_groups)
        least |= dict.fromkeys(heads, max(of_groups, of_heads))
        says = [max(found.get(word, other), least.get(word, 0.0)) for word in words]
        return [self.shares.get(word, 1.0) * one for word, one in zip(words, says, strict=True)]


@dataclass(frozen=True, slots=True)
class Hit:
    """One result of one retrieval. score: larger is better; comparable only within its list."""

    object_id: str
    score: float


@dataclass(frozen=True, slots=True)
class RememberedHit(Hit):
    """What the memory holds for a query.

    origin: "exact" where people acted on it for this very query, "near" where they did for a query near to it,
    "predicted" where nobody did yet.
    """

    origin: str = "exact"


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number, or of a date in seconds since the epoch: at most one on each side; what is None is open."""

    gte: float | None = None
    gt: float | None = None
    lte: float | None = None
    lt: float | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether no number can lie within."""
        low = next((bound for bound in (self.gte, self.gt) if bound is not None), -math.inf)
        high = next((bound for bound in (self.lte, self.lt) if bound is not None), math.inf)
        return low > high or (low == high and not self.holds(low))

    def holds(self, number: float) -> bool:
        """Tell whether a number lies within."""
        return not (
            (self.gte is not None and number < self.gte)
            or (self.gt is not None and number <= self.gt)
            or (self.lte is not None and number > self.lte)
            or (self.lt is not None and number >= self.lt)
        )


SIGNS: Final[Mapping[str, str]] = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
"""How people write the bounds of a `Range`."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order by a number of entities; those without one stand last. falling: the largest first."""

    field: str
    falling: bool = False


RELEVANCE: Final = "relevance"
"""The order of results where no other one is asked."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """A query without the bounds that it sets.

    text: what else it asks for. ranges: by the name of an attribute. order: where it asks for the most or the least of
    all that have some values, else None; values: these, by the name of an attribute; words: what they have, too.
    """

    text: str
    ranges: Mapping[str, Range] = field(default_factory=dict)
    order: Order | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A search request after normalisation.

    text: as typed. normalised: folded to lower case without diacritics or punctuation, single spaces; the key of
    the memory. tokens: its words, see `tokenise`. remembered: what the memory holds for it, best first. profile,
    session: what the user, and this session, took before, the strongest first. filters: field ("type" or an attribute)
    -> accepted texts and numbers, or a range. time_s: seconds since the epoch. seed: drives everything random about
    this query.
    """

    text: str
    normalised: str
    tokens: tuple[str, ...]
    time_s: float
    seed: int
    application: str = "default"
    language: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    filters: Mapping[str, tuple[str | float, ...] | Range] = field(default_factory=dict)
    understanding: Understanding = field(default_factory=Understanding)
    remembered: tuple[RememberedHit, ...] = ()
    profile: tuple[Hit, ...] = ()
    session: tuple[Hit, ...] = ()
