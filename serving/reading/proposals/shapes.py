"""What the texts of a column look like: prose, names, or what machines write for each other."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from statistics import fmean
from typing import Final, Literal, TypeAlias

from ltrr.models.text import tokenise

Form: TypeAlias = Literal["prose", "words", "list", "code", "machine"]

_LOOKED_AT: Final = 500
_CHARACTERS: Final = 2_000
_MOST: Final = 0.6
_PROSE_WORDS: Final = 8
_LETTERS: Final = 0.6
_FEWEST_LETTERS: Final = 0.3
_UNIQUE: Final = 0.9
_DIFFERENT: Final = 0.5
_DESCRIBED: Final = 0.1
_LONG_TOKEN: Final = 16
_LONG_CODE: Final = 200  # characters, of most drawings
_LONGEST_WORD: Final = 30
_FOR_A_WORD: Final = 50  # characters
_LONGEST_NAME: Final = 60
_CLEARLY: Final = 1.5
_TAG: Final = re.compile(r"<[!/]?[a-z][^<>]*>", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"\w+://|www\.|\S+@\S+\.\w+$|\S+\.\w{2,4}$", re.IGNORECASE)
_SEPARATORS: Final = ",;"
_NESTING: Final = ">»›"  # noqa: RUF001  # between a category and one within it
_FEWEST_PARTS: Final = 4
_FEW_WORDS: Final = 5
_SEPARATED: Final = 0.01  # of cells
_MARKS: Final = re.compile(r"[,;|/>·•]")
_DIGITS: Final = re.compile(r"(0x|u\+)?[0-9a-f]*[0-9][0-9a-f]*", re.IGNORECASE)
_PATH: Final = re.compile(r"\s[>|»›/]\s")  # noqa: RUF001  # between the parts of a category
_SLUG: Final = re.compile(r"(?=.*[a-z]{2})[a-z0-9]+(?:[-_.+][a-z0-9]+)*\+*")
_SENTENCE: Final = re.compile(r"[.!?…](?=\s|$)|[。！？।]")  # noqa: RUF001  # marks of other scripts


def form(cell: str) -> Form:
    """Return what a cell is, by its first 2,000 characters.

    prose: 8 words or more, two letters for a word in scripts without spaces; list: that many, with marks between them;
    words: fewer; code: letters in capitals, a slug, or mostly digits; machine: an address, JSON, a hash. Tags of HTML
    do not count.
    """
    whole = cell.strip()
    text = _TAG.sub(" ", whole[:_CHARACTERS]).strip()
    tokens = text.split()
    if not tokens or (whole[0] in "{[" and whole[-1] in "}]"):
        return "machine"
    if 2 * sum(map(_written_by_machines, tokens)) >= len(tokens):
        return "machine"
    signs = [unicodedata.category(one)[0] in "LM" for one in text if not one.isspace()]
    if sum(signs) < _LETTERS * len(signs):
        return "code"
    words = sum(any(map(str.isalpha, one)) for one in tokens)
    words += max(0, len(tokenise(text)) - len(tokens)) // 2
    if words >= _PROSE_WORDS:
        is_list = 3 * len(_MARKS.findall(text)) >= words or len(_PATH.findall(text)) > 1
        return "list" if is_list and not _SENTENCE.search(text) else "prose"
    is_code = len(tokens) == 1 and len(text) > 1 and (text.isupper() or (text.islower() and not text.isalpha()))
    return "code" if is_code else "words"


def separator(cells: Sequence[str]) -> str | None:
    """Return the mark between the values of cells, None where there is none.

    Most of what stands between commas stands alone in other cells: "Leather, Rubber" among "Rubber" and "Leather", not
    "Paris, Texas"; or it stands at several places of others, as "Pan, Tilt, Zoom" and "Dimmer, Pan, Gobo" have it, and
    addresses do not. Semicolons separate wherever few words stand between them, except in prose and addresses, and one
    cell in a hundred has them; `>` where what stands before it, a category with others within, is that of several.
    """
    cells = list(map(unescape, cells))
    if nesting := _nesting(cells):
        return nesting
    for mark in _SEPARATORS:
        alone = {cell.strip() for cell in cells if mark not in cell}
        parts = [part.strip() for cell in cells if mark in cell for part in cell.split(mark) if part.strip()]
        if len(parts) < _FEWEST_PARTS:
            continue
        usual = sum(mark in cell for cell in cells) >= _SEPARATED * len(cells) and not is_written_by_machines(cells)
        words = fmean(len(part.split()) for part in parts)
        is_few = usual and words <= _FEW_WORDS and _share(cells, _is("prose")) < _MOST
        stands_alone = sum(part in alone for part in parts) >= _MOST * len(parts)
        if stands_alone or (is_few and (mark == ";" or _moves(cells, mark))):
            return mark
    return None


def _moves(cells: Sequence[str], mark: str) -> bool:
    """Tell whether most of what stands between marks is in several cells, at other places from either end."""
    places: dict[str, list[tuple[int, int]]] = {}
    for cell in cells:
        parts = [part.strip() for part in cell.split(mark) if part.strip()]
        for place, part in enumerate(parts):
            places.setdefault(part, []).append((place, len(parts) - place))
    moved = sum(len(at) for at in places.values() if all(len(set(ends)) > 1 for ends in zip(*at, strict=True)))
    return moved >= _MOST * sum(map(len, places.values()))


def _nesting(cells: Sequence[str]) -> str | None:
    """Return the mark within nested categories, of "Shoes > Running > Road"; None where cells are none."""
    for mark in _NESTING:
        nested = [cell for cell in cells if mark in cell and not _TAG.search(cell)]
        if len(nested) < max(_FEWEST_PARTS, _SEPARATED * len(cells)) or _share(cells, _is("prose")) >= _MOST:
            continue
        parts = [[part.strip() for part in cell.split(mark)] for cell in nested]
        repeats = 2 * len({one[0] for one in parts}) <= len(nested)
        if (
            repeats
            and all(all(one) for one in parts)
            and fmean(len(part.split()) for one in parts for part in one) <= _FEW_WORDS
        ):
            return mark
    return None


def is_written_by_machines(cells: Sequence[str]) -> bool:
    """Tell whether most cells are nothing that people would write."""
    return _share(cells, _is("machine")) >= _MOST


def describing(held: Mapping[str, Sequence[str]]) -> list[str]:
    """Return which of some columns may describe: of prose that does not repeat ten times over.

    The one of the longest texts alone where it is clearly longer than all others, all where several are about as long.
    """
    lengths = {
        name: fmean(map(len, looked_at))
        for name, cells in held.items()
        if (looked_at := _some(cells)) and _share(cells, _is("prose")) >= _MOST and _different(cells) >= _DESCRIBED
    }
    ordered = sorted(lengths, key=lambda name: -lengths[name])
    return [name for name in ordered if _CLEARLY * lengths[name] > lengths[ordered[0]]]


def naming(held: Mapping[str, Sequence[str]], rows: int) -> list[str]:
    """Return which of some columns may be the names of rows: few words, most of them different.

    One alone where it is different, and there, in nearly every row; several where more look like that.
    """
    return [
        name
        for name, cells in held.items()
        if rows > 1
        and len(cells) >= _UNIQUE * rows
        and _different(cells) >= _DIFFERENT
        and _share(cells, _is("words")) >= _UNIQUE
    ]


def likest_a_name(held: Mapping[str, Sequence[str]], rows: int) -> str | None:
    """Return which of some columns is most like names of rows, where none looks just like that; None where none may be.

    Short texts in most rows, of which more differ than of others.
    """
    may = [
        name
        for name, cells in held.items()
        if 2 * len(cells) > rows
        and fmean(map(len, _some(cells))) <= _LONGEST_NAME
        and not is_written_by_machines(cells)
        and not is_of_digits(cells)
        and _share(cells, lambda cell: _FEWEST_LETTERS * len(cell) <= sum(map(str.isalpha, cell))) >= _MOST
        and (rows == 1 or len(set(cells)) > 1)
    ]
    return max(may, key=lambda name: _different(held[name]), default=None)


def is_drawn(cells: Sequence[str]) -> bool:
    """Tell whether nearly all cells are drawings, or other code: hundreds of characters, and hardly a word."""
    return bool(cells) and fmean(map(len, _some(cells))) >= _LONG_CODE and _share(cells, _is_wordless) >= _UNIQUE


def is_of_digits(cells: Sequence[str]) -> bool:
    """Tell whether most cells are numbers, decimal or hexadecimal."""
    return _share(cells, _DIGITS.fullmatch) >= _MOST


def is_worded(cells: Sequence[str]) -> bool:
    """Tell whether most cells are a few words."""
    return _share(cells, _is("words")) >= _MOST


def is_slug(cells: Sequence[str]) -> bool:
    """Tell whether nearly every cell is one word in small letters, or a few with hyphens: packages are called so."""
    return _share(cells, _SLUG.fullmatch) >= _UNIQUE


def is_unique(cells: Sequence[str]) -> bool:
    """Tell whether nearly every cell is another one."""
    return _different(cells) >= _UNIQUE


def _some(cells: Sequence[str]) -> Sequence[str]:
    return cells[:: max(1, len(cells) // _LOOKED_AT)]


def _share(cells: Sequence[str], fits: Callable[[str], object]) -> float:
    found = [bool(fits(cell)) for cell in _some(cells)]
    return sum(found) / len(found) if found else 0.0


def _is(wanted: Form) -> Callable[[str], bool]:
    return lambda cell: form(cell) == wanted


def _is_wordless(cell: str) -> bool:
    text = _TAG.sub(" ", cell[:_CHARACTERS])
    words = [one for one in tokenise(text) if one.isalpha() and (len(one) > 1 or not one.isascii())]
    return _FOR_A_WORD * sum(len(one) <= _LONGEST_WORD for one in words) <= len(cell[:_CHARACTERS])


def _different(cells: Sequence[str]) -> float:
    return len(set(cells)) / len(cells) if cells else 0.0


def _written_by_machines(token: str) -> bool:
    mixed = any(map(str.isdigit, token)) and any(map(str.isalpha, token))
    return bool(_ADDRESS.match(token)) or (len(token) >= _LONG_TOKEN and mixed)
