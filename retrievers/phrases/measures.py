"""How numbers are typed with what they count or measure: "4 players", "50 W", "64 GB"."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from ltrr.models.records.entity import Entity
from ltrr.models.text import singulars, tokenise

_UNITS: Final = {  # symbols, and what people write for them
    "mm": "millimetre millimetres millimeter millimeters",
    "cm": "centimetre centimetres centimeter centimeters",
    "m": "metre metres meter meters",
    "km": "kilometre kilometres kilometer kilometers",
    "in": "inch inches zoll",
    "ft": "foot feet",
    "mg": "milligram milligrams",
    "g": "gram grams gr",
    "kg": "kilogram kilograms kilo kilos",
    "oz": "ounce ounces",
    "lb": "pound pounds lbs",
    "ml": "millilitre millilitres milliliter milliliters",
    "cl": "centilitre centilitres centiliter centiliters",
    "l": "litre litres liter liters ltr",
    "w": "watt watts",
    "kw": "kilowatt kilowatts",
    "wh": "",
    "kwh": "",
    "v": "volt volts",
    "a": "ampere amperes amp amps",
    "ah": "",
    "mah": "",
    "hp": "horsepower",
    "lm": "lumen lumens",
    "k": "kelvin",
    "hz": "hertz",
    "khz": "kilohertz",
    "mhz": "megahertz",
    "ghz": "gigahertz",
    "kb": "kilobyte kilobytes",
    "mb": "megabyte megabytes",
    "gb": "gigabyte gigabytes gig gigs",
    "tb": "terabyte terabytes",
    "mp": "megapixel megapixels",
    "rpm": "",
    "dpi": "",
    "fps": "",
    "psi": "",
    "s": "second seconds sec",
    "min": "minute minutes",
    "h": "hour hours hr hrs",
}
_LARGER: Final = {  # units in which the same is said, and how many of the first are one of them
    "mm": ("cm", 10),
    "cm": ("m", 100),
    "m": ("km", 1_000),
    "mg": ("g", 1_000),
    "g": ("kg", 1_000),
    "ml": ("l", 1_000),
    "w": ("kw", 1_000),
    "wh": ("kwh", 1_000),
    "hz": ("khz", 1_000),
    "khz": ("mhz", 1_000),
    "mhz": ("ghz", 1_000),
    "kb": ("mb", 1_000),
    "mb": ("gb", 1_000),
    "gb": ("tb", 1_000),
}
_SMALLER: Final = {large: (small, many) for small, (large, many) in _LARGER.items()}
_SYMBOLS: Final = {word: symbol for symbol, words in _UNITS.items() for word in words.split()}
_MINIMUM: Final = "min"  # what the name of an attribute means by it
_MEASURED: Final = re.compile(r"(\d+(?:\.\d+)?)([^\W\d_]+)")
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MOST: Final = 1e9
_DECIMALS: Final = 6


def measures(entity: Entity) -> Iterator[str]:
    """Yield each number of an attribute as one word with the thing or unit that the attribute's name ends with.

    50 of `power_w`, `powerW`, or `watts`: "50w", "50watt", "50watts", and "0.05kw", by the symbols of the next units;
    4 of `max_players`: "4players", "4player". What is counted is whole, and several: of 2.5 of `players`
    there is none, nor of any `price`.
    """
    for name, numbers in entity.numbers.items():
        said, is_unit = _said(name)
        for number in numbers if said else ():
            if abs(number) < _MOST and (is_unit or number.is_integer()):
                yield from (f"{_written(number)}{word}" for word in said)
                yield from _in_other_units(number, said[0])


@lru_cache(4_096)
def measure(word: str) -> str:
    """Return a number with a unit, as one word, by the unit's symbol, as `measures` has it: "50watts" -> "50w".

    Any other word is left as it is.
    """
    found = _MEASURED.fullmatch(word)
    return f"{found[1]}{_SYMBOLS.get(found[2], found[2])}" if found else word


def in_other_units(word: str) -> Iterator[str]:
    """Yield a number with its unit, as one word, in the next units: "1500mm" as "150cm"."""
    found = _MEASURED.fullmatch(measure(word))
    if found and found[2] in _UNITS:
        yield from _in_other_units(float(found[1]), found[2])


def _in_other_units(number: float, symbol: str) -> Iterator[str]:
    """Yield a number in the next larger and the next smaller unit, where there are such."""
    if symbol in _LARGER:
        larger, many = _LARGER[symbol]
        yield f"{_written(number / many)}{larger}"
    if symbol in _SMALLER:
        smaller, many = _SMALLER[symbol]
        yield f"{_written(number * many)}{smaller}"


def _written(number: float) -> str:
    """Return a number as people type it."""
    return str(int(number)) if number.is_integer() else str(round(number, _DECIMALS))


@lru_cache(1_024)
def _said(name: str) -> tuple[tuple[str, ...], bool]:
    """Return the words for what an attribute's numbers are, and whether it is a unit; no symbol stands alone."""
    *before, last = tokenise(_CAPITAL.sub(" ", name).replace("_", " ")) or ("",)
    symbol = _SYMBOLS.get(last, last if before and last != _MINIMUM else "")
    if symbol in _UNITS:
        return (symbol, *_UNITS[symbol].split()), True
    one = singulars(last)
    return ((last, *one) if one else ()), False
