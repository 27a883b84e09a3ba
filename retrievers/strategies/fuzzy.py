"""Fuzzy: names, aliases, values and descriptions in spite of spelling, of spaces, and of a last word half typed."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

from ltrr.models.records.query import Hit, Query, Understanding
from ltrr.models.text import TELLING_HEAD, common_forms, has_digit, head_share, joined, parts, root, singulars, unpadded
from ltrr.models.wording import emphasis, parted
from ltrr.retrievers.documents.documents import ends_of, identity, may_go_on, spelt, titled
from ltrr.retrievers.requests.requests import Best, Clause, Every, Near, Request, Scale, Sum, TextRequest, best, facets
from ltrr.retrievers.strategies.base import MAX_CHARACTERS, Strategy, Way, ways

_WORDS: Final = 8
_SHORT: Final = 4
_LONG: Final = 8
_LARGEST: Final = (
    96  # bytes; what lies within two edits of 256 Chinese letters takes tantivy 700 MB and a third of a second
)
_WHOLE: Final = 2.0
_KEPT: Final = 0.5
_WHOLE_KEPT: Final = 0.35
_WHOLE_PREFIX: Final = 0.8
_WHOLE_DONE: Final = 0.88  # more than what goes on, or an id that begins so, by more than the popular have
_WHOLE_KNOWN: Final = 0.6  # done with a word that the catalogue has
_WHOLE_ARTICLE: Final = 0.92
_WHOLE_WORDS: Final = 0.3
_WHOLE_FAMOUS: Final = 0.6
_WHOLE_EDITS: Final = 2
_WORD_EDITS: Final = 1
_PREFIX: Final = 0.9
_ALIAS: Final = 0.7
_VALUE: Final = 0.6
_SINGULAR: Final = 0.95
_UNPADDED: Final = 0.95
_FORM: Final = 0.7
_DESCRIBED: Final = 0.35
_FAMILY: Final = 0.4
_RARITY: Final = 0.5
_WORD_FIELDS: Final = (("name", 1.0), ("aliases", _ALIAS), ("values", _VALUE))
_WHOLE_ALIAS: Final = 0.9
_WHOLE_VALUE: Final = 0.85
_WHOLE_FIELDS: Final = (("joined_names", _ALIAS), ("joined_values", _VALUE))
_JOINED_FIELDS: Final = (("joined", 1.0), *_WHOLE_FIELDS)
_MANY_WORDS: Final = ("values", "joined_values", "description")
_BEGINNING: Final = 3
_POPULARITY: Final = 0.15
_LEAST: Final = 0.3
_CALLED: Final = 64  # characters of what may be called so with an article
_ARTICLES: Final = ("the", "der", "die", "das", "le", "la", "les", "el", "los", "las", "il", "i", "gli", "o", "os")


class Fuzzy(Strategy):
    """A name or value without its spaces within two edits or by its beginning, its words within one edit or by theirs.

    Values of attributes count for less than names, since more entities have them. A beginning counts for more than an
    edit: who has typed half of a name has made no mistake yet; and where a name is done with the word that is half
    typed ("acc", "account") it counts for more than where it goes on ("account box"). A word that the catalogue has is
    less often half of another: where a name has all words, and is well known, it comes before those that only begin so
    ("mode": "Depeche Mode"), and what is called so but for an article first of all ("who": "The Who"). What has digits
    is compared as it is: a number next to it is another thing. An id is found as a whole, or by its beginning where
    that is no word. Neighbours are asked for as one word ("blue tooth"), and one word for neighbours. Words of
    descriptions count for less still, and are asked for as they are typed where the catalogue has them, else also as
    two ("backdoor").

    Two edits cost an engine ten times what one costs, so they are kept for whole ones, and each text is asked for
    once exactly and once within its largest number of edits.
    """

    name = "fuzzy"
    description = "spelling-tolerant and prefix match on names, aliases, values of attributes and descriptions"
    calls = ("text:fuzzy",)

    def requests(self, query: Query, depth: int) -> Mapping[str, Request]:
        """Ask for the whole name and for its words; a word counts by its letters and how few have it."""
        if not query.tokens:
            return {}
        clause = nearly(query)
        return {"text:fuzzy": TextRequest(clause, query.application, depth, facets(query.filters))}

    def fuse(self, query: Query, lists: Mapping[str, Sequence[Hit]], depth: int) -> Sequence[Hit]:
        """Leave out what has a word or two of many nearly, and nothing else: who types so did not mean it."""
        return [hit for hit in super().fuse(query, lists, depth) if hit.score >= _LEAST]


def nearly(query: Query) -> Clause:
    """Return what has the whole of a query, or one of its words, nearly or half typed. The query has words."""
    return best((_nearly(query, way), way.share) for way in ways(query))


def _nearly(query: Query, way: Way) -> Clause:
    tokens = way.tokens[:_WORDS]
    stemmer, rarities = query.understanding.stemmer, query.understanding.rarities(tokens)
    letters = [
        len(token) * emphasis(token, stemmer) * rare**_RARITY for token, rare in zip(tokens, rarities, strict=True)
    ]
    whole, last = sum(letters), len(tokens)
    clauses: list[Clause] = [Best((*_whole(way.text, query.understanding.frequencies), _called(tokens)))]
    for end, token in enumerate(tokens, start=1):
        share = letters[end - 1] / whole
        clauses.append(Best(tuple(_word(token, share, query.understanding, last=end == last))))
    for start, end, spelling in joined(tokens):
        share = sum(letters[start:end]) / whole
        near = any(token not in query.understanding.frequencies for token in tokens[start:end])
        clauses.append(Best(tuple(_neighbours(spelling, _FORM * share, stemmer, last=end == last, near=near))))
    return Sum(tuple(clauses), (Scale("popularity", _POPULARITY),))


def _edits(text: str, most: int) -> int:
    """Return how many edits a text of this length may be away; none where it has digits, or is very long."""
    exact = len(text) < _SHORT or len(text.encode()) > _LARGEST or has_digit(text)
    return 0 if exact else 1 if len(text) < _LONG else most


def may_be_misspelt(text: str) -> bool:
    """Tell whether a word is looked for nearly as it is typed, too."""
    return _edits(text, _WORD_EDITS) > 0


def _whole(text: str, known: Container[str]) -> Iterator[Near]:
    joined, title = text.replace(" ", "")[:MAX_CHARACTERS], titled(text[:MAX_CHARACTERS])
    asked, *bare = spelt(text[:MAX_CHARACTERS])
    own = identity(asked)
    done = _WHOLE * (_WHOLE_KNOWN if title.rpartition(" ")[2] in known else _WHOLE_DONE)
    yield Near("title", title, done, prefix=True)
    yield Near("alias", title, done * _WHOLE_ALIAS, prefix=True)
    for article in _ARTICLES if len(text) <= _CALLED else ():
        with_article = titled(f"{article} {text}")
        yield Near("title", with_article, _WHOLE * _WHOLE_ARTICLE)
        yield Near("alias", with_article, _WHOLE * _WHOLE_ARTICLE * _WHOLE_ALIAS)
    yield Near("joined", joined, _WHOLE)
    yield Near("joined_names", joined, _WHOLE * _WHOLE_ALIAS)
    yield Near("joined_values", joined, _WHOLE * _WHOLE_VALUE)
    yield Near("forms", own, _WHOLE)
    yield from (Near("forms", identity(one), _WHOLE * _UNPADDED) for one in bare)
    if may_go_on(asked, known):
        yield Near("forms", own, _WHOLE * _WHOLE_PREFIX, prefix=True)
    for field, share in _WHOLE_FIELDS:
        weight = _WHOLE * share
        yield Near(field, joined, weight)
        if _may_begin(field, joined):
            yield Near(field, joined, weight * _WHOLE_PREFIX, prefix=True)
        if edits := _edits(joined, _WHOLE_EDITS):
            yield Near(field, joined, weight * _WHOLE_KEPT, edits)


def _called(tokens: Sequence[str]) -> Every:
    """Ask for what has all words in its name, for the more the better it is known."""
    words = (Near("name", token, _WHOLE * _WHOLE_WORDS / len(tokens)) for token in tokens)
    return Every((*words, Scale("popularity", _WHOLE * _WHOLE_FAMOUS)))


def _word(token: str, share: float, understanding: Understanding, *, last: bool) -> Iterator[Near]:
    stemmer = understanding.stemmer
    for field, kept in _JOINED_FIELDS:
        yield Near(field, token, share * kept)
    forms = (token, *common_forms(token, stemmer))
    for form in dict.fromkeys((*forms, unpadded(token))):
        yield Near("forms", form, share * _FORM)
    for field, kept in _WORD_FIELDS:
        weight = share * kept
        yield Near(field, token, weight)
        for one in singulars(token, stemmer):
            yield Near(field, one, weight * _SINGULAR)
        if edits := _edits(token, _WORD_EDITS):
            yield Near(field, token, weight * _KEPT, edits)
        if last and _may_begin(field, token):
            yield Near(field, token, weight * _PREFIX, prefix=True)
    if token in understanding.frequencies:
        yield from (Near("description", form, share * _DESCRIBED) for form in forms)
    else:
        yield from _unknown(token, share, stemmer, last=last)


def _unknown(token: str, share: float, stemmer: str, *, last: bool) -> Iterator[Near]:
    """Ask for a word that the catalogue has not: its family, its kind, what descriptions have otherwise, or as two.

    Of a code for what goes on as its end does: "2n2222" is nearly a "PN2222A".
    """
    _, family = root(token, stemmer)
    if family:
        for field, kept in (*_WORD_FIELDS, ("description", _DESCRIBED)):
            yield Near(field, family, share * kept * _FAMILY, prefix=True)
    for end in ends_of(token, stemmer):
        if len(end) >= TELLING_HEAD:
            weight = share * _FORM * head_share(len(end))
            yield Near("forms", end, weight)
            yield Near("name", end, weight)
    for end in parts(token) if last else ():
        if len(end) > _SHORT and not end.isdecimal() and has_digit(end):
            yield Near("forms", end, share * _FORM * _PREFIX, prefix=True)
    yield from (Near("shingles", one, share * _FORM) for one in parted(token, stemmer))
    if edits := _edits(token, _WORD_EDITS):
        yield Near("description", token, share * _KEPT, edits)
    if last and _may_begin("description", token):
        yield Near("description", token, share * _PREFIX, prefix=True)


def _neighbours(spelling: str, share: float, stemmer: str, *, last: bool, near: bool) -> Iterator[Near]:
    """Ask for neighbours as one word, `near`: or nearly; what has them side by side is asked for as words."""
    for form in (spelling, *common_forms(spelling, stemmer)):
        yield Near("description", form, share)
    if last and _may_begin("description", spelling):
        yield Near("description", spelling, share * _PREFIX, prefix=True)
    for field, kept in _WORD_FIELDS:
        yield Near(field, spelling, share * kept)
        if last and _may_begin(field, spelling):
            yield Near(field, spelling, share * kept * _PREFIX, prefix=True)
        if near and (edits := _edits(spelling, _WORD_EDITS)):
            yield Near(field, spelling, share * kept * _KEPT, edits)


def _may_begin(field: str, text: str) -> bool:
    """Return whether to ask for what begins so: one or two letters begin a value or word of half the entities."""
    return field not in _MANY_WORDS or len(text) >= _BEGINNING
