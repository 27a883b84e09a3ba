"""Learning to rank and retrieve.

What programs need of it stands here; the packages of the repository's folders stand here as links. Nothing is imported
before it is asked for: a part of a kind needs no Kafka, a client no engine.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ltrr.models.evaluation.estimators.base import Estimator
    from ltrr.models.policies.base import Policy
    from ltrr.models.records.visitors import Visitors
    from ltrr.retrievers.encoders import DenseEncoder, Encoder, SparseEncoder
    from ltrr.retrievers.strategies.base import Strategy
    from ltrr.serving.http.client import AsyncClient, Client
    from ltrr.streams.publishing.publisher import Publisher

__all__ = [
    "AsyncClient",
    "Client",
    "DenseEncoder",
    "Encoder",
    "Estimator",
    "Policy",
    "Publisher",
    "SparseEncoder",
    "Strategy",
    "Visitors",
]
__version__: Final = version("ltrr")

_MODULES: Final = {
    "AsyncClient": "ltrr.serving.http.client",
    "Client": "ltrr.serving.http.client",
    "DenseEncoder": "ltrr.retrievers.encoders",
    "Encoder": "ltrr.retrievers.encoders",
    "Estimator": "ltrr.models.evaluation.estimators.base",
    "Policy": "ltrr.models.policies.base",
    "Publisher": "ltrr.streams.publishing.publisher",
    "SparseEncoder": "ltrr.retrievers.encoders",
    "Strategy": "ltrr.retrievers.strategies.base",
    "Visitors": "ltrr.models.records.visitors",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # what the module holds
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'ltrr' has no attribute {name!r}")
