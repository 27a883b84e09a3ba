"""Text requests as Elasticsearch's bodies; what they score is compared with the other engine on a real server."""

from ltrr.models.records.query import Order, Range
from ltrr.retrievers.engines.elasticsearch_query import ranges_body, read_ranges, search_body
from ltrr.retrievers.requests.requests import Best, Near, Scale, Sum, Term, TextRequest, Within, Words


def test_a_search_asks_for_ids_alone() -> None:
    """Nothing is loaded but what hits are sorted by; application and filters do not score."""
    body = search_body(TextRequest(Term("title", "x", 2.0), "shop", 7, (("a", "b"), ())), {}, 250)
    assert (body["_source"], body["stored_fields"], body["size"], body["timeout"]) == (False, "_none_", 7, "250ms")
    assert body["sort"] == ["_score", {"object_id": "asc"}]
    assert body["query"]["bool"] == {
        "must": [{"constant_score": {"filter": {"term": {"title": "x"}}, "boost": 2.0}}],
        "filter": [{"term": {"application": "shop"}}, {"terms": {"facets": ["a", "b"]}}, {"terms": {"facets": []}}],
    }


def test_clauses_nest() -> None:
    """Sums need one of their clauses, bonuses only add, and the best of some is their maximum."""
    words = Words(("a",), (("name", 3.0),), tie=0.2)
    near = Near("name", "ab", 1.0, edits=1)
    clause = Sum((words, Best((near, Near("name", "a", 0.5, prefix=True)))), (Term("alias", "x", 1.0),))
    (must,) = search_body(TextRequest(clause, "d", 1), {}, 1)["query"]["bool"]["must"]
    needed = must["bool"]["must"][0]["bool"]
    assert needed["minimum_should_match"] == 1
    (each,) = needed["should"][0]["bool"]["should"]
    assert each == {
        "dis_max": {"queries": [{"match": {"name": {"query": "a", "boost": 3.0}}}], "tie_breaker": 0.2},
    }
    fuzzy, prefix = needed["should"][1]["dis_max"]["queries"]
    assert fuzzy["constant_score"]["filter"]["fuzzy"]["name"]["fuzziness"] == 1
    assert prefix["constant_score"] == {"filter": {"prefix": {"name": {"value": "a"}}}, "boost": 0.5}
    assert must["bool"]["should"] == [{"constant_score": {"filter": {"term": {"alias": "x"}}, "boost": 1.0}}]


def test_ranges() -> None:
    """The lowest and highest level above 0 of each field; a field without any is left out."""
    aggregations = ranges_body("shop")["aggs"]
    assert set(aggregations) == {"popularity", "quality"}
    answer = {
        "aggregations": {
            "popularity": {"doc_count": 3, "low": {"value": 60.0}, "high": {"value": 71.0}},
            "quality": {"doc_count": 0, "low": {"value": None}, "high": {"value": None}},
        }
    }
    assert read_ranges(answer) == {"popularity": (60, 71)}


def test_a_scale_is_a_straight_line() -> None:
    """The line reaches 0 one level below the lowest, or one above the highest where it falls."""

    def line(*, falling: bool) -> dict[str, float]:
        request = TextRequest(Scale("popularity", 2.0, falling=falling), "d", 1)
        (must,) = search_body(request, {"popularity": (60, 69)}, 1)["query"]["bool"]["must"]
        function = must["bool"]["should"][0]["function_score"]["functions"][0]
        assert function["weight"] == 2.0
        found: dict[str, float] = function["linear"]["popularity"]
        return found

    assert line(falling=False) == {"origin": 69, "scale": 5.0, "decay": 0.5}
    assert line(falling=True) == {"origin": 59, "scale": 5.0, "decay": 0.5}


def test_ranges_and_orders_are_of_numbers() -> None:
    """A range has the bounds that are given; an order puts last what has no number, and names fields of any name."""
    asked = TextRequest(None, "shop", 7, (Within("price", Range(gte=1.0, lt=2.0)),), Order("EU size", falling=True))
    body = search_body(asked, {}, 250)
    assert body["query"]["bool"]["filter"][1:] == [{"range": {"numbers.n_price": {"gte": 1.0, "lt": 2.0}}}]
    assert body["query"]["bool"]["must"] == []
    assert body["sort"] == [
        {"numbers.x_45552073697a65": {"order": "desc", "missing": "_last", "unmapped_type": "double"}},
        {"object_id": "asc"},
    ]
