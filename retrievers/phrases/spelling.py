"""Find strings that are spelt nearly alike, among many, in bounded time."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ltrr.retrievers.phrases.strings import Buckets, Found

CUTOFF: Final = 0.75
_ROUNDING: Final = 1e-6
_SHORTEST: Final = 3
_MIDDLE: Final = 6
_LONG: Final = 8
_LETTERS_OF_AN_EDIT: Final = (4, 3)  # of a text for one that it has too much, and that it lacks
_MOST_EDITS: Final = 3
_CANDIDATES: Final = 3_000
_BEYOND: Final = 16


class PackedTexts(NamedTuple):
    """Strings to begin with, and the same in their buckets."""

    texts: Found
    buckets: Buckets


class Spelling:
    """Strings in buckets by length and first letters, and by length and last letters: one of a short one, up to three.

    A misspelling is found unless it touches both ends; at most 3,000 candidates are compared, 0.1 us each.
    packed: those to begin with.
    """

    def __init__(self, packed: PackedTexts | None = None) -> None:
        self._packed = packed
        self._gone = set[str]()
        self._buckets = defaultdict[str, dict[str, None]](dict)

    def add(self, text: str) -> None:
        """Keep a string; one that is held already is nothing."""
        if self._packed is not None and self._packed.texts.find(text) is not None:
            self._gone.discard(text)
            return
        for key in bucket_keys(text, len(text)):
            self._buckets[key][text] = None

    def remove(self, text: str) -> None:
        """Forget a string; one that is not held is nothing."""
        if self._packed is not None and self._packed.texts.find(text) is not None:
            self._gone.add(text)
            return
        for key in bucket_keys(text, len(text)):
            bucket = self._buckets.get(key, {})
            bucket.pop(text, None)
            if not bucket:
                self._buckets.pop(key, None)

    def near(self, text: str, limit: int | None = None) -> list[tuple[str, float]]:
        """Return other strings and their similarity in [0.75, 1): the share of letters that need no edit.

        Best first. An edit is a letter more, less or changed, or two neighbours swapped. Texts of fewer than three
        letters have no neighbours.
        """
        if len(text) < _SHORTEST:
            return []
        found = process.extract(
            text,
            self._candidates(text),
            scorer=OSA.normalized_similarity,
            score_cutoff=CUTOFF - _ROUNDING,
            limit=None,
        )
        scores = {other: score for other, score, _ in found if other != text}
        return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]

    def within(self, text: str, edits: int) -> list[tuple[str, int]]:
        """Return other strings of the same first letter that are at most so many edits away, and how many they are."""
        alike = (other for other in dict.fromkeys(self._alike(text, edits, edits)) if other[:1] == text[:1])
        found = ((other, OSA.distance(text, other, score_cutoff=edits)) for other in alike)
        return [(other, away) for other, away in found if 0 < away <= edits]

    def begun(self, text: str) -> bool:
        """Tell whether a string begins so, see `beginning`."""
        return any(self.beginning(text))

    def beginning(self, text: str, beyond: int = _BEYOND) -> Iterator[str]:
        """Yield other strings that begin so and are up to so many letters longer; none of less than three letters."""
        lengths = range(len(text) + 1, len(text) + beyond + 1) if len(text) >= _SHORTEST else ()
        for length in lengths:
            yield from (one for one in self._bucket(bucket_keys(text, length)[0]) if one.startswith(text))

    def _bucket(self, key: str) -> list[str]:
        """Return the strings under a key, those that are packed first."""
        held = [] if self._packed is None else self._packed.buckets.get(key)
        kept = [one for one in held if one not in self._gone] if self._gone else held
        return [*kept, *self._buckets.get(key, ())]

    def _candidates(self, text: str) -> list[str]:
        """Return strings that begin or end alike, of like lengths first; some twice, by as many edits as `near` has."""
        fewer, more = (min(max(len(text) // letters, 1), _MOST_EDITS) for letters in _LETTERS_OF_AN_EDIT)
        return self._alike(text, fewer, more)

    def _alike(self, text: str, fewer: int, more: int) -> list[str]:
        """Return strings that begin or end alike, of so many letters fewer or more, of like lengths first."""
        found: list[str] = []
        for length in sorted(range(len(text) - fewer, len(text) + more + 1), key=lambda size: abs(size - len(text))):
            for key in bucket_keys(text, length):
                found.extend(self._bucket(key))
                if len(found) >= _CANDIDATES:
                    return found[:_CANDIDATES]
        return found


def bucket_keys(text: str, length: int) -> tuple[str, str]:
    """Return where strings of a length are that begin or end as `text` does."""
    letters = 1 if length < _MIDDLE else 2 if length < _LONG else 3
    return f"{length} ^{text[:letters]}", f"{length} {text[-letters:]}$"
