"""Attributes of entities as they travel: texts with weights, numbers and dates, in the forms that people have them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from ltrr.models.text import number_text
from ltrr.streams.events.timestamps import is_date, read_date, write_date

_SCALAR = {"type": ["string", "number", "boolean", "null"]}
_WEIGHTS = {"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0, "maximum": 1}}
_SCHEMA = {"anyOf": [_WEIGHTS, {"type": "array", "items": _SCALAR}, _SCALAR]}


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one attribute: texts with weights, or numbers, or dates; none of them where it is absent."""

    texts: Mapping[str, float] = field(default_factory=dict)
    numbers: tuple[float, ...] = ()
    dates: tuple[float, ...] = ()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.texts) + len(self.numbers) + len(self.dates)


def read_values(raw: object) -> Values:
    """Read one attribute: `{text: weight}`, a text, a number, a list of them, or null.

    Numbers alone are numbers and ISO 8601 dates alone are dates; in a mixed list all are texts. Raises ValueError.
    """
    if isinstance(raw, Values):
        return raw
    if isinstance(raw, Mapping):
        return Values({str(value): _weight(value, weight) for value, weight in raw.items() if value != ""})
    given = [_scalar(one) for one in (raw if isinstance(raw, (list, tuple)) else [raw])]
    held = [one for one in given if one not in {None, ""}]
    if all(isinstance(one, float) for one in held):
        return Values(numbers=_once(held))
    if all(isinstance(one, str) and is_date(one) for one in held):
        return Values(dates=_once([read_date(one) for one in held]))
    return Values(dict.fromkeys(map(_text, held), 1.0))


def write_values(values: Values) -> Any:  # noqa: ANN401  # JSON
    """Return what `read_values` reads as these values."""
    several = [*values.numbers, *map(write_date, values.dates)]
    return dict(values.texts) or (several[0] if len(several) == 1 else several)


def _scalar(value: object) -> str | float | None:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case int() | float():
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if not math.isfinite(number):
                raise ValueError("holds no finite number: leave it out where it is not known")
            return number
        case str():
            return value.strip()
    raise ValueError("is none of: a text, a number, a list of them, or an object of texts and their weights")


def _text(value: str | float | None) -> str:
    return number_text(value) if isinstance(value, float) else str(value)


def _weight(value: object, weight: object) -> float:
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 < weight <= 1:
        shown = str(value)[:50]
        raise ValueError(f"the weight of {shown!r} is no number above 0 and up to 1")
    return float(weight)


def _once(values: list[Any]) -> tuple[float, ...]:
    return tuple(dict.fromkeys(values))


Attribute = Annotated[Values, PlainValidator(read_values), PlainSerializer(write_values), WithJsonSchema(_SCHEMA)]
