"""Text requests as bodies of Elasticsearch searches, of what every distribution has."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, assert_never

from ltrr.models.records.query import Order
from ltrr.retrievers.documents.documents import LEVEL_FIELDS, number_field
from ltrr.retrievers.requests.requests import (
    Best,
    Clause,
    Every,
    Filter,
    Near,
    Scale,
    Scaled,
    Sum,
    Term,
    TextRequest,
    Within,
    Words,
)

Body = dict[str, Any]
Ranges = Mapping[str, tuple[int, int]]
_DECAY: Final = 0.5


def search_body(request: TextRequest, ranges: Ranges, deadline_ms: int) -> Body:
    """Return the body of one search: ids alone, best first, ties broken by id.

    ranges: field of levels -> its lowest and highest level above 0 in the application. deadline_ms: after which
    Elasticsearch gives up by itself.
    """
    must = [] if request.clause is None else [_query(request.clause, ranges)]
    conditions = [_condition(one) for one in request.filters]
    return {
        "query": {"bool": {"must": must, "filter": [{"term": {"application": request.application}}, *conditions]}},
        "size": request.limit,
        "sort": [_first(request.order), {"object_id": "asc"}],
        "track_total_hits": False,
        "_source": False,
        "stored_fields": "_none_",  # the id is read from what hits are sorted by
        "timeout": f"{deadline_ms}ms",
    }


def ranges_body(application: str) -> Body:
    """Return the body of a search that tells the ranges of an application's levels."""
    return {
        "query": {"bool": {"filter": [{"term": {"application": application}}]}},
        "size": 0,
        "aggs": {
            field: {
                "filter": {"range": {field: {"gt": 0}}},
                "aggs": {"low": {"min": {"field": field}}, "high": {"max": {"field": field}}},
            }
            for field in LEVEL_FIELDS
        },
    }


def read_ranges(answer: Mapping[str, Any]) -> Ranges:
    """Return the ranges from the answer to `ranges_body`; a field that has no level above 0 is left out."""
    found = answer["aggregations"]
    return {
        field: (int(found[field]["low"]["value"]), int(found[field]["high"]["value"]))
        for field in LEVEL_FIELDS
        if found[field]["doc_count"]
    }


def _condition(accepted: Filter) -> Body:
    if not isinstance(accepted, Within):
        return {"terms": {"facets": list(accepted)}}
    bounds = {name: bound for name, bound in asdict(accepted.range).items() if bound is not None}
    return {"range": {_number(accepted.field): bounds}}


def _first(order: Order | None) -> str | Body:
    """Return what hits are sorted by first."""
    if order is None:
        return "_score"
    how = {"order": "desc" if order.falling else "asc", "missing": "_last", "unmapped_type": "double"}
    return {_number(order.field): how}


def _number(field: str) -> str:
    return f"numbers.{number_field(field)}"


def _query(clause: Clause, ranges: Ranges) -> Body:  # noqa: C901, PLR0911  # one for each kind of clause
    match clause:
        case Words():
            return _any([_word(clause, token) for token in clause.tokens])
        case Term(field, value, weight) | Near(field, value, weight, 0, False):
            return _constant({"term": {field: value}}, weight)
        case Near(field, value, weight, _, True):
            return _constant({"prefix": {field: {"value": value}}}, weight)
        case Near(field, value, weight, edits, _):
            near = {"value": value, "fuzziness": edits, "transpositions": True, "rewrite": "constant_score"}
            return _constant({"fuzzy": {field: near}}, weight)
        case Scale():
            return _scale(clause, *ranges.get(clause.field, (1, 1)))
        case Best(clauses):
            return {"dis_max": {"queries": [_query(part, ranges) for part in clauses]}}
        case Scaled(scaled, share):
            return {"bool": {"must": [_query(scaled, ranges)], "boost": share}}
        case Every(clauses):
            return {"bool": {"must": [_query(part, ranges) for part in clauses]}}
        case Sum(clauses, bonuses):
            needed = _any([_query(part, ranges) for part in clauses])
            if not bonuses:
                return needed
            return {"bool": {"must": [needed], "should": [_query(part, ranges) for part in bonuses]}}
        case _:
            assert_never(clause)


def _any(queries: Sequence[Body]) -> Body:
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def _constant(query: Body, weight: float) -> Body:
    return {"constant_score": {"filter": query, "boost": weight}}


def _word(words: Words, token: str) -> Body:
    fields = [{"match": {field: {"query": token, "boost": boost}}} for field, boost in words.fields]
    return {"dis_max": {"queries": fields, "tie_breaker": words.tie}}


def _scale(scale: Scale, low: int, high: int) -> Body:
    """Return a straight line over the levels: `linear` falls with the distance from its origin, to 0 at 2 x scale."""
    origin = low - 1 if scale.falling else high
    line = {"origin": origin, "scale": (high - low + 1) * _DECAY, "decay": _DECAY}
    above = {
        "query": {"range": {scale.field: {"gt": 0}}},
        "functions": [{"linear": {scale.field: line}, "weight": scale.weight}],
        "boost_mode": "multiply",  # of 1: "replace" would not be less within `Scaled`
    }
    none = _constant({"term": {scale.field: 0}}, scale.weight if scale.falling else 0.0)
    return _any([{"function_score": above}, none])
