"""Stems of Russian words."""

import re
from typing import Final

from Stemmer import Stemmer

_SHORT_I: Final = re.compile(r"(?<=[аеиоуыэюя])и$")
_FLEETING: Final = re.compile(r"(?<=[аеиоуыэюя])(.*[бвгджзклмнпрстфхцчшщ])[еоь]([бклмнртц])$")
_YOUNG: Final = re.compile(r"(?<=..)ят$|(?<=.[жчшщ])ат$")
_STEMMER: Final = Stemmer("russian", 0)


def stem(word: str) -> str:
    """Return what a word, normalised, has in common with its other forms: "орлы" and "орел" -> "орл".

    Left out is the last vowel where it stands between two consonants, behind others, since other forms lack it:
    "девушек", "девушка". The young of animals ("цыплята") have the stem of one of them ("цыпленок"). A last "и" behind
    a vowel is what normalising made of "й": else no adjective was known by its ending. Source: Snowball (Porter 2001).
    """
    found = _YOUNG.sub(lambda ending: "енк" if ending[0] == "ят" else "онк", _STEMMER.stemWord(_SHORT_I.sub("й", word)))
    return _FLEETING.sub(r"\1\2", found)
