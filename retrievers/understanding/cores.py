"""What the catalogue has of words that it has not: "LM339" of a code "LM339DR", "Stuhl" of a "Gartenstuhl"."""

import math
import re
from collections.abc import Container, Iterator, Sequence
from typing import Final

from ltrr.models.text import ENGLISH, TELLING_HEAD, common_forms, has_digit, heads, root, stem
from ltrr.retrievers.phrases.phrases import Phrases

_SHORTEST: Final = 4
_SHARE: Final = 0.4
_LONGEST: Final = 24
_PIECED: Final = 12
_MOST: Final = 4
_SIZE: Final = re.compile(r"\d+x\d+")
_TOO_MANY: Final = ("",) * _MOST
_FEW: Final = 5
_MISSPELT: Final = 0.85
_SELDOM: Final = 0.01
_SLIPPED: Final = 5
_LONG: Final = 8
_SURELY: Final = 7
_LONGER: Final = 10
_EDITS: Final = 2
_DOERS: Final = ("er", "ers", "or", "ors")
_ENDINGS: Final = {"ing": _DOERS, **dict.fromkeys(_DOERS, ("ing",))}
_DONE: Final = 4
_RUN: Final = re.compile(r"\d+|[^\W\d_]+")


def cores(phrases: Phrases, words: Sequence[str], stemmer: str) -> tuple[str, ...]:
    """Return the words, where the catalogue has not one of them, what it has of it in its place.

    Of a code that begins no name or word that is the longest of its beginnings that is known or begins one, and of the
    same behind a change of letters and digits ("74hc595" of "SN74HC595N") that is known: of four signs, two fifths of
    the code, and a digit at least. No number is cut, and one alone is none that many have, such as a year. Else, of up
    to 12 signs, it is the fewest parts, up to four, that it is made of, where all are known: "a7 iii" of "a7iii"; a
    size ("1x4") is whole. Of a compound that is nothing known misspelt it is the longest of its ends of four letters
    that is known, see `heads`. Where nothing of all that is known, it is the longest word of a name or value that one
    of them, like nothing known, no beginning of it and of no family of it ("bookbinder" of "Bookbinding"), begins or
    ends with: "media" of "mediaquery", of four letters and two fifths, with four letters beside it. stemmer: of the
    catalogue.
    """
    found = tuple(core for word in words for core in _core(phrases, word, stemmer))
    if any(phrases.resembles(word) or phrases.begun(word) or _has_family(phrases, word, stemmer) for word in found):
        return found
    return tuple(next(_of_joined(phrases, word), word) for word in found)


def misspelt(phrases: Phrases, words: Sequence[str], known: Container[str], stemmer: str) -> dict[str, str]:
    """Return, for each word of seven letters that is not known, what it is a misspelling of.

    That is a word one edit away, of ten letters two, that is no other form of it; shorter ones are as likely other
    words. Nor is it the last word where something begins so: that is half typed. stemmer: of the catalogue.
    """
    asked = [word for word in dict.fromkeys(words) if word not in known and len(word) >= _SURELY]
    if asked and asked[-1] == words[-1] and phrases.begun(words[-1]):
        asked.pop()
    found = {word: phrases.nearest(word, 1 + (len(word) >= _LONGER)) for word in asked if word.isalpha()}
    other = {word: near for word, near in found.items() if near and stem(near, stemmer) != stem(word, stemmer)}
    return {word: near for word, near in other.items() if phrases.having(near)}


def respelt(phrases: Phrases, words: Sequence[str], stemmer: str) -> tuple[str, ...]:
    """Return the words, in place of each that the catalogue has not what is spelt most like it.

    That is two edits away at most, of eight letters three; what has digits, or fewer than five letters, is as it is.
    """
    return tuple(word if _is_known(phrases, word, stemmer) else _slipped(phrases, word) for word in words)


def of_doers(phrases: Phrases, words: Sequence[str], stemmer: str) -> tuple[str, ...]:
    """Return the words, for what is done who does it, or the other way, where a name or value has it so.

    "truck driving" is "truck driver": it stands beside the word before it, which no name or value has beside the word
    that was typed. stemmer: of the catalogue; other languages than English have other endings.
    """
    if stemmer != ENGLISH:
        return tuple(words)
    found = list(words)
    for place in range(1, len(words)):
        before, word = words[place - 1 : place + 1]
        others = list(_others(word))
        if others and not phrases.has([before, word]):
            found[place] = next((one for one in others if phrases.has([before, one])), word)
    return tuple(found)


def _others(word: str) -> Iterator[str]:
    for ending, others in _ENDINGS.items():
        begun = word.removesuffix(ending)
        if begun != word and len(begun) >= _DONE:
            yield from (begun + other for other in others)


def _slipped(phrases: Phrases, word: str) -> str:
    literal = len(word) < _SLIPPED or has_digit(word)
    return (not literal and phrases.nearest(word, _EDITS + (len(word) >= _LONG))) or word


def _is_known(phrases: Phrases, word: str, stemmer: str) -> bool:
    return any(map(phrases.having, (word, *common_forms(word, stemmer))))


def _core(phrases: Phrases, word: str, stemmer: str) -> Sequence[str]:
    if _is_known(phrases, word, stemmer):
        return (word,)
    if has_digit(word):
        if phrases.begun(word):
            return (word,)
        if core := next(_of_code(phrases, word), None):
            return (core,)
        return (not _is_misspelt(phrases, word) and _pieces(phrases, word, stemmer)) or (word,)
    return (next(_of_compound(phrases, word, stemmer), word),)


def _is_misspelt(phrases: Phrases, word: str) -> bool:
    return any(share > _MISSPELT for _, share in (*phrases.near(word, 1), *phrases.words_near(word, 1)))


def _pieces(phrases: Phrases, code: str, stemmer: str) -> tuple[str, ...]:
    """Return the fewest known parts that a code is made of, without words beside words; none where it is not."""
    if len(code) > _PIECED or _SIZE.fullmatch(code):
        return ()
    cuts = [at for at in range(len(code) + 1) if at in {0, len(code)} or not code[at - 1 : at + 1].isdigit()]
    best: dict[int, tuple[str, ...]] = {0: ()}
    for end in cuts[1:]:
        ways = [
            (*best[start], code[start:end])
            for start in cuts
            if start < end
            and len(best.get(start, _TOO_MANY)) < _MOST
            and not (best[start] and _is_word(best[start][-1]) and _is_word(code[start:end]))
            and _is_part(phrases, code[start:end], stemmer)
        ]
        if ways:
            best[end] = min(ways, key=len)
    return best.get(len(code), ())


def _is_word(part: str) -> bool:
    return part.isalpha() and not has_digit(stem(part))  # a Roman numeral has digits


def _is_part(phrases: Phrases, part: str, stemmer: str) -> bool:
    """Tell whether a part of a code says something: a number, or what the catalogue has, in another form too."""
    return part.isdecimal() or (len(part) > 1 and _is_known(phrases, part, stemmer))


def _of_compound(phrases: Phrases, word: str, stemmer: str) -> Iterator[str]:
    ends = [head for head in heads(word, stemmer) if len(head) >= TELLING_HEAD]
    if ends and not _is_misspelt(phrases, word):
        forms = (form for head in ends for form in (head, *common_forms(head, stemmer)) if len(form) >= TELLING_HEAD)
        yield from filter(phrases.having, forms)


def _has_family(phrases: Phrases, word: str, stemmer: str) -> bool:
    _, family = root(word, stemmer)
    return bool(family and phrases.begun(family))


def _of_joined(phrases: Phrases, word: str) -> Iterator[str]:
    least = len(word) if has_digit(word) else max(_SHORTEST, math.ceil(_SHARE * len(word)))
    for length in range(min(len(word) - _SHORTEST, _LONGEST), least - 1, -1):
        yield from (part for part in (word[:length], word[-length:]) if phrases.spaced(part, _SHORTEST) is not None)


def _of_code(phrases: Phrases, word: str) -> Iterator[str]:
    runs = list(_RUN.finditer(word))
    if len(runs) < 2 or len(word) > _LONGEST:  # noqa: PLR2004  # letters and digits
        return
    starts = [run.start() for run in runs]
    for length in range(len(word) - 1, max(_SHORTEST, round(_SHARE * len(word))) - 1, -1):
        for start in starts:
            core = word[start : start + length]
            cut = word[start + length - 1 : start + length + 1].isdigit() and start + length < len(word)
            if len(core) < length or cut or not has_digit(core):
                continue
            having = phrases.having(core)
            many = core.isdigit() and having > max(_FEW, _SELDOM * len(phrases))
            if (having and not many) or (not start and phrases.begun(core)):
                yield core
