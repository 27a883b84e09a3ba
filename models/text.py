"""Fold text to the form under which queries and names are compared."""

import unicodedata

_LATIN_MARKS = range(0x0300, 0x0370)


class _Folding(dict[int, int | str | None]):
    """What becomes of each character, for `str.translate`; found out once."""

    def __missing__(self, character: int) -> int | str | None:
        kept = unicodedata.category(chr(character))[0] in "LNM"
        self[character] = None if character in _LATIN_MARKS else character if kept else " "
        return self[character]


_LETTERS: dict[str, int | str | None] = {
    "ø": "o",
    "đ": "d",
    "ł": "l",
    "æ": "ae",
    "œ": "oe",
    "\u0131": "i",
    "'": None,
    "\u2019": None,
}
_FOLDING = _Folding(str.maketrans(_LETTERS))


def normalise(text: str) -> str:
    """Fold text: compatibility forms, lower case, no diacritics, words of letters and digits, single spaces.

    Letters and vowel signs of every script are kept. Apostrophes join ("don't" -> "dont"). A text of
    punctuation alone ("!!!") is kept as it is, since it may be a name.
    """
    words = unicodedata.normalize("NFKD", text).casefold().translate(_FOLDING)
    return unicodedata.normalize("NFC", " ".join((words if words.strip() else text).split()))


def tokenise(text: str) -> tuple[str, ...]:
    """Return the words of `text`, normalised."""
    return tuple(normalise(text).split())
