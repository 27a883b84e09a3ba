"""Which numbers of a catalogue are meant by the words beside a number."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from ltrr.models.records.fields import CREATED, FieldKinds
from ltrr.models.records.query import Order
from ltrr.models.text import singulars
from ltrr.retrievers.phrases.measures import converted, labels, unit_of, words_of

_OF_PRICES: Final = (
    "price cost msrp rrp preis kosten prix cout precio coste costo prezzo preco prijs pris hinta cena koszt ar fiyat"
    " цена стоимость"
)
_OF_YEARS: Final = "year jahr annee ano anno jaar ar rok vuosi yil год"
_OF_POPULATIONS: Final = "population einwohner einwohnerzahl poblacion popolazione populacao inwoners население"
_OF_QUALITIES: Final = {
    "rating": "rating ratings score scores stars bewertung bewertungen note nota calificacion puntuacion valoracion"
    " valutazione voto beoordeling waardering avaliacao реитинг оценка",
    "weight": "weight mass gewicht masse poids peso massa вес масса",
    "length": "length duration time runtime running playtime lange laenge dauer zeit longueur duree temps longitud"
    " duracion tiempo lunghezza durata tempo lengte duur tijd comprimento duracao длина продолжительность время",
    "height": "height elevation altitude hohe hoehe hauteur altura altitud altezza altitudine hoogte высота",
    "depth": "depth tiefe profondeur profundidad profondita diepte profundidade глубина",
    "speed": "speed velocity geschwindigkeit vitesse velocidad velocita snelheid velocidade скорость",
    "size": "size area volume capacity diameter radius surface grosse groesse flache taille superficie tamano"
    f" dimensione grootte oppervlakte tamanho площадь размер {_OF_POPULATIONS}",
    "power": "power horsepower hp ps leistung puissance potencia potenza vermogen мощность",
}
_INHABITING: Final = (
    "people inhabitants residents citizens einwohner einwohnern menschen habitants habitantes personas abitanti"
    " inwoners жителеи"
)
_OF_AGES: Final = "age ages alter edad eta idade leeftijd alder ika wiek vek возраст"
_LINKING: Final = "in per of the a an pro par por de di von im en der des"
_OTHER_MONEY: Final = (
    "zl pln kc czk kr sek nok dkk kroner kronor tl lira rub рублеи рубля ₽ uah грн huf forint lei ron inr rs rupees"
    " krw won 원 cny rmb yuan 元 円 aud cad nzd brl reais mxn pesos zar francs franken pounds dollars euros"
)
_PRICES, _YEARS, _AGES, _POPULATIONS, _LINKS, _MONEY, _INHABITANTS = (  # normalised
    frozenset(words.split())
    for words in (_OF_PRICES, _OF_YEARS, _OF_AGES, _OF_POPULATIONS, _LINKING, _OTHER_MONEY, _INHABITING)
)
_QUALITIES: Final = {of: frozenset(words.split()) for of, words in _OF_QUALITIES.items()}
_CURRENCIES: Final = frozenset(("usd", "eur", "gbp", "chf", "jpy", "ct"))
_STARS: Final = frozenset(("star", "stars", "sterne", "etoiles", "estrellas", "stelle", "estrelas", "sterren"))
_EXTREMES: Final = frozenset(("min", "max", "minimum", "maximum"))
_LEAST, _MOST = frozenset(("min", "minimum", "from", "start", "ab", "von")), frozenset(("max", "maximum", "to", "bis"))
_WHOLE, _INNER, _END, _WITHIN = 4, 3, 2, 1
_OBJECT: Final = "."
_INSTEAD: Final = {"age": "time", "speed": "length"}  # of which there is least where there is most of the other
_INITIALS: Final = 3


class Fields:
    """The attributes of a catalogue that hold dates alone, or numbers, of which some may be texts ("unknown")."""

    def __init__(self, kinds: FieldKinds) -> None:
        self.dates = {name for name, of in kinds.items() if of == {"date"}}
        self._numbers = [name for name, of in kinds.items() if "number" in of and "date" not in of]
        self._names = [*self._numbers, *sorted(self.dates)]

    def called(self, words: Sequence[str]) -> str | None:
        """Return the attribute that some words name; None if several.

        They are all words of its name, or of a field's within an object, the last, or else one.

        Money names the price, inhabitants the population, and stars a rating.
        """
        if _MONEY.issuperset(words):
            return self.price
        if _INHABITANTS.issuperset(words):
            return _only(name for name in self._numbers if not _POPULATIONS.isdisjoint(words_of(name)))
        if _STARS.issuperset(words):
            return self._known(_QUALITIES["rating"])
        if _EXTREMES.issuperset(words):
            return None
        graded = [(grade, name) for name in self._names if (grade := _grade(tuple(words), name))]
        best = max((grade for grade, _ in graded), default=0)
        return _only(name for grade, name in graded if grade == best)

    def measured_in(self, symbol: str) -> str | None:
        """Return the one attribute whose numbers have a unit, or another of its kind; of a currency, the price."""
        own = _only(name for name in self._numbers if unit_of(name) == symbol)
        if own is None and symbol in _CURRENCIES:
            return self.price
        of = {name: unit for name in self._numbers if (unit := unit_of(name))}
        return own or _only(name for name, unit in of.items() if converted(1.0, symbol, unit) is not None)

    def of(self, quality: str, *, most: bool) -> Order | None:
        """Return the order that has the most or the least of a quality first, None if no attribute alone is that.

        quality: "price", "time", when there is most of it late, "age", of people or since a time, or one that words of
        names tell; what has no speed is fast where it takes least. Of several that are it the one without other words
        counts.
        """
        name, other = self.telling(quality), _INSTEAD.get(quality)
        if name is None and other:
            return self.of(other, most=not most)
        return Order(name, falling=most) if name else None

    def telling(self, quality: str) -> str | None:
        """Return the one attribute that is a quality, see `of`."""
        match quality:
            case "price":
                return self.price
            case "time":
                return self.year
            case "age":
                return self.age
        return self._known(_QUALITIES[quality])

    def has_unit(self, name: str, symbol: str | None) -> bool:
        """Tell whether the numbers of an attribute may have a unit: a currency those of a price, where there is one."""
        if symbol not in _CURRENCIES or self.price is None:
            return True
        return unit_of(name) in _CURRENCIES or not _PRICES.isdisjoint(words_of(name))

    @property
    def price(self) -> str | None:
        """Return the one attribute that is a price, without other words if several are."""
        return self._known(_PRICES)

    def _known(self, words: frozenset[str]) -> str | None:
        """Return the one attribute of numbers whose name has one of some words, without other words if several have."""
        names = [name for name in self._numbers if not words.isdisjoint(words_of(name))]
        return _only(names) or _only(name for name in names if len(words_of(name.rpartition(_OBJECT)[2])) == 1)

    @property
    def age(self) -> str | None:
        """Return the one attribute that is an age."""
        return _only(name for name in self._numbers if not _AGES.isdisjoint(words_of(name)))

    def of_age(self, years: float) -> tuple[str, dict[str, float]] | None:
        """Return what is for somebody of an age: the attribute that is one, and its bounds; None without such a one.

        What has the least age ("min_age", "age_from") is for whoever is older, and likewise the most.
        """
        name = self.age
        if name is None:
            return None
        said = set(words_of(name))
        sides = [side for side, words in (("lte", _LEAST), ("gte", _MOST)) if not words.isdisjoint(said)]
        return name, dict.fromkeys(sides or ("gte", "lte"), years)

    @property
    def year(self) -> str | None:
        """Return the one attribute that is a year, else the one date, else when things were made."""
        years = [name for name in self._numbers if not _YEARS.isdisjoint(words_of(name))]
        years = years or [name for name in self.dates if not _YEARS.isdisjoint(words_of(name))]
        own = sorted(self.dates - {CREATED})
        if years or own:
            return _only(years or own)
        return CREATED if CREATED in self.dates else None


def in_unit_of(name: str, number: float, symbol: str | None) -> float | None:
    """Return a number as the attribute of a name has it, None where that is of another kind.

    It is as it stands where it has no unit, or the name tells none, and of any currency.
    """
    own = unit_of(name)
    money = symbol in _CURRENCIES and own in _CURRENCIES
    return converted(number, symbol, own) if symbol and own and not money else number


@lru_cache(4_096)
def _grade(words: tuple[str, ...], name: str) -> int:
    """Return how well some words name an attribute, 0 where they do not. Its initials do: "mpg", "miles per gallon"."""
    whole = [one for one in words_of(name) if one not in _LINKS]
    label = list(whole)
    while label and label[-1] not in labels(name):
        label.pop()
    said = [one for one in words if one not in _LINKS]
    if not said:
        return 0
    initials = "".join(word[0] for word in words_of(name))
    if any(_alike(said, some) for some in (whole, label)) or (len(initials) >= _INITIALS and said == [initials]):
        return _WHOLE
    _, within, inner = name.rpartition(_OBJECT)
    if within and _grade(words, inner) == _WHOLE:
        return _INNER
    if any(_alike(said, some[-len(said) :]) for some in (whole, label)):
        return _END
    return _WITHIN if len(said) == 1 and any(_alike(said, [one]) for one in whole) else 0


def _alike(said: Sequence[str], name: Sequence[str]) -> bool:
    """Tell whether words are those of a name, in the singular or the plural."""
    forms = [({one, *singulars(one)}, {other, *singulars(other)}) for one, other in zip(said, name, strict=False)]
    return len(said) == len(name) > 0 and all(not one.isdisjoint(other) for one, other in forms)


def _only(names: Iterable[str]) -> str | None:
    found = iter(names)
    one = next(found, None)
    return one if next(found, None) is None else None
