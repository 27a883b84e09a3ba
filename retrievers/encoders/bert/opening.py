"""Open a model: what it runs in is imported here, since it may not be installed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ltrr.models.errors import InvalidSettings
from ltrr.retrievers.encoders.bert.files import Files

Batches = Callable[[Sequence[str]], Iterator[tuple[list[int], NDArray[np.float32]]]]
"""Yields places in texts with their vectors; a text without content has none."""


def opened(files: Files, pooling: Literal["mean", "splade"]) -> Batches:
    """Return what runs texts through a model. Raises InvalidSettings."""
    try:
        from ltrr.retrievers.encoders.bert.graph import POOLINGS  # noqa: PLC0415  # needs an extra
        from ltrr.retrievers.encoders.bert.session import Session  # noqa: PLC0415  # needs an extra
    except ModuleNotFoundError as error:
        raise InvalidSettings(f"{files.name} needs {error.name}: pip install '.[bert]'") from error
    try:
        return Session(files, POOLINGS[pooling]).run
    except KeyError as error:
        raise InvalidSettings(f"{files.name} is another kind of model: it has no {error}") from error
