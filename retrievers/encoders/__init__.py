"""Encoders: text to vectors. One module for each family; `load_dense` and `load_sparse` find it by name.

An installed package offers a module under an entry point of the group `ltrr.encoders`, named as the family.

A module has `load_dense(model)`, `load_sparse(model)` or both; model is what follows the colon of a name
("fastembed:MODEL"), empty where there is none.
"""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ltrr.models.discovery import installed
from ltrr.models.errors import UnknownName


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
    modules: dict[str, object] = {point.name: found for point, found in installed("ltrr.encoders")}
    modules |= {module.name: import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)}
    known = {module: getattr(found, loader) for module, found in modules.items() if hasattr(found, loader)}
    if family not in known:
        raise UnknownName(kind, name, known)
    return known[family](model)
