"""Encoders: text to vectors. One module for each; `load` finds it by name."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import UnknownName


class Encoder(Protocol):
    """Embeds texts. name: as settings say it; dimensions: of a vector."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of shape (len(texts), dimensions); a text without content gives zeros."""
        ...


def load(name: str) -> Encoder:
    """Return the encoder that the module `name` of this package makes."""
    known = [module.name for module in iter_modules(__path__)]
    if name not in known:
        raise UnknownName("encoder", name, known)
    encoder: Encoder = import_module(f"{__name__}.{name}").load()
    return encoder
