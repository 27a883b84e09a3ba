"""Numbers of a query: what has them with their unit, and what has them as an end of a range."""

from collections.abc import Sequence
from typing import Final

from ltrr.models.statistics.least_squares import Array
from ltrr.models.text import has_digit
from ltrr.retrievers.matching.spellings import joins
from ltrr.retrievers.matching.texts import Texts
from ltrr.retrievers.phrases.measures import measure

_END: Final = 0.8


def count_numbers(tokens: tuple[str, ...], texts: Sequence[Texts], grades: Array) -> None:
    """Let numbers fit what has them with their unit, and the end of a range less without its other end.

    grades: how well each text has each token, which is changed; shape (tokens, texts).
    """
    asked = {token: [row] for row, token in enumerate(tokens) if has_digit(token)}
    asked |= {one: list(range(first, end)) for first, end, one in joins(tokens) if has_digit(one)}
    measured = {measure(one): rows for one, rows in asked.items()}
    for column, text in enumerate(texts) if asked else ():
        rows: set[int] = set()
        for sides in text.ranges:
            low, high = (asked.keys() & side for side in sides)
            if bool(low) != bool(high):
                rows.update(row for one in low | high for row in asked[one])
        grades[list(rows), column] *= _END
        for one in measured.keys() & text.measured:
            grades[measured[one], column] = 1.0
