"""How far a word is of the family of another, or names a thing of its kind."""

from typing import Final

from rapidfuzz.distance import Prefix

from ltrr.models.text import head_share, root, shared_head

_FAMILY: Final = 0.9
_KIND: Final = 0.85


def kinship(token: str, word: str, stemmer: str) -> float:
    """Return in [0, 1) how well a word fits another one: "Belgium" fits "belgian".

    By how much of that it begins with, from its root on; of a compound by how much it ends with. stemmer: of the
    catalogue, see `stem`.
    """
    one, family = root(token, stemmer)
    begins = _FAMILY * Prefix.similarity(one, word) / len(one) if family and word.startswith(family) else 0.0
    return max(begins, _KIND * head_share(shared_head(token, word, stemmer)))
