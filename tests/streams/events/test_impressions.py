"""Impressions on the wire: ours to the last bit, other searches' as UBI queries."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from pydantic import ValidationError

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.impression import Candidate, Decision, Impression, PageKind, Shadow, Source
from ltrr.streams.events import own_pages
from ltrr.streams.events.codec import encode_impression, parse_impressions, split_batch
from ltrr.streams.events.impression_event import HIT_LISTS, ImpressionEvent
from ltrr.streams.events.refusals import Reason, refusal

ARMS = ("dense", "fulltext")
FEATURES = ("age", "score")
DECISION = Decision(
    policy="igw",
    policy_version="v1",
    revision=12,
    arms=ARMS,
    ladder=(0, 10, 50),
    levels=(2, 0),
    probabilities=((0.1, 0.2, 0.7), (1.0, 0.0, 0.0)),
    joint=0.7,
    seed=2**63 + 1,
    price=1.5,
    calls=1,
)
SHADOW = Shadow(
    policy="thompson",
    policy_version="v2",
    revision=7,
    levels=(0, 1),
    probabilities=((0.3, 0.3, 0.4), (0.1, 0.9, 0.0)),
    joint=0.27,
    served_joint=0.0,
    price=1.0,
    calls=1,
)
PLAIN: dict[str, Any] = {
    "query_id": "q1",
    "user_query": "Tayler  LOVE!",
    "timestamp": "2026-01-31T12:00:00Z",
    "query_response_hit_ids": ["a", 7, "b"],
}

names = st.text(min_size=1, max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
mappings = st.dictionaries(names, numbers, max_size=3)
features = st.tuples(*[st.none() | numbers] * len(FEATURES))
sources = st.builds(Source, arm=names, rank=st.integers(1, 100), score=numbers)
candidates = st.builds(
    Candidate,
    object_id=names,
    sources=st.lists(sources, max_size=2).map(tuple),
    score=numbers,
    contributions=mappings,
    estimate=numbers,
    position=st.none() | st.just(1),
    explored=st.booleans(),
    features=features,
)


def consistent(impression: Impression) -> Impression:
    """Place what is shown on the page, with a curve that is long enough; what is not shown has no features."""
    first = (impression.page - 1) * impression.page_size + 1
    places = count(first)
    candidates = tuple(
        structs.replace(c, position=next(places)) if c.position else structs.replace(c, features=())
        for c in impression.candidates
    )
    shadow = impression.shadow if impression.decision else None
    return replace(impression, shadow=shadow, candidates=candidates, curve=(*impression.curve, 1.0, 0.5, 0.25))


impressions = st.builds(
    Impression,
    query_id=names,
    time_s=st.floats(946684800, 7258118400, exclude_max=True),
    user_query=st.text(max_size=9),
    normalised_query=st.text(max_size=9),
    page=st.integers(1, 9),
    page_size=st.integers(1, 99),
    application=names,
    client_query_id=st.none() | names,
    client_id=st.none() | names,
    user_id=st.none() | names,
    session_id=st.none() | names,
    context=mappings,
    decision=st.none() | st.just(DECISION),
    shadow=st.none() | st.just(SHADOW),
    feature_names=st.just(FEATURES),
    candidates=st.lists(candidates, max_size=3, unique_by=lambda c: c.object_id).map(tuple),
    curve=st.lists(st.floats(0, 1, exclude_min=True), max_size=3).map(tuple),
    slot_share=st.floats(0, 0.5),
    swap_share=st.floats(0, 0.5),
    latencies_ms=mappings,
    failures=st.lists(names, max_size=2).map(tuple),
    fallback=st.lists(names, max_size=2).map(tuple),
    learn=st.booleans(),
    engagement=st.floats(0, 1),
    kind=st.sampled_from(PageKind),
    response_id=st.none() | names,
).map(consistent)


@given(impressions)
@settings(max_examples=40)
def test_round_trips_exactly(impression: Impression):
    """Every field comes back, floats to the last bit, whether read quickly or by the models."""
    raw = encode_impression(impression)
    assert repr(own_pages.read(raw)) == repr(impression)
    assert repr(ImpressionEvent.model_validate_json(raw).records()) == repr((impression,))
    assert split_batch(b" [" + raw + b",7]", parse_impressions)[0] == (raw, (impression,))


@given(impressions, st.data())
@settings(max_examples=100)
def test_what_is_read_quickly_reads_alike_by_the_models(impression: Impression, data: st.DataObject):
    """A document of ours in which anything is put in the place of anything."""
    document = json.loads(encode_impression(impression))
    at, step = document, data.draw(st.sampled_from(sorted(document)))
    while isinstance(at[step], (dict, list)) and at[step] and data.draw(st.booleans()):
        at = at[step]
        step = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
    at[step] = data.draw(odd)
    if data.draw(st.booleans()):
        document[data.draw(st.sampled_from(OTHERS))] = data.draw(odd)
    raw = json.dumps(document).encode()
    quick, by_models = attempt(lambda: own_pages.read(raw)), attempt(lambda: parsed_by_models(raw))
    assert quick in ("None", by_models)


OTHERS = ("action_name", "event_attributes", "session_id", "user_id", "doc_ids", "client_id", "object_id_field", "odd")
odd = st.sampled_from(
    [None, "", "x", "x" * 257, 0, 1, -1, 1.0, 0.5, 10**30, True, [], ["x"], [1], [["x"]], {}, {"x": 1}]
)


def attempt(read: Callable[[], object]) -> str:
    """Return what is read, or the reason why not."""
    try:
        return repr(read())
    except InvalidEvent as error:
        return f"{error.reason}: {error}"


def parsed_by_models(raw: bytes) -> Impression:
    """Read a document by the models alone."""
    try:
        (impression,) = ImpressionEvent.model_validate_json(raw).records()
    except ValidationError as error:
        raise refusal(error) from None
    return impression


def test_numbers_and_texts_of_numpy_are_written():
    """Strategies of others give what NumPy made."""
    sources = (Source(np.str_("dense"), 1, np.float64(0.5)),)
    contributions = {np.str_("dense"): np.float64(0.25)}
    candidate = Candidate(np.str_("a"), sources, np.float64(2.0), contributions, position=np.int64(1))
    impression = Impression("q1", 1769860800.0, "x", "x", candidates=(candidate,), curve=(np.float64(1.0),))
    (read,) = parse_impressions(encode_impression(impression))
    assert read.candidates == (Candidate("a", (Source("dense", 1, 0.5),), 2.0, {"dense": 0.25}, position=1),)


def test_is_a_ubi_query_document():
    """The page stands in UBI's own fields, in shown order; a missing feature is null; what is default is left out."""
    impression = Impression(
        "q1", 1769860800.0, "Love", "love", page=2, decision=DECISION, feature_names=FEATURES,
        candidates=(
            Candidate("a", (Source("dense", 1, 0.5),), 0.5, position=12, features=(None, 1.0)),
            Candidate("b", position=11, features=(2.0, 3.0)),
            Candidate("c"),
        ),
        curve=(1.0, 0.6),
    )  # fmt: skip
    document = json.loads(encode_impression(impression))
    assert document["timestamp"] == "2026-01-31T12:00:00.000Z"
    assert document["object_id_field"] == "object_id"
    assert document["query_response_id"] == "q1/2"
    assert document["query_response_hit_ids"] == ["b", "a"]
    ltrr = document["query_attributes"]["ltrr"]
    assert ltrr["schema_version"] == 1
    row = {"object_id": "a", "sources": [["dense", 1, 0.5]], "score": 0.5, "position": 12, "features": [None, 1.0]}
    assert ltrr["candidates"] == [row, {"object_id": "b", "position": 11, "features": [2.0, 3.0]}, {"object_id": "c"}]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_writes_nothing_that_a_reader_would_refuse(value: float):
    """A score that is no number, or an infinite feature, is refused when it is written."""
    for candidate in (Candidate("a", score=value), Candidate("a", features=(1.0, math.inf))):
        impression = Impression("q1", 1769860800.0, "x", "x", feature_names=FEATURES, candidates=(candidate,))
        with pytest.raises(InvalidEvent) as caught:
            encode_impression(impression)
        assert caught.value.reason == Reason.INCONSISTENT


def test_another_searchs_query_has_hits_at_positions():
    """Without ltrr there is no decision: the hits stand at 1 to n under the DCG curve, integer ids as text."""
    (impression,) = parse_impressions(json.dumps(PLAIN).encode())
    assert impression.decision is None
    assert [(c.object_id, c.position) for c in impression.candidates] == [("a", 1), ("7", 2), ("b", 3)]
    assert impression.normalised_query == "tayler love"
    assert impression.curve == (1.0, 1 / math.log2(3), 0.5)
    assert (impression.page, impression.page_size, impression.application) == (1, 3, "default")


def test_a_repeated_hit_counts_where_it_stood_first():
    """A union holds an object once."""
    (impression,) = parse_impressions(json.dumps({**PLAIN, "query_response_hit_ids": ["a", "b", "a", "c"]}).encode())
    assert [(c.object_id, c.position) for c in impression.candidates] == [("a", 1), ("b", 2), ("c", 4)]


def test_of_a_long_list_the_first_hundred_count():
    """A search that sends all that it found has shown a hundred at most, and costs no more than that to learn."""
    hits = [f"song-{number}" for number in range(10_000)]
    (impression,) = parse_impressions(json.dumps({**PLAIN, "query_response_hit_ids": hits}).encode())
    assert [candidate.object_id for candidate in impression.candidates] == hits[:100]
    assert len(impression.curve) == 100


@pytest.mark.parametrize("name", HIT_LISTS)
def test_hits_have_many_names(name: str):
    """Whatever the list is called, an id that cannot be read keeps its place; an empty list hides none."""
    shown = ["a", None, "", 7, True, {"object_id": "b"}, "x" * 257, {"name": "c"}, "d"]
    others = {other: [] for other in HIT_LISTS}
    (impression,) = parse_impressions(json.dumps({**PLAIN, **others, name: shown}).encode())
    assert [(c.object_id, c.position) for c in impression.candidates] == [("a", 1), ("7", 4), ("b", 6), ("d", 9)]
    assert len(impression.curve) == 9


def test_an_event_says_that_an_object_was_shown():
    """It is a page of its own, at its position, else at the first; several stand one behind the other."""
    event: dict[str, Any] = {
        "action_name": "Impression", "query_id": "q1", "timestamp": 1769860800, "user_query": "Red  LAMP",
        "user_id": 9, "event_attributes": {"object": {"object_id": "a"}, "position": {"ordinal": 2}},
    }  # fmt: skip
    (shown,) = parse_impressions(json.dumps(event).encode(), ordinal_base=0)
    assert (shown.looks(), shown.page, shown.kind) == ({"a": 0.5}, 3, PageKind.OBJECT)
    assert (shown.normalised_query, shown.user_id) == ("red lamp", "9")
    event["event_attributes"] = {"object": ["a", "b"], "position": "top"}
    assert [shown.looks() for shown in parse_impressions(json.dumps(event).encode())] == [
        {"a": 1.0}, {"b": 1 / math.log2(3)}
    ]  # fmt: skip
    with pytest.raises(InvalidEvent, match=r"ltrr\.actions"):
        parse_impressions(json.dumps({**event, "action_name": "click"}).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"query_attributes": {"experiment": "7", "page": "2"}}, {"query_attributes": None}, {"client_id": ""},
        {"client_id": None, "application": ""}, {"object_id_field": None}, {"unknown": {"x": [1]}},
        {"query_response_hit_ids": None}, {"query_response_hit_ids": []}, {"timestamp": "2026-01-31T12:00:00.000+0000"},
        {"user_query": None}, {"query_attributes": ""},
    ],
)  # fmt: skip
def test_takes_what_ubi_senders_send(change: dict[str, Any]):
    """String attributes, nulls, empty ids, unknown fields and the plugin's timestamps are all read."""
    (impression,) = parse_impressions(json.dumps({**PLAIN, **change}).encode())
    assert impression.query_id == "q1"
    assert impression.client_id is None
    assert impression.application == "default"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (["query_id"], "", Reason.MISSING_QUERY_ID),
        (["query_id"], None, Reason.MISSING_QUERY_ID),
        (["user_query"], {"text": "x"}, Reason.BAD_FIELD),
        (["timestamp"], "1970-01-01T00:00:00Z", Reason.BAD_TIMESTAMP),
        (["query_response_hit_ids"], "a,b", Reason.BAD_FIELD),
        (["query_attributes", "ltrr", "schema_version"], 2, Reason.UNKNOWN_SCHEMA_VERSION),
        (["query_attributes", "ltrr"], {"policy_version": "v1"}, Reason.UNKNOWN_SCHEMA_VERSION),
        (["query_attributes", "ltrr"], "v1", Reason.BAD_FIELD),
        (["query_attributes", "ltrr", "page"], 0, Reason.BAD_FIELD),
        (["query_attributes", "ltrr", "candidates", 0, "score"], None, Reason.BAD_FIELD),
        (["query_attributes", "ltrr", "candidates", 0, "position"], 0, Reason.BAD_FIELD),
        (["query_attributes", "ltrr", "candidates", 0, "features"], [1.0], Reason.INCONSISTENT),
        (["query_attributes", "ltrr", "decision", "joint"], 0, Reason.BAD_FIELD),
        (["query_attributes", "ltrr", "decision", "levels"], [2], Reason.INCONSISTENT),
        (["query_attributes", "ltrr", "decision", "levels"], [3, 0], Reason.INCONSISTENT),
        (["query_attributes", "ltrr", "decision", "arms"], ["dense", "dense"], Reason.INCONSISTENT),
        (["query_attributes", "ltrr", "decision", "probabilities"], [[0.5, 0.5], [1, 0]], Reason.INCONSISTENT),
        (["query_attributes", "ltrr", "decision", "probabilities", 0, 0], 0.9, Reason.INCONSISTENT),
        (["query_attributes", "ltrr", "shadow", "probabilities", 0, 0], 0.9, Reason.INCONSISTENT),
        (["query_attributes", "ltrr", "shadow", "joint"], 0, Reason.BAD_FIELD),
        (["query_attributes", "ltrr", "shadow", "served_joint"], 1.1, Reason.BAD_FIELD),
    ],
)
def test_refuses_what_learning_would_trip_over(path: list[Any], value: object, reason: Reason):
    """A decision, candidate or field that does not fit is refused here, with a message that names it."""
    impression = Impression(
        "q1", 1769860800.0, "x", "x", decision=DECISION, shadow=SHADOW, candidates=(Candidate("a"),)
    )
    document = json.loads(encode_impression(replace(impression, feature_names=FEATURES)))
    at = document
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    with pytest.raises(InvalidEvent) as caught:
        parse_impressions(json.dumps(document).encode())
    assert caught.value.reason == reason
    assert any(isinstance(step, str) and step in str(caught.value) for step in path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"levels": (1,)}, "one for each arm"),
        ({"levels": (3, 0)}, "places in ladder"),
        ({"probabilities": ((0.5, 0.5), (1.0, 0.0))}, "one entry for each arm and step"),
        (None, "beside a decision"),
    ],
)
def test_refuses_a_shadow_that_fits_no_decision(change: dict[str, Any] | None, message: str):
    """Its plan is one over the arms and the ladder of what was run."""
    shadow = replace(SHADOW, **(change or {}))
    impression = Impression("q1", 1769860800.0, "x", "x", decision=DECISION if change else None, shadow=shadow)
    with pytest.raises(InvalidEvent, match=message) as caught:
        parse_impressions(encode_impression(impression))
    assert caught.value.reason == Reason.INCONSISTENT
