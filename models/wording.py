"""The words of a text that people say: without what machines write in it for each other."""

import html
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, pairwise
from typing import Final

from ltrr.models.text import ENGLISH, stem, tokenise

_TAGS: Final = (
    "a|abbr|b|blockquote|body|br|button|center|code|dd|div|dl|dt|em|font|footer|h[1-6]|head|header|hr|html|i|iframe|img"
    "|li|main|nav|ol|p|pre|script|section|small|span|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul|video"
)
_TAG: Final = re.compile(rf"<![^<>]*>|</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_SCHEME: Final = re.compile(r"\b[a-z][a-z0-9+-]{1,15}://(?:www\.)?|\bwww\.", re.IGNORECASE)
_ATOM: Final = r"[^\s<>()\[\]{},;:\"'@]"
_EMAIL: Final = re.compile(rf"(?<!{_ATOM})(?<!@){_ATOM}+@{_ATOM}+\.[^\W\d_]{{2,}}")  # begins where a word does
_WRITTEN: Final = re.compile(r"[@<&]|://|www\.|^\s*[\[{]", re.IGNORECASE)

_LONGEST: Final = 60
_MOST_WORDS: Final = 10
_ENGLISH: Final = (
    "a an the of for with to in on at by from and or is are was be it its that this these those how what when where"
    " which who why do does my your our their as into"
)
_OTHERS: Final = (
    "der das und ein eine einen von zu im auf den dem le la les de du et un une avec dans au aux el los las del y una"
    " para con por il lo gli della di nel o os da das dos e em um uma het een van en met voor"
)
_SMALL: Final = frozenset(f"{_ENGLISH} {_OTHERS}".split())
"""Words that say next to nothing, without those that are names or other words elsewhere ("die", "mit", "pour")."""
_FAINT: Final = 0.05


def said(text: str) -> tuple[str, ...]:
    """Return the words of what people say of a value or description, see `prose`."""
    return tokenise(prose(text))


def prose(text: str) -> str:
    """Return a value or description as people say it.

    Left out are e-mail addresses, the scheme and "www" of others, tags of HTML, and the keys of a text that is JSON.
    """
    return _SCHEME.sub(" ", _EMAIL.sub(" ", _plain(text))) if _WRITTEN.search(text) else text


def is_said(text: str) -> bool:
    """Tell whether all of a text is what people say."""
    return prose(text) == text


def is_prose(text: str) -> bool:
    """Tell whether a text says more than anybody types in full: it is read for its words alone, as a description is."""
    return len(text) > _LONGEST and len(tokenise(text)) > _MOST_WORDS


def emphasis(word: str) -> float:
    """Return how much a word says beside others: 1; a twentieth of that "the", "for" and "von"."""
    return _FAINT if word in _SMALL else 1.0


def weighty(words: Sequence[str]) -> Sequence[str]:
    """Return the words that say something, or all where none does."""
    return [word for word in words if word not in _SMALL] or words


def shingles(words: Sequence[str], stemmer: str = ENGLISH) -> Iterator[str]:
    """Yield each two neighbours of the words that say something, by their stems, as one term; no word is one."""
    yield from map("~".join, pairwise(stem(word, stemmer) for word in weighty(words)))


def inverted(name: str) -> Iterator[tuple[str, ...]]:
    """Yield what an inverted name is read as: "Rope, silk (50 feet)" as "silk 50 feet rope", and as "silk rope"."""
    segments = [words for words in map(tokenise, name.split(",")) if words]
    if len(segments) > 1:
        yield tuple(chain.from_iterable(reversed(segments)))
        yield from ((behind[0], before[-1]) for before, behind in pairwise(segments))


def emails(text: str) -> tuple[str, ...]:
    """Return the e-mail addresses of a text: no words, but an entity can be asked for by one."""
    return tuple(_EMAIL.findall(_plain(text))) if "@" in text else ()


def _plain(text: str) -> str:
    """Return a text without marks of JSON or HTML; parts that these keep apart are."""
    if text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):  # it is no JSON, or nested as no text is
            text = " ".join(_strings(json.loads(text)))
    return html.unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text


def _strings(held: object) -> Iterator[str]:
    """Yield the texts and numbers in what was JSON, in their order, without keys."""
    if isinstance(held, dict):
        held = list(held.values())
    if isinstance(held, list):
        for one in held:
            yield from _strings(one)
    elif held is not None and not isinstance(held, bool):
        yield str(held)
