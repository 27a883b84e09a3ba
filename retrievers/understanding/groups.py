"""Which words of a query say of which group a thing is: who makes it, what it is filed under."""

from collections.abc import Iterator, Sequence
from typing import Final

from ltrr.models.wording import emphasis
from ltrr.retrievers.phrases.phrases import Phrases
from ltrr.retrievers.understanding.slots import Candidate

_FEW_VALUES: Final = 0.1
_LARGEST: Final = 0.25
_MOSTLY: Final = 0.4
_SHORTEST: Final = 2


def groups(
    phrases: Phrases, tokens: Sequence[str], found: Sequence[Candidate], stemmer: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tokens that say of which group a thing is, and those that are neither that nor any name or value.

    Both without those that say next to nothing, see `emphasis`.

    A group is all that has a value of an attribute of few values (a tenth as many as times that entities have one), or
    whose names begin with a word, where few words begin all of them (see `Phrases.heading`): "canon", "epson". It has a
    quarter of the catalogue at most, and such a word is mostly said for that: two of five texts that have it, at least.
    stemmer: of the catalogue, see `emphasis`.
    """
    most = _LARGEST * len(phrases)
    exact = [one for one in found if one.match == "exact"]
    spans = [(one.slot.start, one.slot.end) for one in exact if _is_group(phrases, one, most)]
    of_groups = {token for start, end in spans for token in tokens[start:end]} | set(_heading(phrases, tokens, most))
    known = {token for one in exact for token in tokens[one.slot.start : one.slot.end]} | of_groups
    said = [token for token in dict.fromkeys(tokens) if emphasis(token, stemmer) == 1.0]
    filed = tuple(token for token in said if token in of_groups and len(token) >= _SHORTEST)
    return filed, tuple(token for token in said if token not in known)


def _is_group(phrases: Phrases, one: Candidate, most: float) -> bool:
    if one.kind != "attribute" or not 1 < one.entities <= most or phrases.variety(one.slot.category) > _FEW_VALUES:
        return False
    text = one.slot.value
    return " " in text or one.entities >= _MOSTLY * (one.entities + phrases.having(text))


def _heading(phrases: Phrases, tokens: Sequence[str], most: float) -> Iterator[str]:
    for token in tokens:
        begun, share = phrases.heading(token)
        if 1 < begun <= most and share >= _MOSTLY:
            yield token
