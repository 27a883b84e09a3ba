"""Fold text to the form under which queries and names are compared."""

import unicodedata

_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "\u0131": "i", "'": None, "\u2019": None})
_LATIN_MARKS = range(0x0300, 0x0370)


def normalise(text: str) -> str:
    """Fold text: compatibility forms, lower case, no diacritics, words of letters and digits, single spaces.

    Letters and vowel signs of every script are kept. Apostrophes join ("don't" -> "dont"). A text of
    punctuation alone ("!!!") is kept as it is, since it may be a name.
    """
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    bare = (c for c in folded if ord(c) not in _LATIN_MARKS)
    words = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in bare)
    return unicodedata.normalize("NFC", " ".join((words if words.strip() else text).split()))


def tokenise(text: str) -> tuple[str, ...]:
    """Return the words of `text`, normalised."""
    return tuple(normalise(text).split())
