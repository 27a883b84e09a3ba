"""Reads what a query asks the most or the least of: "cheapest laptop" is "laptop", the lowest price first."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from ltrr.models.records.entity import Entity
from ltrr.models.records.fields import FieldKinds
from ltrr.models.records.query import Interpretation, Order, Slot, Understanding
from ltrr.models.text import normalise
from ltrr.models.wording import emphasis
from ltrr.retrievers.bounds.fields import Fields
from ltrr.retrievers.phrases.measures import words_of
from ltrr.retrievers.phrases.things import THINGS


class Superlative(NamedTuple):
    """What words ask for. of: a quality, see `Fields.of`, "" for what the words behind name; most: the most of it."""

    of: str
    most: bool


_E, _O, _FR, _RU = "e[rsnm]?", "(?:o|a|os|as|i|e|he)", "e?s?", r"\w{2}"  # endings of German, others, French, Russian
_SAID: Final = {
    Superlative("price", most=False): "cheapest|most affordable|least expensive|lowest priced?|best prices?"
    f"|(?:billig|gunstig|preiswerte)st{_E}|moins cher{_FR}|mas (?:barat|economic){_O}|piu economic{_O}|meno car{_O}"
    f"|mais barat{_O}|goedkoopste?|billigaste?|najtansz[yae]|сам{_RU} дешев{_RU}|en ucuz",
    Superlative("price", most=True): "most expensive|priciest|dearest|costliest|highest priced"
    f"|teuerst{_E}|plus cher{_FR}|plus couteu(?:x|ses?)|mas car{_O}|piu (?:car|costos){_O}|mais car{_O}|duurste?"
    f"|dyr[ae]ste?|najdrozsz[yae]|сам{_RU} дорог{_RU}|en pahali",
    Superlative("time", most=True): f"newest|latest|most recent|(?:neue?|aktuell)st{_E}|plus recent{_FR}"
    f"|mas nuev{_O}|mas recientes?|piu (?:recent|nuov){_O}|mais nov{_O}|mais recentes?|nieuwste?|ny[ae]ste?"
    f"|najnowsz[yae]|сам{_RU} нов{_RU}|en yeni",
    Superlative("age", most=True): f"oldest|earliest|altest{_E}|plus (?:vieux|vieilles?|ancien(?:ne)?s?)"
    f"|mas (?:antigu|viej){_O}|piu (?:vecchi|antic){_O}|mais (?:antig|velh){_O}|oudste?|[ae]ldste?|najstarsz[yae]"
    f"|сам{_RU} стар{_RU}|en eski",
    Superlative("age", most=False): f"youngest|jungst{_E}|plus jeunes?|mas joven(?:es)?|piu giovan{_O}|jongste?",
    Superlative("rating", most=True): f"(?:top|best|highest) rated|best reviewed|best ?bewertet{_E}|mieux note{_FR}"
    f"|mejor (?:valorad|puntuad){_O}|mais bem avaliad{_O}|best beoordeelde?",
    Superlative("weight", most=False): f"lightest|leichtest{_E}|plus leger{_FR}|mas (?:liger|livian){_O}"
    f"|piu legger{_O}|mais leves?|lichtste?|сам{_RU} легк{_RU}",
    Superlative("weight", most=True): f"heaviest|schwerst{_E}|plus lourd{_FR}|mas pesad{_O}|piu pesant{_O}"
    f"|mais pesad{_O}|zwaarste?",
    Superlative("length", most=True): f"longest|langst{_E}|plus long(?:ue)?s?|mas larg{_O}|piu lung{_O}|mais long{_O}",
    Superlative("length", most=False): f"shortest|kurzest{_E}|plus court{_FR}|mas cort{_O}|piu cort{_O}|mais curt{_O}"
    "|kortste?",
    Superlative("height", most=True): f"highest|tallest|hochst{_E}|plus haut{_FR}|mas alt{_O}|piu alt{_O}|mais alt{_O}"
    f"|hoogste?|сам{_RU} высок{_RU}",
    Superlative("depth", most=True): f"deepest|tiefst{_E}|plus profond{_FR}|mas profund{_O}|piu profond{_O}|diepste?",
    Superlative(
        "speed", most=True
    ): f"fastest|quickest|schnellst{_E}|plus rapides?|mas rapid{_O}|piu veloc{_O}|mais rapid{_O}"
    f"|snelste?|сам{_RU} быстр{_RU}",
    Superlative("speed", most=False): f"slowest|langsamst{_E}|plus lent{_FR}|mas lent{_O}|piu lent{_O}|traagste?",
    Superlative("size", most=True): f"largest|biggest|grosst{_E}|plus grand{_FR}|mas grandes?"
    f"|piu grand{_O}|maior(?:es)?|grootste?|storste?|сам{_RU} больш{_RU}|en buyuk",
    Superlative("size", most=False): f"smallest|kleinst{_E}|plus petit{_FR}|mas pequen{_O}|piu piccol{_O}"
    f"|сам{_RU} маленьк{_RU}|en kucuk",
    Superlative("power", most=True): f"most powerful|strongest|starkst{_E}|plus puissant{_FR}|mas potentes?"
    f"|piu potent{_O}|mais potentes?|krachtigste?",
    Superlative("", most=True): f"highest|most|largest|biggest|greatest|longest|(?:hochst|meist|grosst){_E}|hoogste"
    "|meeste",
    Superlative("", most=False): f"lowest|least|smallest|fewest|shortest|(?:niedrig|wenig|klein)st{_E}|laagste",
}
_OF: Final = [(of, re.compile(rf"(?<!\w)(?:{said})(?: first)?(?!\w)")) for of, said in _SAID.items()]
_ANY: Final = re.compile("|".join(_SAID.values()))
_LABEL: Final = 3
_OF_KINDS: Final = (
    "category categories type kind class group department kategorie kategorien art typ gruppe abteilung categorie"
    " rayon genre categoria categorias tipo tipos clase departamento reparto groep soort"
    " afdeling категория тип вид раздел kategoria kategori luokka"
)
_KINDS: Final = frozenset(_OF_KINDS.split())
_NEARLY: Final = 0.55  # as a misspelt value fits; a word of a value of two fits less
_AS_IT_IS: Final = 0.7  # as the plural of a value fits; what has its stem alone fits less


def read_superlative(
    text: str, kinds: FieldKinds, is_said: Callable[[Sequence[str]], bool]
) -> tuple[str, Order] | None:
    """Return what else a query asks for that asks for the most or the least, and the order that it asks for.

    None if it asks for none, or no attribute tells.

    What stands in a name or value is none: "longest day". kinds, is_said: see `read_bounds`.
    """
    said = normalise(text)
    if not kinds or not _ANY.search(said):
        return None
    words = said.split()
    found = [one for one in _read(said, words, Fields(kinds)) if not _is_called(words, one, is_said)]
    if not found:
        return None
    widest = max(found, key=lambda one: one.end - one.first)
    return " ".join((*words[: widest.first], *words[widest.end :])), widest.order


def asked_of(
    text: str, read: Understanding, is_of_names: Callable[[str], bool]
) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]] | None:
    """Return the values that words of a text stand for, by the names of attributes, and the words that say more.

    Of several readings the one with the fewest words left; None where something is not wanted. read: how the text is
    understood. is_of_names: whether an attribute has names for values, which are none here. What a catalogue may be of
    says nothing where no value is that.
    """
    words, found = read.respaced or normalise(text).split(), []
    for reading in (*read.interpretations, Interpretation(1.0, ())):
        valued = (slot for slot in reading.slots if slot.category != "name" and not is_of_names(slot.category))
        slots = [slot for slot in valued if _is_plain(slot, words)]
        spans = {at for slot in slots for at in range(slot.start, slot.end)}
        beside = (word for at, word in enumerate(words) if at not in spans)
        left = tuple(word for word in beside if word not in THINGS and emphasis(word, read.stemmer) == 1)
        values = {slot.category: (slot.value,) for slot in slots}
        if len(values) == len(slots):
            found.append((values, left))
    return None if read.without else min(found, key=lambda one: len(one[1]))


def kind_of(cards: Sequence[Entity]) -> Mapping[str, tuple[str, ...]] | None:
    """Return the kind that all of some entities are of, by the name of its attribute; None where no attribute tells.

    All that is called a TV is of one, and an iPhone and what protects it are not.
    """
    for name in (name for name in cards[0].attributes if not _KINDS.isdisjoint(words_of(name))) if cards else ():
        held = {frozenset(card.attributes.get(name, ())) for card in cards}
        if len(held) == 1 and len(value := next(iter(held))) == 1:
            return {name: tuple(value)}
    return None


def _is_plain(slot: Slot, words: Sequence[str]) -> bool:
    """Tell whether words are a value, and no part of one, nor a word for what there is whose stem one has."""
    said, value = words[slot.start : slot.end], slot.value.split()
    is_whole = len(said) <= len(value) or "".join(said) == "".join(value)
    return is_whole and slot.weight >= (_AS_IT_IS if THINGS.issuperset(said) else _NEARLY)


class _Read(NamedTuple):
    first: int
    end: int
    order: Order


def _read(said: str, words: Sequence[str], fields: Fields) -> Iterator[_Read]:
    """Yield what may be asked the most of, with the words that say so."""
    for (of, most), pattern in _OF:
        for match in pattern.finditer(said):
            first = said.count(" ", 0, match.start())
            end = first + match[0].count(" ") + 1
            if of:
                if found := fields.of(of, most=most):
                    yield _Read(first, end, found)
                continue
            for size in range(_LABEL, 0, -1):
                if len(words[end : end + size]) == size and (name := fields.called(words[end : end + size])):
                    yield _Read(first, end + size, Order(name, falling=most))


def _is_called(words: Sequence[str], read: _Read, is_said: Callable[[Sequence[str]], bool]) -> bool:
    """Tell whether some of the words stand in a name or value, alone or beside what stands beside them."""
    first, end = read.first, read.end
    beside = [words[at:to] for at, to in ((first - 1, end), (first, end + 1)) if at >= 0 and to <= len(words)]
    return any(map(is_said, [words[first:end], *beside] if end - first > 1 or not beside else beside))
