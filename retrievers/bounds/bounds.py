"""Reads the bounds in a query: "cars with more than 200 horsepower" is "cars", and a range of horsepower."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from ltrr.models.records.fields import CREATED, FieldKinds
from ltrr.models.records.query import Bounded, Range
from ltrr.models.text import normalise
from ltrr.models.wording import emphasis
from ltrr.retrievers.bounds.comparisons import (
    AT_LEAST,
    MADE,
    MULTIPLES,
    OLD,
    PEOPLE,
    WITHIN,
    Comparison,
    before,
    behind,
    joins,
)
from ltrr.retrievers.bounds.fields import Fields, in_unit_of
from ltrr.retrievers.phrases.measures import symbol_of
from ltrr.retrievers.phrases.things import THINGS

_PIECE: Final = re.compile(
    r"[<>]=?|[≤≥$€£¥₽%+]|\d+(?:[.,'\u2019\u00a0\u202f]\d+)*|(?<=[\d\s$€£¥])[-\u2010-\u2014](?=[\d\s$€£¥])"
    r"|[^\W\d_]+(?:['\u2019.][^\W\d_]+)*"
)
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,'\u2019\u00a0\u202f]\d{3})+(?![.,]?\d)")
_DECADE: Final = re.compile(r"(1[5-9]|20)?([0-9]0)")
_OF_DECADES: Final = frozenset(("s", "er", "ies", "jahre"))
_DECADES: Final = frozenset(("annees", "anos", "anni"))
_SIGNS: Final = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "%": "pct"}
_ZEROS: Final = "000"
_PLUS: Final = "+"
_OUT_OF: Final = "/"  # "4.5/5"
_LABEL: Final = 3
_MOST: Final = 1e15
_OF: Final = frozenset(("of", "is", "von", "de", "di"))
_FIRST_YEAR, _LAST_YEAR = 1000, 2999
_CENTURIES: Final = ("15", "16", "17", "18")  # "1800s", of which nobody means the first ten years
_PRESENT: Final = 20  # "20s" and above are of the last century


class _Piece(NamedTuple):
    start: int
    end: int
    word: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number in a query, from one piece to another one, with its unit.

    year: whether it may be one. least: whether it has a plus behind it.
    """

    number: float
    unit: str | None
    start: int
    end: int
    year: bool
    least: bool = False


class _Reader:
    """Reads one query. is_said, is_value: see `read_bounds`."""

    def __init__(
        self,
        text: str,
        fields: Fields,
        is_said: Callable[[Sequence[str]], bool],
        is_value: Callable[[str], bool],
        stemmer: str,
    ) -> None:
        self._text = text
        self._fields = fields
        self._is_said = is_said
        self._is_value = is_value
        self._stemmer = stemmer
        self._pieces = [_Piece(*one.span(), _word(one[0]), one[0][0].isdigit()) for one in _PIECE.finditer(text)]
        self._words = [piece.word for piece in self._pieces]
        self._bounds = dict[str, dict[str, float]]()
        self._cut: list[tuple[int, int]] = []

    def read(self) -> Bounded:
        """Return the bounds of the query, and the rest of it."""
        at = 0
        while at < len(self._pieces):
            end = self._pieces[at].is_number and self._read_at(at)
            at = end or at + 1
        ranges = {name: found for name, of in self._bounds.items() if not (found := Range(**of)).is_empty}
        if not self._cut or len(ranges) < len(self._bounds):
            return Bounded(self._text)
        rest, start = "", 0
        for first, end in self._cut:
            rest += f"{self._text[start : self._pieces[first].start]} "
            start = self._pieces[end - 1].end
        rest = " ".join((rest + self._text[start:]).split())
        says = filter(self._says, normalise(rest).split())
        return Bounded("" if all(word in THINGS and not self._is_value(word) for word in says) else rest, ranges)

    def _read_at(self, at: int) -> int:
        """Read what is asked of the number at a place. Return where that ends, 0 where nothing is."""
        return self._decade(at) or self._between(at) or self._compared(at) or self._made(at) or self._aged(at)

    def _take_out(self, first: int, end: int) -> int:
        """Leave the words between two places out of what else is asked for. Return where they end."""
        self._cut.append((first, end))
        return end

    def _amount(self, at: int) -> _Amount | None:
        """Return the amount whose number stands at a place."""
        if at >= len(self._pieces) or not self._pieces[at].is_number:
            return None
        start = at - 1 if at and self._words[at - 1] in _SIGNS else at
        end, text = at + 1, self._pieces[at].word
        while self._word(end) == _ZEROS:
            text, end = text + _ZEROS, end + 1
        number = _number(text)
        if number is None:
            return None
        if self._word(end).isdigit() and self._between_pieces(end - 1) == _OUT_OF:
            end += 1
        year = text.isdigit() and _FIRST_YEAR <= number <= _LAST_YEAR
        if many := MULTIPLES.get(self._word(end)):
            number, end, year = number * many, end + 1, False
        least = self._word(end) == _PLUS
        end += least
        unit = _SIGNS.get(self._words[start]) if start < at else None
        if unit is None and (unit := _SIGNS.get(self._word(end)) or symbol_of(self._word(end))):
            end += 1
        return _Amount(number, unit, start, end, year and unit is None, least)

    def _compared(self, at: int) -> int:
        """Read a number beside what compares with it. Return where that ends, 0 where nothing does."""
        amount = self._amount(at)
        if amount is None:
            return 0
        size, said = before(self._words[: amount.start])
        first, end = amount.start - size, amount.end
        if not said:
            size, said = self._behind(amount)
            end += size
        for comparison in said:
            found = self._meant(amount, first, end, comparison)
            if found is not None and not self._is_said(self._words[first:end]):
                name, first, end = found
                self._bound(name, comparison.bound, amount)
                return self._take_out(first, end)
        return self._compared_by_name(amount)

    def _compared_by_name(self, amount: _Amount) -> int:
        """Read "under level 3". Return where that ends, 0 where nothing compares with what is named before a number."""
        name, start = self._label_before(amount.start)
        size, said = before(self._words[:start])
        first, end = start - size, amount.end
        if not name or not said or not self._fits(name, amount) or self._is_said(self._words[first:end]):
            return 0
        self._bound(name, said[0].bound, amount)
        return self._take_out(first, end)

    def _between(self, at: int) -> int:
        """Read two numbers that are the ends of a range. Return where that ends, 0 where there is none."""
        low = self._amount(at)
        if low is None or (high := self._amount(low.end + 1 + (self._word(low.end + 1) in _SIGNS))) is None:
            return 0
        first = low.start - 1 if low.start and joins(self._words[low.start - 1], self._words[low.end]) else low.start
        if first == low.start and not joins("", self._words[low.end]):
            return 0
        if low.number > high.number or self._is_said(self._words[first : high.end]):
            return 0
        named = first < low.start
        both = low.year and high.year and named
        found = self._meant(high, first, high.end, Comparison("lte", of_times=both, alone=named))
        if found is None:
            return 0
        name, first, end = found
        unit = low.unit or high.unit
        self._bound(name, "gte", _Amount(low.number, unit, low.start, low.end, low.year))
        self._bound(name, "lte", high)
        return self._take_out(first, end)

    def _decade(self, at: int) -> int:
        """Read "80s", "1980s", "80er", "années 80". Return where that ends, 0 where it is none."""
        found, name = _DECADE.fullmatch(self._words[at]), self._fields.year
        if not found or not name:
            return 0
        end = at + 2 if self._word(at + 1) in _OF_DECADES and self._touch(at) else at + 1
        first = at - 1 if at and self._words[at - 1] in _DECADES else at
        if (end == at + 1 and first == at) or self._is_called("".join(self._words[first:end]), first, end):
            return 0
        if end == at + 2 and self._word(end) == "jahre":
            end += 1
        century = int(found[1]) if found[1] else 19 if int(found[2]) >= _PRESENT else 20
        year = 100.0 * century + int(found[2])
        years = 100 if found[2] == "00" and found[1] in _CENTURIES else 10
        for bound, one in (("gte", year), ("lt", year + years)):
            self._bound(name, bound, _Amount(one, None, at, at + 1, year=True))
        return self._take_out(first, end)

    def _made(self, at: int) -> int:
        """Read the year in which something was made, "born in 1990". Return where that ends, 0 where it is none."""
        amount, name = self._amount(at), self._fields.year
        within = self._word(at - 1) in WITHIN
        first = at - 1 - (within and self._word(at - 2) in MADE)
        if not amount or not amount.year or not name or name == CREATED or not (within or self._word(first) in MADE):
            return 0
        if self._is_said(self._words[first : amount.end]) or self._is_called(self._words[at], first, amount.end):
            return 0
        for bound in ("gte", "lte"):
            self._bound(name, bound, amount)
        return self._take_out(first, amount.end)

    def _aged(self, at: int) -> int:
        """Read the age of whom something is for, "for 6 year olds". Return where that ends, 0 where it is none."""
        sizes = (size for size in (2, 1) if tuple(self._words[at + 1 : at + 1 + size]) in OLD)
        end, number = at + 1 + next(sizes, -1), _number(self._words[at])
        found = self._fields.of_age(number) if end > at and number is not None else None
        if found is None or self._is_said(self._words[at:end]):
            return 0
        name, bounds = found
        self._bounds.setdefault(name, {}).update(bounds)
        return self._take_out(at, end)

    def _is_called(self, word: str, first: int, end: int) -> bool:
        """Tell whether what stands between two places is a value, or of a name with the telling words beside it."""
        before, behind = ([one] if one and self._says(one) else [] for one in (self._word(first - 1), self._word(end)))
        beside = [[*before, word]] * bool(before) + [[word, *behind]] * bool(behind)
        return self._is_value(word) or any(map(self._is_said, beside or [[word]] * (len(self._words) == end - first)))

    def _says(self, word: str) -> bool:
        return word.isalnum() and emphasis(word, self._stemmer) == 1

    def _meant(self, amount: _Amount, first: int, end: int, comparison: Comparison) -> tuple[str, int, int] | None:
        """Return the attribute that an amount is of, and from where to where that is said; None if nothing tells."""
        name, start = self._label_before(first)
        if name and self._fits(name, amount):
            return name, start, end
        if label := self._label_behind(amount):
            name = self._named(amount.end, amount.end + label)
            return (name, first, max(end, amount.end + label)) if name and self._fits(name, amount) else None
        if amount.unit:
            name = self._named(amount.end - 1, amount.end) or self._fields.measured_in(amount.unit)
            name = name or (self._fields.telling(comparison.of) if comparison.of else None)
            return (name, first, end) if name and self._fits(name, amount) else None
        name, start = self._guessed(amount, first, end, comparison)
        return (name, start, end) if name else None

    def _guessed(self, amount: _Amount, first: int, end: int, comparison: Comparison) -> tuple[str | None, int]:
        """Return the attribute that an amount is of, of which no word tells, and where what is said of it begins.

        The age behind people; else of a year the one that there is; and of a number that ends what is asked, or begins
        it before a word that the catalogue has, the price.
        """
        before, fields = self._word(first - 1), self._fields
        if comparison.of:
            return fields.telling(comparison.of), first
        if before in PEOPLE:
            return None if comparison.of_times else fields.age, first
        if comparison.alone and comparison.of_times:
            return fields.year if amount.year else None, first - (before in MADE)
        behind = self._word(end)
        begins = first == 0 and behind not in PEOPLE and self._is_said([behind])
        ends = not behind or emphasis(behind, self._stemmer) < 1
        return fields.price if comparison.alone and (begins or ends) else None, first

    def _behind(self, amount: _Amount) -> tuple[int, list[Comparison]]:
        """Return how many words behind an amount say what compares with it, with what it is of, and what they say."""
        for label in range(_LABEL + 1):
            size, said = behind(self._words[amount.end + label :])
            if said and (not label or self._named(amount.end, amount.end + label)):
                return label + size, said
        return 0, [AT_LEAST] if amount.least else []

    def _fits(self, name: str, amount: _Amount) -> bool:
        if name in self._fields.dates:
            return amount.year
        return in_unit_of(name, amount.number, amount.unit) is not None and self._fields.has_unit(name, amount.unit)

    def _named(self, first: int, end: int) -> str | None:
        """Return the attribute that the words between two places name, which are behind all that is read."""
        read = self._cut[-1][1] if self._cut else 0
        return self._fields.called(self._words[first:end]) if read <= first < end <= len(self._words) else None

    def _label_before(self, end: int) -> tuple[str | None, int]:
        """Return the attribute that the words before a place name, as many as can, and where they begin.

        Not those of a number before them: "16 GB RAM under 1000".
        """
        ends = [end, end - 1] if end and self._words[end - 1] in _OF else [end]
        spans = ((last - size, last) for last in ends for size in range(_LABEL, 0, -1))
        named = ((name, first) for first, last in spans if (name := self._named(first, last)))
        return next((one for one in named if not self._counted(one[1])), (None, end))

    def _counted(self, at: int) -> bool:
        """Tell whether an amount stands right before a place."""
        before = at - 2 if symbol_of(self._word(at - 1)) else at - 1
        return before >= 0 and self._pieces[before].is_number

    def _label_behind(self, amount: _Amount) -> int:
        """Return how many words behind an amount name an attribute: as many as can."""
        return next((one for one in range(_LABEL, 0, -1) if self._named(amount.end, amount.end + one)), 0)

    def _bound(self, name: str, bound: str, amount: _Amount) -> None:
        """Take a bound of an attribute, of dates by whole years."""
        found = self._bounds.setdefault(name, {})
        if name not in self._fields.dates:
            number = in_unit_of(name, amount.number, amount.unit)
            found[bound] = amount.number if number is None else number
        else:
            year = int(amount.number) + (bound in {"lte", "gt"})
            found["lt" if bound in {"lte", "lt"} else "gte"] = datetime(year, 1, 1, tzinfo=UTC).timestamp()

    def _word(self, at: int) -> str:
        return self._words[at] if 0 <= at < len(self._words) else ""

    def _touch(self, at: int) -> bool:
        """Tell whether nothing but an apostrophe stands between a piece and the next one."""
        return self._between_pieces(at) in {"", "'", "\u2019"}

    def _between_pieces(self, at: int) -> str:
        """Return what stands between a piece and the next one."""
        return self._text[self._pieces[at].end : self._pieces[at + 1].start]


def read_bounds(
    text: str,
    kinds: FieldKinds,
    is_said: Callable[[Sequence[str]], bool],
    is_value: Callable[[str], bool],
    stemmer: str,
) -> Bounded:
    """Return the bounds that a query sets to numbers and dates, and what else it asks for.

    A bound is a number with words that compare with it ("under", "at least", "between ... and", "or more"; "before" and
    "since" for years), or a decade, where it is plain what it is of: an attribute is named before or behind it, or has
    the unit; else the catalogue has one price, or of a year one date. None is read in what a name or value says. kinds:
    what the catalogue has. is_said: whether a name or value has some words side by side; is_value: whether a value is
    a word, or ends with it. stemmer: see `emphasis`.
    """
    if not any(map(str.isdigit, text)) or not kinds:
        return Bounded(text)
    return _Reader(text, Fields(kinds), is_said, is_value, stemmer).read()


def _word(piece: str) -> str:
    return piece if not piece[0].isalpha() else normalise(piece)


def _number(text: str) -> float | None:
    """Return a number as people write it: a mark before three digits is of thousands, any other one a point."""
    if _GROUPED.fullmatch(text):
        text = re.sub(r"\D", "", text)
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if number < _MOST else None
