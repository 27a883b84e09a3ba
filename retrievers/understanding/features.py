"""What the catalogue says of a query, as numbers in [0, 1] whose names do not depend on the catalogue."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ltrr.models.records.query import Interpretation
from ltrr.retrievers.understanding.language import latin_share
from ltrr.retrievers.understanding.readings import MOST, Masses
from ltrr.retrievers.understanding.slots import Candidate

FEATURES: Final = (
    "name_exact",  # the whole query is a name
    "alias_exact",  # the whole query is an alias
    "attribute_exact",  # the whole query is a value of an attribute
    "name_fuzzy",  # similarity of the whole query to the nearest name or alias, 0 where one is exact or below 0.75
    "name_prefix",  # the largest weight of a name of which the whole query is a proper part
    "attribute_part",  # the share of tokens in the longest proper span that is a value of an attribute
    "name_part",  # the share of tokens in the longest proper span that is a name
    "name_and_attribute",  # the whole query is both
    "coverage",  # the share of tokens that the likeliest interpretation explains
    "unknown_share",  # the share of tokens that no candidate explains
    "ambiguity",  # entropy of the interpretations over its largest value, 0 where there is one
    "top_likelihood",  # of the likeliest interpretation
    "names_log",  # log1p of how many entities carry the whole query as name or alias, 1 from a hundred on
    "name_mass",  # likelihood of all readings of the likeliest name, see `intent`
    "topic_mass",  # likelihood of all readings as attributes alone
    "ambiguous",  # there are readings, and neither mass is more than half
    "readings",  # how many interpretations there are, over the most that are kept
    "latin",  # the share of letters that are Latin
)
_MANY: Final = 100


def features(
    found: Sequence[Candidate], read: Sequence[Interpretation], mass: Masses, tokens: Sequence[str]
) -> Mapping[str, float]:
    """Return all FEATURES of a query."""
    size = len(tokens)
    whole = [candidate for candidate in found if _length(candidate) == size]
    proper = [c for c in found if _length(c) < size and c.match == "exact"]
    exact = [candidate for candidate in whole if candidate.match == "exact"]
    kinds = {candidate.kind for candidate in exact}
    named = any(candidate.kind != "attribute" for candidate in exact)
    near = [c.similarity for c in whole if c.match == "near" and c.kind != "attribute"]
    parts = [c.slot.weight for c in whole if c.match == "part" and c.kind != "attribute"]
    explained = {place for c in found for place in range(c.slot.start, c.slot.end)}
    carriers = max((c.entities for c in exact if c.kind != "attribute"), default=0)
    covered = sum(slot.end - slot.start for slot in read[0].slots) if read else 0
    values = (
        float("name" in kinds),
        float("alias" in kinds),
        float("attribute" in kinds),
        0.0 if named else max(near, default=0.0),
        max(parts, default=0.0),
        _longest((c for c in proper if c.kind == "attribute"), size),
        _longest((c for c in proper if c.kind == "name"), size),
        float(named and "attribute" in kinds),
        covered / size if size else 0.0,
        1.0 - len(explained) / size if size else 0.0,
        _ambiguity([interpretation.likelihood for interpretation in read]),
        read[0].likelihood if read else 0.0,
        min(math.log1p(carriers) / math.log1p(_MANY), 1.0),
        mass.name,
        mass.topic,
        float(mass.intent == "ambiguous"),
        len(read) / MOST,
        latin_share(tokens),
    )
    return dict(zip(FEATURES, values, strict=True))


def _length(candidate: Candidate) -> int:
    return candidate.slot.end - candidate.slot.start


def _longest(spans: Iterable[Candidate], size: int) -> float:
    return max((_length(candidate) / size for candidate in spans), default=0.0)


def _ambiguity(likelihoods: Sequence[float]) -> float:
    if len(likelihoods) < 2:  # noqa: PLR2004  one reading is certain
        return 0.0
    return min(-sum(p * math.log(p) for p in likelihoods) / math.log(len(likelihoods)), 1.0)
