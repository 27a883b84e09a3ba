"""What engines keep of an entity, the same in every engine: folded texts, exact terms, one text to embed.

| field | kind | holds |
|---|---|---|
| name, aliases | words | the words of the text, see `tokenise` |
| attributes, description | words | those of its words that people say, see `said` and `described` |
| forms | words | id, its words, addresses (`identity`, `id_words`); `forms`, `stems`, `heads`, `measures` |
| shingles | words | each two neighbouring words of a name, an alias, a value or the description (`shingles`) |
| title, alias | term | the whole normalised name, and each alias, behind how many words it has, see `titled` |
| joined, joined_names | term | the name without spaces; name and aliases so: spelling tolerance over whole names |
| values, joined_values | term | the words of values but prose, not of the type; what is said, unspaced; `uncounted` |
| object_id | term | the entity's own id |
| application, facets, related | term | filters; object ids that belong to the entity |
| weights | term | facet and step 1 to WEIGHT_STEPS of the entity's weight for it |
| numbers | number | attributes that are numbers or dates, popularity, quality and created_s: ranges and orders |
| popularity, quality | level | application and a level, see `popularity_level` |
| draw | term | buckets of a hash of the id, also by the time of creation: seeded chance, see `draws` |
"""

import math
import re
import uuid
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Order
from ltrr.models.text import (
    ENGLISH,
    TELLING_HEAD,
    article_forms,
    has_digit,
    heads,
    joined,
    normalise,
    parts,
    split,
    stem,
    uncounted,
    unmarked,
    unpadded,
)
from ltrr.models.wording import emails, is_said, prose, said, shingles
from ltrr.retrievers.phrases.measures import labels, measures
from ltrr.retrievers.phrases.phrase import also_called, attributes, described, folded, texts, told, years
from ltrr.retrievers.requests.draws import draw_terms
from ltrr.retrievers.requests.requests import SEPARATOR, WEIGHT_STEPS, Filter, Within, facet, field_of, number_facet

TEXT_FIELDS: Final = ("name", "aliases", "attributes", "description")
_POINT: Final = re.compile(r"(?<=\w)\.(?=\w)")
_NUMBERS: Final = re.compile(r"\d+(?:(?:[^\w\s]|_)\d+)+")
_LETTERS_AND_NUMBER: Final = re.compile(r"([^\W\d_]+)(\d+)")
_MARKED: Final = re.compile(r"(?<=\d)[./]")
_HOLDS: Final = "-"
_AROUND: Final = "()[]\"',.;:!?"
_ID_WORDS: Final = 5
_ID_WORD: Final = 4
_NUMBERED: Final = 5
_LATELY: Final = 16_384  # texts whose words are kept: a load asks for each again at once or, of few values, ever again
WORD_FIELDS: Final = (*TEXT_FIELDS, "forms", "shingles")
LEVEL_FIELDS: Final = ("popularity", "quality")
TERM_FIELDS: Final = (
    *("title", "alias", "joined", "joined_names", "values", "joined_values"),
    *("application", "facets", "related", "weights", "draw"),
    *LEVEL_FIELDS,
)
_SIMPLE: Final = re.compile(r"[A-Za-z0-9_]{1,100}")
_QUALITY_STEPS: Final = 20
_TOP_LEVEL: Final = 191
_LEVEL_OF_ONE: Final = 64
_EMBEDDED_VALUES: Final = 12
_EMBEDDED_CHARACTERS: Final = 400
_NAMESPACE: Final = uuid.UUID("5b0ff0d6-0a3c-4f0e-9a55-6c0c2a3f2d7e")


def key(application: str, object_id: str) -> str:
    """Return the name of an entity that is unique over applications."""
    return f"{application}{SEPARATOR}{object_id}"


def place(application: str, object_id: str) -> str:
    """Return an id that is unique over applications in the form that engines take: a UUID."""
    return str(uuid.uuid5(_NAMESPACE, key(application, object_id)))


_words = lru_cache(_LATELY)(lambda text: split(folded(text)))
said_words = lru_cache(_LATELY)(said)


def words(entity: Entity, stemmer: str = ENGLISH) -> Mapping[str, str]:
    """Return the analysed fields. stemmer: of the catalogue, see `stem`."""
    values = [value for _, value, _ in attributes(entity)]
    aliases = list(map(_words, also_called(entity)))
    held = (_words(entity.name), *aliases, *map(said_words, values))
    prose_words = tuple(chain.from_iterable(map(said, described(entity))))
    bare = [said(other) for text in texts(entity) for other in article_forms(text)[1:]]
    own = *map(identity, codes(entity)), *id_words(entity.object_id)
    inflected = stems((*chain(*held), *prose_words, *chain(*bare)), stemmer)
    ends = (form for words in held for word in words for form in ends_of(word, stemmer))
    others = *(form for words in held for form in forms(words)), *chain(*bare), *inflected, *ends
    neighbours = chain.from_iterable(shingles(one, stemmer) for one in (*held, prose_words, *bare))
    return {
        "name": " ".join(_words(entity.name)),
        "aliases": " ".join(chain.from_iterable(aliases)),
        "attributes": " ".join(
            [*(word for value in (entity.type, *values) for word in said_words(value)), *years(entity)]
        ),
        "description": " ".join(prose_words),
        "forms": " ".join(dict.fromkeys([*own, *others, *measures(entity)])),
        "shingles": " ".join(dict.fromkeys(neighbours)),
    }


@lru_cache(_LATELY)
def code(text: str) -> str:
    """Return an object id, a name, or a query that may be one, as they are compared: normalised, without spaces.

    Points within are left out beside letters, as other marks are: "K70.3" is "k703".
    """
    joined = folded(text).replace(" ", "")
    return _POINT.sub("", joined) if any(map(str.isalpha, joined)) else joined


@lru_cache(_LATELY)
def spelt(text: str) -> tuple[str, ...]:
    """Return a text as `code` does, and without the zeros that its numbers begin with: "ESO 097-013" is "eso9713"."""
    bare = code(" ".join(map(unpadded, folded(text).split())))
    return tuple(dict.fromkeys((code(text), bare)))


def codes(entity: Entity) -> Iterator[str]:
    """Yield, as `code` writes them, what an entity is asked for by in full: its id, and values that are no words.

    Of such a value ("Ann <ann@example.org>") all of it, and each e-mail address in it; of the id also what it is
    without leading zeros. What has the `gate` "G5" is also asked for by "gate 5".
    """
    yield from spelt(entity.object_id)
    if numbers := held_together(entity.object_id):
        yield numbers
    for value in chain.from_iterable(entity.attributes.values()):
        if not is_said(value):
            yield from map(code, (value, *emails(value)))
    for attribute, value, _ in attributes(entity):
        if numbered := _LETTERS_AND_NUMBER.fullmatch(code(value)):
            letters, number = numbered.groups()
            yield from (f"{word}{number}" for word in labels(attribute) if word.startswith(letters) and word != letters)


def held_together(text: str) -> str:
    """Return numbers that are written with marks between them, other than points and strokes alone; else nothing.

    "(43-2021)" -> "43-2021": as an id they are another one than the number 432021.
    """
    found = _NUMBERS.fullmatch(text.strip(_AROUND))
    words = normalise(found[0]).split() if found else ()
    return _HOLDS.join(words) if len(words) > 1 else ""


def is_telling(asked: str) -> bool:
    """Tell whether a code means its entity alone wherever it is asked for: a bare number may be a row's, or in a name.

    Where it is the whole query it does, beside what is called so.
    """
    return not asked.isdigit()


def may_go_on(asked: str, known: Container[str]) -> bool:
    """Tell whether a code may be the beginning of an id: a digit beside letters, a number of four digits, no word.

    known: words that the catalogue has.
    """
    if asked.isdigit():
        return len(asked) >= _ID_WORD
    return has_digit(asked) or (len(asked) > 1 and asked not in known)


def identity(own: str) -> str:
    """Return the term under which an entity is found by its own id; no word is one. own: see `code`."""
    return f"={own}"


def possible_ids(tokens: Sequence[str], typed: Iterable[str] = ()) -> Iterator[tuple[int, int, str]]:
    """Yield each one to five neighbours that may be an id among words ("code K70.3"): first, end, and as a code.

    What has leading zeros is followed by itself without them. A number of fewer than five digits may only where nothing
    else is asked, and numbers beside each other where they are held together as they were typed ("what is 43-2021"). Of
    what goes on behind a point or stroke ("47-5071.00") the beginning may be one, too, behind all of it.
    """
    together = set(filter(None, map(held_together, typed)))
    for first in range(len(tokens)):
        for end in range(first + 1, min(first + _ID_WORDS, len(tokens)) + 1):
            words = tokens[first:end]
            one, *bare = spelt(" ".join(words))
            if is_telling(one) or len(words) == len(tokens) or (len(words) == 1 and len(one) >= _NUMBERED):
                yield from ((first, end, way) for way in (one, *bare))
            if is_together := _HOLDS.join(words) in together:
                yield first, end, _HOLDS.join(words)
            for mark in reversed(list(_MARKED.finditer(words[-1]))):
                begun = *words[:-1], words[-1][: mark.start()]
                if is_together and len(begun) > 1:
                    yield first, end, _HOLDS.join(begun)
                elif is_telling(one := code("".join(begun))):
                    yield first, end, one


@lru_cache(_LATELY)
def id_words(object_id: str) -> tuple[str, ...]:
    """Return the words of an object id, and their parts, by which it may be asked for: "910-006559" by its number.

    That is also "6559". Those without digits, and short ones, are in the ids of too many.
    """
    words = dict.fromkeys(form for word in _words(object_id) for form in (word, *parts(word), unpadded(word)))
    own = code(object_id)
    return tuple(word for word in words if len(word) >= _ID_WORD and has_digit(word) and word != own)


@lru_cache(_LATELY)
def forms(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return under what other words some neighbours are looked for: joined, without marks or zeros, in parts."""
    spelt = [spelling for _, _, spelling in joined(words)]
    others = [form for word in words for form in (*unmarked(word), *parts(word))]
    bare = [one for word in (*words, *spelt, *others) if (one := unpadded(word)) != word]
    return tuple(dict.fromkeys([*spelt, *others, *bare]))


def stems(words: Iterable[str], stemmer: str = ENGLISH) -> Iterator[str]:
    """Yield the stems of words that are not the words themselves."""
    for word in words:
        if (found := stem(word, stemmer)) != word:
            yield found


@lru_cache(_LATELY)
def ends_of(word: str, stemmer: str) -> tuple[str, ...]:
    """Return what a compound may end with (see `heads`), and stems of that, without short ones: they fit too much."""
    ends = heads(word, stemmer)
    return *ends, *(found for found in stems(ends, stemmer) if len(found) >= TELLING_HEAD)


def terms(entity: Entity) -> Mapping[str, tuple[str, ...]]:
    """Return the fields of exact terms."""
    title = folded(entity.name)
    aliases = tuple(map(folded, also_called(entity)))
    values = [value for _, value, _ in attributes(entity)]
    facets = _text_facets(entity)
    return {
        "title": (titled(title),),
        "alias": tuple(map(titled, aliases)),
        "joined": (title.replace(" ", ""),),
        "joined_names": tuple(dict.fromkeys(text.replace(" ", "") for text in (title, *aliases))),
        "values": tuple(dict.fromkeys([*chain.from_iterable(map(said_words, values)), *years(entity)])),
        "joined_values": tuple(dict.fromkeys(chain.from_iterable(map(_joined, filter(is_said, values))))),
        "application": (entity.application,),
        "facets": (*facets, *_number_facets(entity)),
        "related": entity.related,
        "weights": tuple(f"{one}{SEPARATOR}{_step(weight)}" for one, weight in facets.items()),
        **{field: (level(entity.application, step),) for field, step in levels(entity).items()},
        "draw": draw_terms(key(entity.application, entity.object_id), entity.created_s),
    }


def titled(text: str) -> str:
    """Return the term of a whole name. text: normalised.

    Begun by how many words it has: what is half typed begins the names that are done with its last word ("1 acc", "1
    account"), apart from all that go on ("2 account box").
    """
    return f"{text.count(' ') + 1} {text}"


def levels(entity: Entity) -> Mapping[str, int]:
    """Return the fields of levels as numbers."""
    return {
        "popularity": popularity_level(entity.popularity),
        "quality": round(entity.quality * _QUALITY_STEPS),
    }


def payload(entity: Entity) -> dict[str, str | list[str] | dict[str, list[float]]]:
    """Return what a vector engine keeps beside the vectors: the object id, and what is filtered."""
    return {
        "object_id": entity.object_id,
        "application": entity.application,
        "facets": [*_text_facets(entity), *_number_facets(entity)],
        "numbers": {number_field(name): list(held) for name, held in numbers(entity).items()},
    }


def numbers(entity: Entity) -> Mapping[str, tuple[float, ...]]:
    """Return what ranges and orders see: numbers and dates, and three fields of every entity."""
    created = {} if entity.created_s is None else {"created_s": (entity.created_s,)}
    own = {"popularity": (entity.popularity,), "quality": (entity.quality,), **created}
    return {**entity.numbers, **entity.dates, **own}


def number_field(name: str) -> str:
    """Return the name under which servers keep a number: of letters, digits and underscores, whatever it is called."""
    return f"n_{name}" if _SIMPLE.fullmatch(name) else f"x_{name.encode().hex()}"


def passes(entity: Entity, filters: Iterable[Filter]) -> bool:
    """Tell whether an entity passes all filters of a request."""
    return all(
        any(map(one.range.holds, numbers(entity).get(one.field, ())))
        if isinstance(one, Within)
        else bool(one) and not set(one).isdisjoint(_facets_of(entity, field_of(one)))
        for one in filters
    )


def ordered(entities: Iterable[Entity], order: Order) -> list[Entity]:
    """Return entities in an order, as engines return them: by id where they tie, last those that have no number."""

    def place(entity: Entity) -> tuple[bool, float, str]:
        held = numbers(entity).get(order.field, ())
        number = (-max(held) if order.falling else min(held)) if held else 0.0
        return not held, number, entity.object_id

    return sorted(entities, key=place)


def _joined(value: str) -> Iterator[str]:
    """Yield a value without spaces, and without the numbers that count its parts."""
    text = folded(value)
    yield text.replace(" ", "")
    if rest := uncounted(text.split()):
        yield "".join(rest)


def _text_facets(entity: Entity) -> Mapping[str, float]:
    """Return what filters see of texts with its weight: the type and every value of every attribute."""
    found = {facet("type", entity.type): 1.0}
    for name, weights in entity.attributes.items():
        for value, weight in _filtered(name, weights).items():
            one = facet(name, value)
            found[one] = max(weight, found.get(one, 0.0))
    return found


def _filtered(attribute: str, weights: Mapping[str, float]) -> Mapping[str, float]:
    """Return the values that an attribute is filtered by, with their weights: as they are, and as they are `told`."""
    return {**weights, **told(attribute, weights)}


def _facets_of(entity: Entity, field: str) -> Iterator[str]:
    """Yield what filters see of one field."""
    if field == "type":
        yield facet(field, entity.type)
    yield from (facet(field, value) for value in _filtered(field, entity.attributes.get(field, {})))
    held = *entity.numbers.get(field, ()), *entity.dates.get(field, ())
    yield from (number_facet(field, number) for number in held)


def _number_facets(entity: Entity) -> Iterator[str]:
    for name, held in (*entity.numbers.items(), *entity.dates.items()):
        yield from (number_facet(name, number) for number in held)


def embedded_text(entity: Entity) -> str:
    """Return the text whose embedding stands for the entity: name, strongest values, description, cut."""
    weights = [(weight, value) for one, held in entity.attributes.items() for value, weight in told(one, held).items()]
    strongest = [value for _, value in sorted(weights, key=lambda pair: (-pair[0], pair[1]))[:_EMBEDDED_VALUES]]
    texts = entity.name, *map(prose, (*strongest, entity.description))
    return normalise(" ".join(texts))[:_EMBEDDED_CHARACTERS]


def popularity_level(popularity: float) -> int:
    """Return half doublings of a popularity of any unit, 1 to 191; 0 is kept for none at all."""
    if popularity <= 0:
        return 0
    return min(max(round(2 * math.log2(popularity)) + _LEVEL_OF_ONE, 1), _TOP_LEVEL)


def _step(weight: float) -> int:
    return min(max(round(weight * WEIGHT_STEPS), 1), WEIGHT_STEPS)


def level(application: str, step: int) -> str:
    """Return the term of a level; levels are compared within an application."""
    return f"{application}{SEPARATOR}{step}"
