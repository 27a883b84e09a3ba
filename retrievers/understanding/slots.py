"""Candidates: every span of a query with what it may stand for: exactly, nearly, in part, or as one of its family."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from ltrr.models.records.query import Slot
from ltrr.models.text import ENGLISH, common_forms, root, singulars
from ltrr.models.wording import emphasis, weighty
from ltrr.retrievers.phrases.kinship import kinship
from ltrr.retrievers.phrases.phrase import Phrase
from ltrr.retrievers.phrases.phrases import Phrases

LONGEST_SPAN: Final = 6
_NEAR: Final = 3
_PARTS: Final = 4
_CARRIERS: Final = 8
_ALIAS: Final = 0.9
_PART: Final = 0.6
_INFLECTED: Final = 0.97
_FAINT: Final = 0.4
_ALIKE: Final = 0.5
_FEW_VALUES: Final = 0.1
_LARGEST: Final = 0.4
_LARGEST_TYPE: Final = 0.5
_MOSTLY: Final = 0.4
_SHORTEST: Final = 2
_TYPE: Final = "type"

Match = Literal["exact", "near", "part", "kin"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A slot with how it was found. prior: in (0, 1], how likely anyone means it; similarity: of the spelling."""

    slot: Slot
    match: Match
    kind: Literal["name", "alias", "attribute"]
    prior: float
    similarity: float
    entities: int


class Groups(NamedTuple):
    """Words of a query that say of which group a thing is or what it is called, and no name or value beside these.

    See `Understanding`.
    """

    groups: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def candidates(phrases: Phrases, tokens: Sequence[str], stemmer: str) -> list[Candidate]:
    """Return what the spans of the tokens may stand for; nearly and in part only where nothing is exact.

    A number is a slip of no other. A word that is no value may stand for one of its family, where the attribute has
    few: "belgian" for "Belgium".

    Words that say next to nothing beside others (see `emphasis`) are no part of anything, and nothing misspelt or typed
    apart: "how" names no song of many words and is no "show", "the a" no "thead". Where no word is the catalogue's, and
    most letters are of words like none of it, the rest is chance: then nothing. stemmer: of the catalogue.
    """
    said = set(weighty(tokens, stemmer))
    found = [
        candidate for start, end in _places(tokens) for candidate in _span(phrases, tokens, start, end, said, stemmer)
    ]
    alike = {place for one in found for place in range(one.slot.start, one.slot.end)}
    letters = sum(len(tokens[place]) for place in alike)
    known = any(one.similarity == 1.0 for one in found)
    return found if known or letters > _ALIKE * sum(map(len, tokens)) else []


def frequencies_of(phrases: Phrases, tokens: Iterable[str], found: Sequence[Candidate], stemmer: str) -> dict[str, int]:
    """Return how many entities have each token, as far as is known: without those that none has, in another form too.

    A name or value of several words counts for all that carry it where it is among what the tokens may stand for, else
    for one; a value also for one where the word is a value of other attributes by itself: "moscow" is a city, and not
    all that is in the time zone "Europe/Moscow". stemmer: of the catalogue, see `stem`.
    """
    carried, named, whole = _carried(found), _named(found), {(one.slot.category, one.slot.value) for one in found}

    def carrying(form: str) -> int:
        own = [count for attribute, count in carried[form].items() if (attribute, form) in whole]
        return sum(own or carried[form].values())

    def having(forms: Sequence[str]) -> int:
        carried_by = next(filter(None, map(carrying, forms)), 0)
        return max(map(phrases.having, forms)) + carried_by + max(map(named.__getitem__, forms))

    counts = {token: min(having((token, *common_forms(token, stemmer))), len(phrases)) for token in tokens}
    return {token: count for token, count in counts.items() if count}


def _carried(found: Sequence[Candidate]) -> Mapping[str, Counter[str]]:
    """Return of each word how many times entities have it in values that were found, by attribute."""
    values = {(one.slot.category, one.slot.value): one.entities for one in found if one.kind == "attribute"}
    carried = defaultdict[str, Counter[str]](Counter)
    for (attribute, value), entities in values.items():
        for word in set(value.split()):
            carried[word][attribute] += entities
    return carried


def _named(found: Sequence[Candidate]) -> Counter[str]:
    """Return of each word how many entities share a name of several words that was found, but for one of each name."""
    names = {one.slot.value: one.entities for one in found if one.kind != "attribute"}
    named = Counter[str]()
    for name, entities in names.items():
        if len(words := set(name.split())) > 1:
            named.update(dict.fromkeys(words, entities - 1))
    return named


def groups(phrases: Phrases, tokens: Sequence[str], found: Sequence[Candidate], stemmer: str) -> Groups:
    """Return which tokens say of which group a thing is, without those that say next to nothing, see `emphasis`.

    A group is all that has a value of an attribute of few values (a tenth as many as times that entities have one),
    asked for by its words, inflected or not, or by the first of them ("intel" of "Intel Corporation", but "new" of no
    country among several), or whose names begin with a word, where few words begin all of them (see `Phrases.heading`):
    "canon", "epson". It has two fifths of the catalogue at most, and such a word is mostly said for that: two of five
    texts that have it, at least. A type of half of the catalogue at most is one, too, by its words or their plural
    ("hops"), whatever else is described with them. What a thing is called is told where the query has all
    of a name of several words. stemmer: of the catalogue, see `emphasis`.
    """
    most = _LARGEST * len(phrases)
    exact, carried = [one for one in found if one.match == "exact"], _carried(found)
    spans = [(one.slot.start, one.slot.end) for one in found if _is_group(phrases, tokens, one, carried, most)]
    types = {token for start, end in _of_types(phrases, tokens, stemmer) for token in tokens[start:end]}
    heads = set(_heading(phrases, tokens, most))
    of_groups = {token for start, end in spans for token in tokens[start:end]} | types | heads
    known = {token for one in exact for token in tokens[one.slot.start : one.slot.end]} | of_groups
    said = [token for token in dict.fromkeys(tokens) if emphasis(token, stemmer) == 1.0]
    filed = tuple(token for token in said if token in of_groups and len(token) >= _SHORTEST)
    whole = [one.slot for one in exact if one.kind != "attribute" and one.slot.end - one.slot.start > 1]
    names = {token for slot in whole for token in tokens[slot.start : slot.end]}
    named = tuple(token for token in said if token in names)
    loose = tuple(token for token in said if token not in known) if filed or named else ()
    of_types, of_heads = (tuple(token for token in filed if token in some) for some in (types, heads))
    return Groups(filed, loose, of_types, of_heads, named)


def is_of_names(phrases: Phrases, tokens: Sequence[str], found: Sequence[Candidate], filed: Groups) -> bool:
    """Tell whether one word is asked for that more names have than have it for a value, which is of no group.

    A letter is none: names have it for an initial, as in "N.V.".
    """
    if len(tokens) != 1 or len(tokens[0]) == 1 or filed.groups:
        return False
    having = sum(one.entities for one in found if one.match == "exact" and one.kind == "attribute")
    return 0 < having < phrases.within(tokens[0])


def literal(phrases: Phrases, tokens: Sequence[str], found: Sequence[Candidate], stemmer: str) -> frozenset[str]:
    """Return the tokens that values of several have as they are: "rays" is of a team, and no form of "Ray".

    In English also those of names and values of which the catalogue has no singular ("donuts"). In other languages than
    English, which tell one of the things less surely, also those that a name or value has as they are (all of these
    where the catalogue has another form), and the last where it begins one. stemmer: of it.
    """
    several = (one for one in found if one.kind == "attribute" and one.similarity == 1.0 and one.entities > 1)
    told = {word for one in several for word in one.slot.value.split()}.intersection(tokens)
    if stemmer == ENGLISH:
        plurals = [one for one in tokens if singulars(one) and phrases.within(one)]
        told |= {one for one in plurals if not any(map(phrases.having, singulars(one)))}
    else:
        known = {one for one in tokens if phrases.exact(one) or phrases.within(one)}
        told = {one for one in told | known if any(map(phrases.having, common_forms(one, stemmer)))}
        told.update(one for one in tokens[-1:] if one not in known and phrases.begun(one))
    return frozenset(told)


def _places(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each span of up to six tokens."""
    for start in range(len(tokens)):
        yield from ((start, end) for end in range(start + 1, min(start + LONGEST_SPAN, len(tokens)) + 1))


def _span(
    phrases: Phrases, tokens: Sequence[str], start: int, end: int, said: set[str], stemmer: str
) -> Iterator[Candidate]:
    span = tokens[start:end]
    text = " ".join(span)
    phrase = phrases.exact(text)
    if phrase:
        yield from _readings(phrases, phrase, (start, end), "exact", 1.0, 1.0)
    inflected = [*_inflected(phrases, span, (start, end), stemmer)] if not (phrase and phrase.attributes) else []
    yield from inflected
    if not said.intersection(span):
        return
    alike = () if phrase or text.isdigit() else phrases.near(text, _NEAR)
    near = {one.text: (one, similarity) for one, similarity in alike}
    for one, similarity in near.values():
        yield from _readings(phrases, one, (start, end), "near", similarity**2, similarity)
    yield from _parts(phrases, span, (start, end))
    if len(span) == 1 and not inflected and not (phrase and phrase.attributes):
        yield from (one for one in _kin(phrases, text, (start, end), stemmer) if one.slot.value not in near)


def _inflected(phrases: Phrases, span: Sequence[str], place: tuple[int, int], stemmer: str) -> Iterator[Candidate]:
    """Yield the values, of attributes of few, of which a span is another form: "romantic comedies"."""
    *first, last = span
    for phrase in filter(None, (phrases.exact(" ".join((*first, form))) for form in common_forms(last, stemmer))):
        for one in _readings(phrases, phrase, place, "exact", _INFLECTED, 1.0):
            if one.kind == "attribute" and phrases.variety(one.slot.category) <= _FEW_VALUES:
                yield one


def _kin(phrases: Phrases, word: str, place: tuple[int, int], stemmer: str) -> Iterator[Candidate]:
    """Yield the values of one word, of attributes of few, that begin as words of the family of a word do."""
    _, family = root(word, stemmer)
    for phrase in phrases.beginning(family, len(word) + 1 - len(family)) if family else ():
        weight = kinship(word, phrase.text, stemmer)
        for one in _readings(phrases, phrase, place, "kin", weight, weight):
            if one.kind == "attribute" and phrases.variety(one.slot.category) <= _FEW_VALUES:
                yield one


def _parts(phrases: Phrases, span: Sequence[str], place: tuple[int, int]) -> Iterator[Candidate]:
    """Yield the names and values that have these words, or the one word that they make without spaces."""
    alike = [(span[0], 1.0)] if span[0].isdigit() else phrases.words_near(span[0], _NEAR)
    near = [([word], similarity) for word, similarity in alike]
    for words, similarity in near if len(span) == 1 else [(list(span), 1.0), (["".join(span)], 1.0)]:
        for phrase in phrases.containing(words, _PARTS):
            weight = _PART * similarity**2 * (sum(map(len, words)) / len(phrase.joined)) ** 0.5
            yield from _readings(phrases, phrase, place, "part", weight, similarity)


def _readings(
    phrases: Phrases, phrase: Phrase, place: tuple[int, int], match: Match, weight: float, similarity: float
) -> Iterator[Candidate]:
    if phrase.names or phrase.aliases:
        fit = weight if phrase.names else weight * _ALIAS
        slot = Slot(*place, "name", phrase.text, fit, phrase.types(), tuple(phrase.carriers(_CARRIERS)))
        entities = len(phrase.names.keys() | phrase.aliases.keys())
        kind: Literal["name", "alias"] = "name" if phrase.names else "alias"
        yield Candidate(slot, match, kind, _prior(phrases.fame(phrase)), similarity, entities)
    for attribute, entities in sorted(phrase.attributes.items()):
        slot = Slot(*place, attribute, phrase.text, weight)
        prior = _prior(phrases.spread(phrase, attribute))
        yield Candidate(slot, match, "attribute", prior, similarity, entities)


def _prior(strength: float) -> float:
    return _FAINT + (1.0 - _FAINT) * strength


def _is_group(
    phrases: Phrases, tokens: Sequence[str], one: Candidate, carried: Mapping[str, Counter[str]], most: float
) -> bool:
    if one.kind != "attribute" or not 1 < one.entities <= most or phrases.variety(one.slot.category) > _FEW_VALUES:
        return False
    said = tokens[one.slot.start : one.slot.end]
    if one.match == "exact":
        carrying = one.entities
    elif one.match == "part" and one.slot.value.split()[: len(said)] == list(said):
        carrying = carried[said[0]].total()  # by other values, too: "new" is of New York and New Zealand
    else:
        return False
    return len(said) > 1 or one.entities >= _MOSTLY * (carrying + phrases.having(said[0]))


def _of_types(phrases: Phrases, tokens: Sequence[str], stemmer: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of tokens that are a type, but for an inflection of the last, where there are several types."""
    for start, end in _places(tokens):
        *first, last = tokens[start:end]
        known = filter(None, (phrases.exact(" ".join((*first, form))) for form in (last, *common_forms(last, stemmer))))
        if any(1 < phrase.attributes.get(_TYPE, 0) <= _LARGEST_TYPE * len(phrases) for phrase in known):
            yield start, end


def _heading(phrases: Phrases, tokens: Sequence[str], most: float) -> Iterator[str]:
    for token in tokens:
        begun, share = phrases.heading(token)
        if 1 < begun <= most and share >= _MOSTLY:
            yield token
