"""Encoders: text to vectors. One module for each family; `load_dense` and `load_sparse` find it by name.

An installed package offers a module under an entry point of the group `ltrr.encoders`, named as the family.

A module has `load_dense(model)`, `load_sparse(model)` or both; model is what follows the colon of a name
("fastembed:MODEL"), empty where there is none.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ltrr.models.discovery import loaded, points
from ltrr.models.errors import InvalidSettings, UnknownName

_PARTS: Final = {
    "load_dense": ("name", "dimensions", "encode", "encode_queries"),
    "load_sparse": ("name", "idf", "encode", "encode_queries"),
}


class SparseVector(NamedTuple):
    """Terms and their weights: equally long, indices unique and below 2**32; empty for a text without content."""

    indices: list[int]
    values: list[float]


class DenseEncoder(Protocol):
    """Embeds texts. name: what vectors of two processes have to share to be compared; dimensions: of a vector."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of shape (len(texts), dimensions); a text without content gives zeros."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what is compared with vectors of `encode`: the same, but where a model tells queries apart."""
        return self.encode(texts)


class SparseEncoder(Protocol):
    """Expands texts into weighted terms. name: as of a DenseEncoder.

    idf: a term of a query is to be weighted by its rarity in the catalogue, which the engine knows.
    """

    name: str
    idf: bool

    def encode(self, texts: Sequence[str]) -> list[SparseVector]:
        """Return the terms of each text."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> list[SparseVector]:
        """Return what is compared with vectors of `encode`: the same, but where a model tells queries apart."""
        return self.encode(texts)


Encoder = DenseEncoder | SparseEncoder
"""Either kind: a family has one of them, or both."""


def load_dense(name: str) -> DenseEncoder:
    """Return a dense encoder: "wordllama" or "fastembed:MODEL". Raises UnknownName, InvalidSettings."""
    encoder: DenseEncoder = _load(name, "encoder", "load_dense")
    return encoder


def load_sparse(name: str) -> SparseEncoder:
    """Return a sparse encoder: "expansion" or "fastembed:MODEL". Raises UnknownName, InvalidSettings."""
    encoder: SparseEncoder = _load(name, "sparse encoder", "load_sparse")
    return encoder


def _load(name: str, kind: str, loader: str) -> Any:  # noqa: ANN401  # what the module makes
    family, _, model = name.partition(":")
    families: dict[str, Callable[[], object]] = {one.name: partial(loaded, one) for one in points("ltrr.encoders")}
    families |= {one.name: partial(import_module, f"{__name__}.{one.name}") for one in iter_modules(__path__)}
    load = getattr(families[family](), loader, None) if family in families else None
    if load is None:
        raise UnknownName(kind, name, [one for one, module in families.items() if _has(module, loader)])
    encoder = load(model)
    if lacking := [part for part in _PARTS[loader] if not hasattr(encoder, part)]:
        base = DenseEncoder if loader == "load_dense" else SparseEncoder
        said = f"{kind} {name!r} has no {' and no '.join(lacking)}: derive it from ltrr.{base.__name__}"
        raise InvalidSettings(f"{said}, which says what else it needs")
    return encoder


def _has(module: Callable[[], object], loader: str) -> bool:
    """Tell whether a family has a kind; one that cannot be imported has none."""
    with suppress(InvalidSettings):
        return hasattr(module(), loader)
    return False
