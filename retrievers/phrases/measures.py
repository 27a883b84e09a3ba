"""How numbers are typed with what they count or measure: "4 players", "50 W", "64 GB"."""

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.text import singulars, tokenise

_FAMILIES: Final = (
    # units of one kind: a symbol and what people write for it (+: with an s, too) | so many make one of the next | ...
    # what is said in the unit after the next, too, has a line for both
    "nm nanometre+ nanometer+ | 1000 | um μm micrometre+ micrometer+ micron+ | 1000 | mm millimetre+ millimeter+",
    "mm | 1000 | m",
    "mm | 10 | cm centimetre+ centimeter+ | 100 | m metre+ meter+ | 1000 | km kilometre+ kilometer+",
    "in inch inches zoll | 12 | ft foot feet | 3 | yd yard+ | 1760 | mi mile+",
    "cm2 sqcm | 10000 | m2 sqm | 10000 | ha hectare+ | 100 | km2 sqkm+",
    "sqft ft2 | 43560 | ac acre+",
    "ug μg mcg microgram+ | 1000 | mg milligram+ | 1000 | g gram+ gr | 1000 | kg kilogram+ kilo+ | 1000 | t tonne+",
    "oz ounce+ | 16 | lb pound+ lbs",
    "ml millilitre+ milliliter+ | 10 | cl centilitre+ centiliter+ | 100 | l litre+ liter+ ltr",
    "ml | 1000 | l",
    "gal gallon+",
    "ns nanosecond+ | 1000 | us μs microsecond+ | 1000 | ms millisecond+ | 1000 | s second+ sec",
    "s | 60 | min minute+ | 60 | h hour+ hr+",
    "kmh kph",
    "mph",
    "w watt+ | 1000 | kw kilowatt+",
    "mw megawatt+ milliwatt+",
    "wh | 1000 | kwh | 1000 | mwh",
    "mv millivolt+ | 1000 | v volt+ | 1000 | kv kilovolt+",
    "ua μa microampere+ microamp+ | 1000 | ma milliampere+ milliamp+ | 1000 | a ampere+ amp+",
    "mah | 1000 | ah",
    "va | 1000 | kva",
    "ohm ω | 1000 | kohm kω kiloohm+ | 1000 | mohm mω megaohm+",
    "pf picofarad+ | 1000 | nf nanofarad+ | 1000 | uf μf microfarad+",
    "nh nanohenry+ | 1000 | uh μh microhenry+ | 1000 | mh millihenry+",
    "hz hertz | 1000 | khz kilohertz+ | 1000 | mhz megahertz+ | 1000 | ghz gigahertz+",
    "kb kilobyte+ | 1000/1024 | mb megabyte+ | 1000/1024 | gb gigabyte+ gig+ | 1000/1024 | tb terabyte+",
    "kib | 1024 | mib | 1024 | gib | 1024 | tib",
    "kbps | 1000 | mbps | 1000 | gbps",
    "bit bits",
    "pa pascal+ | 100 | hpa hectopascal+ mbar | 10 | kpa kilopascal+ | 100 | bar | 10 | mpa megapascal+",
    "psi",
    "j joule+ | 1000 | kj kilojoule+",
    "kcal kilocalorie+ cal+ calorie+",
    "n newton+ | 1000 | kn kilonewton+",
    "hp horsepower",
    "k kelvin",
    "c celsius degc | 1 | deg degree+ | 1 | f fahrenheit degf",
    "pct percent percentage prozent",
    "ct cent+ | 100 | eur euro+",
    "usd dollar+",
    "gbp",
    "chf",
    "jpy yen",
    "mp megapixel+",
    "px pixel+",
    "lm lumen+",
    "db decibel+",
    "rpm",
    "dpi",
    "fps",
    "mpg",
)
_OF_ONE_KIND: Final = [(family.split(" | ")[::2], family.split(" | ")[1::2]) for family in _FAMILIES]
_UNITS: Final[dict[str, tuple[str, ...]]] = {}  # symbols, and what people write for them
for _symbol, *_words in (unit.split() for units, _ in _OF_ONE_KIND for unit in units):
    _spelt = ((word[:-1], f"{word[:-1]}s") if word.endswith("+") else (word,) for word in _words)
    _UNITS[_symbol] = (*_UNITS.get(_symbol, ()), *chain.from_iterable(_spelt))
_OTHERS: Final[dict[str, list[tuple[str, float]]]] = {symbol: [] for symbol in _UNITS}
"""In which other units the same is said, and how many of these one is."""
for _units, _steps in _OF_ONE_KIND:
    for (_small, _large), _step in zip(pairwise(unit.split()[0] for unit in _units), _steps, strict=True):
        for _many in map(int, _step.split("/")):
            _OTHERS[_small].append((_large, 1 / _many))
            _OTHERS[_large].append((_small, _many))
_SYMBOLS: Final = {word: symbol for symbol, words in _UNITS.items() for word in (symbol, *words)}
_ELSEWHERE: Final = {  # normalised; no names of attributes are read so: "nearest metro"
    word: symbol
    for symbol, words in {
        "mm": "millimeter millimetres milimetros millimetri мм",
        "cm": "zentimeter centimetres centimetros centimetri см",
        "m": "metern metres metros metri м",
        "km": "kilometern kilometres kilometros chilometri км",
        "in": "pulgada pulgadas pouce pouces pollice pollici polegada polegadas calowy cali дюим дюима дюимов",
        "m2": "qm quadratmeter м2",
        "g": "gramm grammes gramos grammi gramas г гр грамм",  # noqa: RUF001  # Cyrillic
        "kg": "kilogramm kilogrammes kilogramos chilo chili chilogrammi quilo quilos кг",
        "t": "tonnen tonnes toneladas tonnellate т",
        "ml": "мл",
        "l": "litern litros litri литр литра литров",
        "s": "sekunde sekunden secondes segundos secondi sekund сек",
        "min": "minuten minutos minuti minut мин",
        "h": "std stunde stunden heure heures hora horas ora ore uur godzin час часа часов",
        "w": "vatios вт",
        "kw": "квт",
        "v": "вольт",
        "mah": "мач",
        "gb": "go гб",  # noqa: RUF001  # Cyrillic
        "tb": "тб",
        "mb": "мб",
        "hp": "bhp ps ch cv chevaux caballos cavalli pk лс",
        "pct": "pourcent porciento процентов",
    }.items()
    for word in words.split()
}
_SIGNS: Final = {'"': "in", "\u2033": "in", "%": "pct", "\u00b0": "deg", "€": "eur", "$": "usd", "£": "gbp", "¥": "jpy"}
_SPELT_OUT: Final = str.maketrans({sign: f" {word} " for sign, word in _SIGNS.items()})
_ANY: Final = f"[{''.join(_SIGNS)}]"
_SIGN: Final = re.compile(rf"({_ANY}\s?)?(\d+(?:[.,]\d+)*)(\s?{_ANY})?")
_QUOTED: Final = re.compile(r"""(?<!\S)"([^"]*)"(?!\w)""")
_MEASURED: Final = re.compile(r"(\d+(?:\.\d+)?)([^\W\d_]+\d?)")
_SIZED: Final = re.compile(r"(\d+(?:,\d{1,2})?|\d*\.\d+)\s?([^\W\d_]+)\.?")  # a comma before three digits may be either
_AMOUNT: Final = re.compile(r"\d+(?:\.\d+)?([^\W\d_]+\d?)?")
_MINIMUM: Final = "min"  # what the name of an attribute means by it, but behind a word for what takes time
_LASTING: Final = frozenset(("time", "duration", "runtime", "length", "playtime", "running", "playing", "cooking"))
_PER: Final = ("per",)
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MOST: Final = 1e9
_DECIMALS: Final = 3
_ROUNDING: Final = 1e-6


def measures(entity: Entity) -> Iterator[str]:
    """Yield each number of an attribute as one word with the thing or unit that its name or the value ends with.

    50 of `power_w`, `powerW`, or `watts`: "50w", "50watt", "50watts", and "0.05kw", by the symbols of the next units;
    4 of `max_players`: "4players", "4player". What is counted is whole, and several: of 2.5 of `players`
    there is none, nor of any `price`. An attribute's one value that is a number and its unit has its own: ".75 L" is
    "0.75l" and "750ml".
    """
    yield from _counted(entity)
    yield from chain.from_iterable(_sizes(entity))


def said_measures(entity: Entity) -> Iterator[str]:
    """Yield what `measures` does, of texts in the unit in which they are written alone: other texts have others."""
    yield from _counted(entity)
    yield from (own for own, *_ in _sizes(entity))


def _counted(entity: Entity) -> Iterator[str]:
    for name, numbers in entity.numbers.items():
        for number in numbers:
            yield from measured_as(name, number)


def _sizes(entity: Entity) -> Iterator[tuple[str, ...]]:
    values = (value for weights in entity.attributes.values() if len(weights) == 1 for value in weights)
    return filter(None, map(_sized, values))


def measured_as(name: str, number: float) -> Iterator[str]:
    """Yield a number of the attribute of a name as `measures` has it."""
    said, is_unit = _said(name)
    if said and abs(number) < _MOST and (is_unit or number.is_integer()):
        yield from (f"{written(number)}{word}" for word in said)
        yield from _in_other_units(number, said[0])


@lru_cache(4_096)
def _sized(value: str) -> tuple[str, ...]:
    """Return a value that is a number and its unit as `measures` has it; any other one is nothing."""
    found = _SIZED.fullmatch(value.strip())
    symbol = symbol_of(found[2].casefold()) if found else None
    if not found or not symbol:
        return ()
    number = float(found[1].replace(",", "."))
    return (f"{written(number)}{symbol}", *_in_other_units(number, symbol)) if number < _MOST else ()


@lru_cache(4_096)
def measure(word: str) -> str:
    """Return a number with a unit, as one word, by the unit's symbol, as `measures` has it: "1.5hours" -> "1.5h".

    Any other word is left as it is.
    """
    found = _MEASURED.fullmatch(word)
    return f"{found[1]}{symbol_of(found[2]) or found[2]}" if found else word


def in_other_units(word: str) -> Iterator[str]:
    """Yield a number with its unit, as one word, in the next units: "1500mm" as "150cm"."""
    found = _MEASURED.fullmatch(measure(word))
    if found and found[2] in _UNITS:
        yield from _in_other_units(float(found[1]), found[2])


def symbol_of(word: str) -> str | None:
    """Return the symbol of a unit that a word behind a number is, in several languages; None where it is none."""
    return _SYMBOLS.get(word) or _ELSEWHERE.get(word)


def unit_of(name: str) -> str | None:
    """Return the symbol of the unit that the name of an attribute ends with, None where it has none."""
    said, is_unit = _said(name)
    return said[0] if is_unit else None


def converted(number: float, symbol: str, other: str) -> float | None:
    """Return a number of one unit in another one, None where that is not one of the next ones of its kind."""
    if symbol == other:
        return number
    return next((number * many for one, many in _OTHERS.get(symbol, ()) if one == other), None)


def is_amount(word: str) -> bool:
    """Tell whether a word is a number, alone or with a unit behind it."""
    found = _AMOUNT.fullmatch(word)
    return found is not None and (not found[1] or symbol_of(found[1]) is not None)


def is_measure(word: str) -> bool:
    """Tell whether a word may be a number with what it counts or measures."""
    return _MEASURED.fullmatch(word) is not None


def signs_said(text: str) -> str:
    """Return a text with the signs of units beside numbers as words: '27"' -> "27 in", "$5" -> "5 usd".

    What is in quotation marks stands there without them.
    """
    if not any(map(text.__contains__, _SIGNS)):
        return text
    return _SIGN.sub(_said_beside, _QUOTED.sub(r"\1", text))


def _said_beside(found: re.Match[str]) -> str:
    before, number, behind = found.groups(default="")
    return f"{number}{(behind or before).translate(_SPELT_OUT)}"


def _in_other_units(number: float, symbol: str) -> Iterator[str]:
    """Yield a number in the next larger and the next smaller unit, where there are such and people would say it so."""
    for other, many in _OTHERS.get(symbol, ()):
        converted = round(number * many, _DECIMALS)
        if math.isclose(converted, number * many, rel_tol=_ROUNDING):
            yield f"{written(converted)}{other}"


def written(number: float) -> str:
    """Return a number as people type it."""
    return str(int(number)) if number.is_integer() else str(round(number, _DECIMALS))


@lru_cache(1_024)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of the name of an attribute: "cooking", "time", "min" of `cookingTime_min`."""
    return tokenise(_CAPITAL.sub(" ", name).translate(_SPELT_OUT).replace("_", " "))


@lru_cache(1_024)
def labels(name: str) -> tuple[str, ...]:
    """Return the words of the name of an attribute that are no unit: people type them beside its values."""
    return tuple(word for word in words_of(name) if word not in _SYMBOLS)


@lru_cache(1_024)
def _said(name: str) -> tuple[tuple[str, ...], bool]:
    """Return the words for what an attribute's numbers are, and whether it is a unit; no symbol stands alone.

    Miles per gallon are no gallons.
    """
    words = words_of(name)
    for size in (2, 1):  # "km_h" is one unit
        before, last = words[:-size], "".join(words[-size:])
        symbol = _SYMBOLS.get(last)
        is_least = last == _MINIMUM and _LASTING.isdisjoint(before[-1:])
        if symbol and not is_least and before[-1:] != _PER and (before or last != symbol):
            return (symbol, *_UNITS[symbol]), True
    one = singulars(words[-1]) if words else ()
    return ((words[-1], *one) if one else ()), False
