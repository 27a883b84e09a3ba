"""The ranker's features of how far the words of a query and of an entity match."""

from collections.abc import Mapping, Sequence
from operator import mul
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.models.scripts import kana, smoothed
from ltrr.models.wording import marked, spelt_otherwise
from ltrr.retrievers.documents.documents import spelt
from ltrr.retrievers.matching.matcher import Matcher
from ltrr.retrievers.matching.texts import Texts, known
from ltrr.retrievers.strategies.base import Way, ways

_CODED: Final = 2
_UNWANTED: Final = 0.4
_UNSAID: Final = 0.95
_OTHERWISE: Final = 0.95


def match_features(query: Query, cards: Mapping[str, Entity]) -> dict[str, dict[str, float]]:
    """Return the ranker's group `match` of candidates, each number in [0, 1]; nothing for a query without words.

    words: how much of the query is in the entity's name, aliases, attributes (of numbers years alone) and description,
    where a word weighs the more the fewer entities have it, and a twentieth of that where it says next to nothing
    ("for"); one that is inflected, spelt nearly alike, half typed, without its marks, or split or joined otherwise
    counts somewhat less; where the catalogue has no such word, also one that begins so ("roofing" for "roofer"), and of
    a description one that is spelt nearly alike; so does a value that the query is read as ("Belgium" for "belgian");
    of a description the less the longer it is, and the more the more often it is there, or where it stands beside the
    word that it is asked for with; for somewhat less a word that the catalogue has not is two neighbours of it. What is
    of no group that is asked for has two fifths, but where others have words of the rest and nothing of these groups
    has any; of a type nothing is but by its name or type. Of what is the object id of one of them, others hold a tenth
    less, and a fifth less of a number that is an end of a range; a number and its unit have two fifths where they stand
    apart. A word of a longer value counts nothing where the query asks for another value of that attribute. What goes
    on where another's name ends, or begins before it does, and has no more of the query, has a twentieth less.
    shingles: how many of the query's neighbouring words stand side by side there, for somewhat less the last one half
    typed in a name or value, and those of a name in another order; all, where the query is several of the values.
    field: how much of the query is in the name or in one alias, as for `words`; a value counts where it is the query,
    or, where its attribute has no other, where all of it is in there; and so do several values that are the query.
    name: how much of the name is in the query, likewise, or for a tenth less of an alias, whichever is most, squared,
    since one word of several names nothing, times `words`, since who asks for more does not mean what one common word
    names, and where another's name has the same words of the query and more, times how many of those it has; value: the
    same of the values of attributes, times the entity's weight for them. whole: the query is the name, an alias, the
    object id, or an e-mail address of it; for somewhat less the words of a name in another order or inflected, for half
    a name whose last word is half typed, and where it nearly is one, without digits, the square of how alike they are;
    for somewhat less, too, where the query is a name and words of the entity's values ("border property"), of which no
    other's name has more, or has one with its marks as it is written ("@media"); and a code of one or two in capitals
    that is typed in capitals, too. What is called what was typed in the other kana alone, or with other marks ("Cổng"
    for "cống"), has a twentieth less of everything, and so has what does not say that it lacks what is not wanted,
    where others do ("gluten free"); what has that in a name or value has two fifths of everything. Each is the largest
    of the ways to say the query, where the typed one counts most.
    """
    texts = [known.of(card, query.understanding.stemmer) for card in cards.values()]
    found = [_columns(way, query, texts) for way in ways(query)]
    if not found:
        return {}
    columns = {name: list(map(max, zip(*(one[name] for one in found), strict=True))) for name in found[0]}
    if 0 < sum(coded := _coded(query.text.strip(), cards)) <= _CODED:
        columns["whole"] = [max(share, float(one)) for share, one in zip(columns["whole"], coded, strict=True)]
    without, stemmer = query.understanding.without, query.understanding.stemmer
    lacking = [one.lacks_any(without, stemmer) for one in texts]
    unsaid = _UNSAID if any(lacking) else 1.0
    wanted = [
        _UNWANTED if one.has_any(without, stemmer) else 1.0 if lacks else unsaid
        for one, lacks in zip(texts, lacking, strict=True)
    ]
    shares = list(map(mul, wanted, _as_written(query, cards)))
    return {
        f"match.{name}": dict(zip(cards, map(mul, column, shares), strict=True)) for name, column in columns.items()
    }


def _coded(typed: str, cards: Mapping[str, Entity]) -> list[bool]:
    """Tell which entities have what was typed in capitals for a value that is written so."""
    return [typed.isupper() and any(typed in values for values in card.attributes.values()) for card in cards.values()]


def _as_written(query: Query, cards: Mapping[str, Entity]) -> list[float]:
    """Return how much each entity counts: less where it has what was typed only in the other kana, or other marks."""
    typed, marks = kana(query.text), marked(query.text)
    if not typed and not marks:
        return [1.0] * len(cards)
    same = frozenset(map(smoothed, typed))
    otherwise = []
    for card in cards.values():
        called = (card.name, *card.aliases)
        held = frozenset[str]().union(*map(kana, called)) if typed else frozenset[str]()
        in_kana = bool(typed) and typed.isdisjoint(held) and not same.isdisjoint(map(smoothed, held))
        otherwise.append(in_kana or (bool(marks) and spelt_otherwise(marks, " ".join(called))))
    return [_OTHERWISE if one else 1.0 for one in otherwise]


def _columns(way: Way, query: Query, texts: Sequence[Texts]) -> dict[str, list[float]]:
    """Return all features of each text, by their names, in one way to say the query."""
    written = frozenset(piece for piece in query.text.casefold().split() if not piece.isalnum())
    matcher = Matcher(way.tokens, spelt(way.text), texts, query.understanding, written)
    words = matcher.words()
    found = {"words": words, "shingles": matcher.shingles(), **matcher.parts(words)}
    return {name: [way.share * value for value in column] for name, column in found.items()}
