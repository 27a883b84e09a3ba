"""Cells of files as values: texts with weights, numbers, dates, of which a column says which."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, Literal, NamedTuple, TypeAlias

from pydantic import JsonValue

from ltrr.models.text import number_text
from ltrr.retrievers.phrases.phrase import ASKING
from ltrr.streams.events.timestamps import is_date, read_date

Kind: TypeAlias = Literal["text", "number", "date", "flag"]
Order: TypeAlias = Literal["dmy", "mdy"]
"""Whether the day or the month begins a date of digits that does not begin with the year."""
ABSENT: Final = frozenset(
    {"", "null", "none", "nan", "n/a", "na", "nil", "-", "\\n", "#n/a", "0000-00-00", "0000-00-00 00:00:00"}
)
"""What is written where a number or a date is not known, in lower case."""

_FLAGS: Final = (  # what is written where something is so, and where it is not
    *(("true", "false"), ("yes", "no"), ("y", "n"), ("x", ""), ("t", "f"), ("wahr", "falsch"), ("vrai", "faux")),
    *(("ja", "nein"), ("ja", "nee"), ("ja", "nej"), ("ja", "nei"), ("oui", "non"), ("sí", "no"), ("si", "no")),
    *(("sì", "no"), ("sim", "não"), ("tak", "nie"), ("ano", "ne"), ("áno", "nie"), ("da", "ne"), ("da", "nu")),
    *(("evet", "hayır"), ("igen", "nem"), ("kyllä", "ei"), ("да", "нет"), ("ναι", "όχι")),  # noqa: RUF001  # Cyrillic
    *(("はい", "いいえ"), ("是", "否")),
)
_DIGITS: Final = ("1", "0")
_SAYS: Final = {word: said for pair in (*_FLAGS, _DIGITS) for word, said in zip(pair, (True, False), strict=True)}
_ALONE: Final = ("true", "false", "yes", "y", "x")  # "ja" may be Japanese, "no" Norwegian
_OF_FLAGS: Final = frozenset(map(frozenset, (*_FLAGS, *((one,) for one in _ALONE))))
"""All that is written in a column of flags, whatever it is called."""

_PLAIN: Final = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?", re.IGNORECASE)
_GROUPED: Final = {
    ".": re.compile(r"[-+]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?"),
    ",": re.compile(r"[-+]?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]*)?"),
}
_CURRENCIES: Final = (
    "[A-Z]{1,2}(?=[$])|AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|"
    "KZT|MXN|MYR|NGN|NOK|NZD|PEN|PHP|PKR|PLN|RMB|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR|"
    "[Ee]uro|Fr[.]|[Kk]r[.]?|Kč|Rs[.]?|zł|руб[.]?"  # noqa: RUF001  # as it is written there
)
_CURRENCY: Final = re.compile(rf"(?:{_CURRENCIES})(?![^\W\d_])|(?<![^\W\d_])(?:{_CURRENCIES})$")
_WEIGHT: Final = re.compile(r"\s*(0?\.[0-9]+|[01](\.0*)?)\s*")
_DAY: Final = re.compile(r"([12][0-9]{3})(?:-?(0[1-9]|1[0-2])(?:-?([0-3][0-9]))?)?")
_CODES: Final = frozenset(
    (
        *("id", "ids", "sku", "ean", "gtin", "upc", "isbn", "asin", "mpn", "code", "codes", "zip", "postcode", "phone"),
        *("number", "model", "barcode"),
    )
)
_LEADING_ZERO: Final = re.compile(r"0[0-9]+")
_FEW: Final = 50
_DATE: Final = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}.*)?)?")
_TIME: Final = r"(?:,?[\sT]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*(am|pm)?)?"
_YEAR_LAST: Final = re.compile(rf"([0-9]{{1,2}})([./-])([0-9]{{1,2}})\2([12][0-9]{{3}}){_TIME}", re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(rf"([12][0-9]{{3}})([./])([0-9]{{1,2}})\2([0-9]{{1,2}}){_TIME}", re.IGNORECASE)
_MOST_MONTHS: Final = 12
_HALF_A_DAY: Final = 12  # hours
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAMED: Final = re.compile(
    r"(?:([0-3]?[0-9])(?:st|nd|rd|th)?[\s.-]+)?([a-z]{3,9})\.?[\s-]+(?:([0-3]?[0-9])(?:st|nd|rd|th)?,?\s+)?([12][0-9]{3})",
    re.IGNORECASE,
)


class Written(NamedTuple):
    """How the cells of a column are written: decimal: what stands before decimals; date: what begins dates of digits.

    date is None where there are none, or nothing tells.
    """

    kind: Kind
    decimal: str = "."
    date: Order | None = None


def number(cell: str, decimal: str = ".") -> float | None:
    """Read a number, with a currency ("€", "EUR") or % beside it or not; None where it says that there is none.

    decimal: what stands before decimals, a point or a comma; the other one may stand between thousands. Raises
    ValueError.
    """
    if cell.strip().lower() in ABSENT:
        return None
    bare = _CURRENCY.sub("", cell.strip(), count=1)
    kept = "".join(one for one in bare if not one.isspace() and unicodedata.category(one) != "Sc" and one not in "%'")
    if _GROUPED[decimal].fullmatch(kept):
        kept = kept.replace("." if decimal == "," else ",", "")
    if decimal == "," and "." not in kept:
        kept = kept.replace(",", ".")
    if not _PLAIN.fullmatch(kept):
        raise ValueError(f"{cell[:50]!r} is no number")
    return float(kept)


def date(cell: str, order: Order | None = None) -> float | None:
    """Read a date: ISO 8601, a year or a month alone, with the month's English name, of digits, or an epoch's seconds.

    order: of what does not begin with the year ("31.10.2022"). Without a zone it is in UTC. None where it says that
    there is none. Raises ValueError.
    """
    text = cell.strip()
    if text.lower() in ABSENT:
        return None
    if is_date(text):
        return read_date(text)
    if day := _DAY.fullmatch(text):
        return read_date(f"{day[1]}-{day[2] or '01'}-{day[3] or '01'}")
    if written := _with_named_month(text) or _of_digits(text, order):
        return read_date(written)
    if _PLAIN.fullmatch(text):
        return read_date(float(text))
    if order is None and _YEAR_LAST.fullmatch(text):
        raise ValueError(
            f'{text!r} may begin with the day or with the month: "date": "dmy" or "mdy" in a map file says which'
        )
    raise ValueError(f"{cell[:50]!r} is no date in ISO 8601, such as 2019-06-14, nor one like 14 June 2019")


def flag(cell: str) -> bool | None:
    """Read whether something is so, in one of the words for yes and no; None where it says nothing.

    Raises ValueError.
    """
    said = cell.strip().lower()
    if said in ABSENT:
        return None
    if said not in _SAYS:
        raise ValueError(f"{cell[:50]!r} is no flag, such as true or false, yes or no")
    return _SAYS[said]


def _are_flags(columns: Iterable[str], present: Sequence[str]) -> bool:
    """Tell whether all cells are one word or another for yes or no; 1 and 0 where the column is named so ("is_new")."""
    said = frozenset(map(str.lower, present))
    asking = any(not ASKING.isdisjoint(words_of(column)[:1]) for column in columns)
    return said in _OF_FLAGS or (asking and said == frozenset(_DIGITS))


def date_orders(sample: Iterable[str]) -> tuple[frozenset[Order], str]:
    """Return in which orders all dates of digits may be read, and the first of these dates; none where there is none.

    A day over 12 decides, and points, which stand behind days alone.
    """
    found = [match for cell in sample if (match := _YEAR_LAST.fullmatch(cell.strip()))]
    days = [match for match in found if min(int(match[1]), int(match[3])) <= _MOST_MONTHS]
    orders: dict[Order, bool] = {
        "dmy": all(int(match[3]) <= _MOST_MONTHS for match in days),
        "mdy": all(int(match[1]) <= _MOST_MONTHS and match[2] != "." for match in days),
    }
    return (frozenset(order for order, may in orders.items() if may), days[0][0]) if days else (frozenset(), "")


def undecided_date(sample: Sequence[str]) -> str | None:
    """Return the first of dates all of which may begin with the day or with the month, None where cells are others."""
    orders, first = date_orders(sample)
    present = _present(sample)
    return first if len(orders) > 1 and all(map(_YEAR_LAST.fullmatch, present)) else None


def _order(sample: Iterable[str]) -> Order | None:
    orders, _ = date_orders(sample)
    return next(iter(orders)) if len(orders) == 1 else None


def _of_digits(text: str, order: Order | None) -> str | None:
    """Return "31.10.2022", "10/31/2022 2:05 PM" or "2022/10/31" as ISO 8601 has it, None where it is no such date."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, _, month, day, *time = found.groups()
    elif order is not None and (found := _YEAR_LAST.fullmatch(text)):
        first, _, second, year, *time = found.groups()
        day, month = (first, second) if order == "dmy" else (second, first)
    else:
        return None
    hour, minute, second, half = time
    iso = f"{year}-{int(month):02}-{int(day):02}"
    if hour is None:
        return iso
    of_day = int(hour) if half is None else int(hour) % _HALF_A_DAY + _HALF_A_DAY * (half.lower() == "pm")
    return f"{iso}T{of_day:02}:{minute}:{second or '00'}"


def _with_named_month(text: str) -> str | None:
    """Return "Jun 14, 2019", "14th June 2019" or "June 2019" as ISO 8601 has it, None where it is no such date."""
    if not (found := _NAMED.fullmatch(text)):
        return None
    before, name, behind, year = found.groups()
    months = [
        number for number, month in enumerate(_MONTHS, start=1) if month.startswith(name.lower().removesuffix("t"))
    ]
    if len(months) != 1 or (before and behind):
        return None
    return f"{year}-{months[0]:02}-{int(before or behind or 1):02}"


def texts(cell: str, separator: str) -> dict[str, float]:
    r"""Read `value^weight|value`, where no weight is 1; `\` before `|` or `^` takes that for itself.

    separator: the one character between values.
    """
    held: dict[str, float] = {}
    for part in _parts(cell, separator):
        value, weight = part, 1.0
        at = part.rfind("^")
        if at > 0 and part[at - 1] != "\\" and _WEIGHT.fullmatch(part[at + 1 :]) and float(part[at + 1 :]) > 0:
            value, weight = part[:at], float(part[at + 1 :])
        value = value.replace(f"\\{separator}", separator).replace("\\^", "^").strip()
        if value:
            held[value] = weight
    return held


def present(value: JsonValue) -> bool:
    """Tell whether a field says anything."""
    return value is not None and value not in ("", [])


def text(value: JsonValue) -> JsonValue:
    """Return a single value as text: numbers as people write them, the first of a list that says anything."""
    if isinstance(value, list):
        return next((text(one) for one in value if present(one)), None)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)  # every digit: it may be an id
    return number_text(value) if isinstance(value, float) else value


def _parts(cell: str, separator: str) -> Iterator[str]:
    return (part for part in re.split(rf"(?<!\\){re.escape(separator)}", cell) if part.strip())


def words_of(column: str) -> tuple[str, ...]:
    """Return the words of a column's name: `playlistGenre`, `playlist_genre` -> playlist, genre."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column)
    return tuple(re.findall(r"[^\W_]+", spaced.lower()))


def kind_of(columns: Iterable[str], sample: Sequence[str]) -> Written:
    """Return what cells are, and how they are written. Codes (`sku`, "0042") are text, though all digits."""
    columns, present = tuple(columns), _present(sample)
    if not present:
        return Written("text")
    if _are_flags(columns, present):
        return Written("flag")
    order = _order(present)
    if _all(_day(order), present) and any(
        is_date(cell) or _with_named_month(cell) or _of_digits(cell, order) for cell in present
    ):
        return Written("date", date=order)
    if _named_codes(columns) or any(_LEADING_ZERO.fullmatch(cell) for cell in present):
        return Written("text", date=order)
    for decimal in (".", ","):
        if _all(lambda cell, decimal=decimal: number(cell, decimal), present):  # type: ignore[misc]
            return Written("number", decimal)
    return Written("text", date=order)


def odd_one(columns: Iterable[str], sample: Sequence[str]) -> tuple[Kind, str] | None:
    """Return what all cells of a column of texts are but one in fifty, and the first other; None where it is of texts.

    Such a one may be a slip ("2019-02-31"), which nobody would see: the column is neither compared nor ordered by.
    """
    if _named_codes(columns):
        return None
    present = _present(sample)
    readings: tuple[tuple[Kind, Callable[[str], object]], ...] = (("date", _day(_order(present))), ("number", number))
    for kind, read in readings:
        others = list(islice((cell for cell in present if not _all(read, (cell,))), len(present) // _FEW + 1))
        if 0 < len(others) <= len(present) // _FEW:
            return kind, others[0]
    return None


def odd_text(values: Sequence[JsonValue]) -> tuple[Kind, str] | None:
    """Return the first text of values most of which are numbers, None where they are not."""
    numbers = sum(isinstance(one, (int, float)) and not isinstance(one, bool) for one in values)
    texts = [one for one in values if isinstance(one, str)]
    return ("number", texts[0]) if texts and 2 * numbers > len(values) else None


def _named_codes(columns: Iterable[str]) -> bool:
    return any(_CODES & set(words_of(column)[-1:]) for column in columns)


def _present(sample: Sequence[str]) -> list[str]:
    return [cell for cell in map(str.strip, sample) if cell.lower() not in ABSENT]


def _day(order: Order | None) -> Callable[[str], float | None]:
    """Return what reads a date that is written as one, which seconds are not. It raises ValueError."""

    def read(cell: str) -> float | None:
        if not (_DATE.fullmatch(cell) or _with_named_month(cell) or _of_digits(cell, order)):
            raise ValueError(cell)
        return date(cell, order)

    return read


def _all(read: Callable[[str], object], present: Sequence[str]) -> bool:
    try:
        for cell in present:
            read(cell)
    except ValueError:
        return False
    return True
