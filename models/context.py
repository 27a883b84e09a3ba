"""The features of a decision: computed once when it is made, logged, never computed again."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

import numpy as np

from models.query import Query
from models.statistics import LARGEST_INPUT, Array

CONTEXT_NAMES = (
    "bias",
    "name_exact",
    "alias_exact",
    "attribute_exact",
    "name_fuzzy",
    "name_prefix",
    "attribute_part",
    "name_part",
    "name_and_attribute",
    "coverage",
    "unknown_share",
    "ambiguity",
    "top_likelihood",
    "names_log",
    "one_token",
    "two_tokens",
    "long",
    "memory_known",
    "memory_hits",
    "memory_best",
    "memory_near",
    "weekend",
    "night",
)
"""What the policy sees, in order. The first part after the bias comes from query understanding."""

_LONG_TOKENS = 4
_NIGHT_HOURS = range(6)
_SATURDAY = 5


def context_features(query: Query, zone: tzinfo = UTC) -> dict[str, float]:
    """Return the context of a query. zone: the user's time zone."""
    local = datetime.fromtimestamp(query.time_s, zone)
    tokens = len(query.tokens)
    exact = [hit.score for hit in query.remembered if hit.origin == "exact"]
    return {
        "bias": 1.0,
        **query.understanding.features,
        "one_token": float(tokens == 1),
        "two_tokens": float(tokens == 2),  # noqa: PLR2004
        "long": float(tokens >= _LONG_TOKENS),
        "memory_known": float(bool(exact)),
        "memory_hits": math.log1p(len(exact)) / math.log1p(50),
        "memory_best": max(exact, default=0.0),
        "memory_near": max((hit.score for hit in query.remembered if hit.origin != "exact"), default=0.0),
        "weekend": float(local.weekday() >= _SATURDAY),
        "night": float(local.hour in _NIGHT_HOURS),
    }


def context_vector(features: Mapping[str, float], names: tuple[str, ...] = CONTEXT_NAMES) -> Array:
    """Return a context in the order of `names`; features that were not logged are 0, huge ones are cut."""
    vector = np.array([features.get(name, 0.0) for name in names], dtype=np.float64)
    return np.asarray(np.clip(vector, -LARGEST_INPUT, LARGEST_INPUT))
