"""Kinds of what entities are filtered, ordered and counted by."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "number", "date"]
FieldKinds: TypeAlias = Mapping[str, AbstractSet[Kind]]
"""Attribute -> its kinds: one, unless entities differ."""

CREATED: Final = "created_s"

OWN: Final[FieldKinds] = {"popularity": {"number"}, "quality": {"number"}, CREATED: {"date"}}
"""Fields that entities have besides attributes, and that are compared as numbers."""


def by_depth(name: str) -> tuple[int, str]:
    """Return by what names are sorted for people: those of fields deep within objects last."""
    return name.count("."), name
