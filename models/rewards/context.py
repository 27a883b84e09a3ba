"""The features of a decision: computed once when it is made, logged, never computed again."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from operator import itemgetter

import numpy as np

from ltrr.models.memory.taste import Taste
from ltrr.models.records.query import Query
from ltrr.models.statistics.least_squares import LARGEST_INPUT, Array

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
    "name_mass",
    "topic_mass",
    "ambiguous",
    "readings",
    "latin",
    "one_token",
    "two_tokens",
    "long",
    "memory_known",
    "memory_hits",
    "memory_best",
    "memory_near",
    "weekend",
    "night",
    "morning",
    "afternoon",
    "evening",
    "weekday_sine",
    "weekday_cosine",
    "holiday",
    "profile_known",
    "profile_strength",
    "profile_match",
    "session_known",
    "session_strength",
    "session_match",
)
"""What the policy sees, in order. The first part after the bias comes from query understanding.

Behind these stand the features of the request's attributes that the settings name, see `attribute_features`.
"""

ATTRIBUTE = "attribute:"

_LONG_TOKENS = 4
_DAYPARTS = ("night", "morning", "afternoon", "evening")
_DAYPART_HOURS = 6
_SATURDAY = 5
_WEEK_DAYS = 7
_NOTHING = Taste()


def context_features(
    query: Query, zone: tzinfo = UTC, *, holiday: bool = False, user: Taste = _NOTHING, session: Taste = _NOTHING
) -> dict[str, float]:
    """Return the context of a query. zone: the user's time zone; holiday: whether it is one where the user is."""
    local = datetime.fromtimestamp(query.time_s, zone)
    tokens = len(query.tokens)
    angle = 2 * math.pi * local.weekday() / _WEEK_DAYS
    exact = [hit.score for hit in query.remembered if hit.origin == "exact"]
    features = {
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
        **{name: float(local.hour // _DAYPART_HOURS == part) for part, name in enumerate(_DAYPARTS)},
        "weekday_sine": math.sin(angle),
        "weekday_cosine": math.cos(angle),
        "holiday": float(holiday),
    }
    for kind, taste in (("profile", user), ("session", session)):
        features[f"{kind}_known"] = float(bool(taste.hits))
        features[f"{kind}_strength"] = taste.strength
        features[f"{kind}_match"] = taste.match(query.understanding)
    return features


def attribute_features(attributes: Mapping[str, str | float], names: Iterable[str]) -> dict[str, float]:
    """Return the features of a request's attributes that are among a context's `names`.

    "attribute:NAME" is the number that is sent, "attribute:NAME=VALUE" whether the value is VALUE, in any spelling of
    its case. What is not sent, or is no number, has none.
    """
    features: dict[str, float] = {}
    for name in names:
        if name.startswith(ATTRIBUTE):
            attribute, asks, expected = name.removeprefix(ATTRIBUTE).partition("=")
            value = attributes.get(attribute)
            if asks:
                features[name] = float(value is not None and str(value).casefold() == expected.casefold())
            elif isinstance(value, int | float) and math.isfinite(value):
                features[name] = float(value)
    return features


def context_vector(features: Mapping[str, float], names: tuple[str, ...] = CONTEXT_NAMES) -> Array:
    """Return a context in the order of `names`; features that were not logged are 0, huge ones are cut."""
    return np.asarray(context_matrix((features,), names)[0])


def context_matrix(contexts: Sequence[Mapping[str, float]], names: tuple[str, ...] = CONTEXT_NAMES) -> Array:
    """Return the vectors of several contexts, shape (n, names); see context_vector."""
    blank, pick = dict.fromkeys(names, 0.0), itemgetter(*names)
    matrix = np.array([pick({**blank, **features}) for features in contexts], dtype=np.float64)
    matrix = matrix.reshape(len(contexts), len(names))
    return np.asarray(np.clip(matrix, -LARGEST_INPUT, LARGEST_INPUT, out=matrix))
