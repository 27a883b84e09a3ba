"""Scripts that write words without spaces: where their words may begin and end, and which of their letters say least.

A change of script is a border of words for who reads East Asian texts: ideographs, hiragana, katakana, hangul, others.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Final

_IDEOGRAPHS: Final = (  # two small kana and two marks that are read as ideographs among them
    "\u3005-\u3007\u30f5\u30f6\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_HIRAGANA: Final = "\u3041-\u3098\u309b-\u309f"
_LONG: Final = "\u30fc"  # of a vowel, in both
_KATAKANA: Final = "\u30a0-\u30f4\u30f7-\u30ff\u31f0-\u31ff"
_HANGUL: Final = "\u1100-\u11ff\uac00-\ud7a3"
_VOICED: Final = "\u3099\u309a"


def _south_east() -> tuple[str, str]:
    """Return the letters and the marks of scripts from Thai to Khmer, without Tibetan, which separates syllables."""
    codes = chain(range(0x0E00, 0x0F00), range(0x1000, 0x10A0), range(0x1780, 0x1800))
    signs = [(chr(code), unicodedata.category(chr(code))[0]) for code in codes]
    return "".join(one for one, kind in signs if kind == "L"), "".join(one for one, kind in signs if kind == "M")


_LETTERS, _MARKS = _south_east()
_LETTER: Final = re.compile(f"[{_IDEOGRAPHS}{_HIRAGANA}{_KATAKANA}{_HANGUL}{_LETTERS}][{_MARKS}{_VOICED}]*")
_RUN: Final = re.compile(rf"(?:{_LETTER.pattern})+")
_EAST_ASIAN: Final = re.compile(f"[{_IDEOGRAPHS}{_HIRAGANA}{_KATAKANA}{_HANGUL}]")
_OF_ONE_SCRIPT: Final = re.compile(
    "|".join(f"(?:[{letters}][{_VOICED}]*)+" for letters in (_IDEOGRAPHS, _HIRAGANA + _LONG, _KATAKANA, _HANGUL))
)
_IDEOGRAPH: Final = re.compile(f"[{_IDEOGRAPHS}]")
_KANA: Final = re.compile(f"[{_HIRAGANA}]")
_ANY_KANA: Final = re.compile(f"[{_HIRAGANA}{_LONG}]+|[{_KATAKANA}]+")
_SYLLABLES: Final = re.compile(f"[{_IDEOGRAPHS}]+|[{_HANGUL}]+")
_ENDING: Final = re.compile(rf"[^\W_](?<![{_HIRAGANA}])[{_HIRAGANA}][{_HIRAGANA}{_LONG}]*")
_SMOOTHED: Final = {code: code - 0x60 for code in (*range(0x30A1, 0x30F5), 0x30FD, 0x30FE)}


def apart(decomposed: str) -> str:
    """Return a text with spaces where East Asian scripts change, and its katakana as hiragana: both say the same.

    decomposed: without composed letters, as NFKD leaves it.
    """
    if decomposed.isascii() or not _EAST_ASIAN.search(decomposed):
        return decomposed
    return _OF_ONE_SCRIPT.sub(r" \g<0> ", decomposed).translate(_SMOOTHED)


def kana(text: str) -> frozenset[str]:
    """Return each two neighbouring letters of hiragana or katakana as they are written."""
    composed = "" if text.isascii() else unicodedata.normalize("NFKC", text)
    return frozenset(one + other for run in _ANY_KANA.findall(composed) for one, other in pairwise(run))


def smoothed(text: str) -> str:
    """Return a text with its katakana as hiragana."""
    return text.translate(_SMOOTHED)


def is_unspaced(word: str) -> bool:
    """Tell whether a word has letters of a script without spaces."""
    return not word.isascii() and _RUN.search(word) is not None


def syllables(word: str) -> tuple[str, ...]:
    """Return the ideographs or syllables of Hangul that a word of two at least is of: each says something by itself."""
    return tuple(word) if len(word) > 1 and not word.isascii() and _SYLLABLES.fullmatch(word) else ()


def pieces(words: Sequence[str]) -> Iterator[str]:
    """Yield words, for one without spaces between its own each two neighbouring letters, or the only one.

    An ideograph and the hiragana behind it are one more: what inflects ("食べる", "食べた") has them in common.
    """
    for word, behind in zip(words, [*words, ""][1:], strict=True):
        if word.isascii():
            yield word
            continue
        last = 0
        for run in _RUN.finditer(word):
            if run.start() > last:
                yield word[last : run.start()]
            found = _LETTER.findall(run[0])
            yield from (one + other for one, other in pairwise(found)) if len(found) > 1 else found
            last = run.end()
        if last < len(word):
            yield word[last:]
        if _IDEOGRAPH.match(word[-1]) and (first := _KANA.match(behind)):
            yield word[-1] + first[0]


def endings(text: str) -> Iterator[str]:
    """Yield hiragana that stands, without a space, behind a letter of another script, with that letter.

    It inflects what stands before it or binds it to others: "じました" of "動じました", "です" of "犬です".
    """
    if not text.isascii():
        yield from _ENDING.findall(unicodedata.normalize("NFKC", text))
