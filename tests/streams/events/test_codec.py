"""Messages: batches, sizes and bytes that would crash a careless reader."""

import json
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.streams.events.codec import (
    MAX_BYTES,
    MAX_EVENTS,
    encode_action,
    encode_impression,
    parse_actions,
    parse_entity,
    parse_feedback,
    parse_impressions,
    split_batch,
)
from ltrr.streams.events.refusals import Reason

PARSERS = [parse_actions, parse_impressions, parse_entity, parse_feedback]
ACTION = Action("q1", "song-1", "click", 1769860800.25, event_id="e1")
RAW = encode_action(ACTION)
HEAD = RAW[:-1]  # the event without its closing brace, to put another field in

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_one_event_is_a_batch_of_one():
    """A message without brackets holds one event, blanks before it or not."""
    assert split_batch(RAW, parse_actions) == [(RAW, (ACTION,))]
    assert split_batch(b" \n" + RAW, parse_actions) == [(b" \n" + RAW, (ACTION,))]


def test_a_bad_event_costs_itself_alone():
    """Its neighbours are read, and every event comes with its own bytes, in its place."""
    events = [RAW, b"7", b"null", RAW, b'{"action_name":"click"}', b"[]", RAW]
    read = split_batch(b" [" + b",".join(events) + b"]", parse_actions)
    assert [raw for raw, _ in read] == events
    assert [index for index, (_, event) in enumerate(read) if event == (ACTION,)] == [0, 3, 6]
    reasons = [event.reason for _, event in read if isinstance(event, InvalidEvent)]
    assert reasons == [Reason.NOT_AN_EVENT, Reason.NOT_AN_EVENT, Reason.BAD_TIMESTAMP, Reason.NOT_AN_EVENT]


def test_a_batch_reads_as_its_events_do():
    """Through a batch, an event and its ordinal base give what they give alone; an empty batch gives nothing."""
    foreign = RAW.replace(b',"ltrr":{"schema_version":1}', b',"position":{"ordinal":0}')
    parse = partial(parse_actions, ordinal_base=0)
    assert split_batch(b"[" + foreign + b"]", parse) == [(foreign, parse(foreign))]
    assert parse(foreign)[0].position == 1
    assert split_batch(b"[]", parse_actions) == []


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 1 << 20])
def test_too_large_is_not_parsed(size: int):
    """One byte too many is too_large even where it is no JSON, for an event and for a batch."""
    for raw in (b"x" * size, b"[" * size):
        with pytest.raises(InvalidEvent) as caught:
            parse_actions(raw)
        assert caught.value.reason == Reason.TOO_LARGE
        [(of, refused)] = split_batch(raw, parse_actions)
        assert of is raw
        assert isinstance(refused, InvalidEvent)
        assert refused.reason == Reason.TOO_LARGE


def test_too_many_events_are_refused_together():
    """An array of a hundred thousand zeros costs one refusal, not a hundred thousand; the limit itself is read."""
    [(_, refused)] = split_batch(b"[" + b"0," * MAX_EVENTS + b"0]", parse_actions)
    assert isinstance(refused, InvalidEvent)
    assert refused.reason == Reason.TOO_LARGE
    assert len(split_batch(b"[" + b"0," * (MAX_EVENTS - 1) + b"0]", parse_actions)) == MAX_EVENTS


def test_the_largest_event_is_read():
    """Exactly the limit is read, and no writer writes more than a reader takes."""
    assert parse_actions(RAW.ljust(MAX_BYTES)) == (ACTION,)
    with pytest.raises(InvalidEvent) as caught:
        encode_impression(Impression("q", 1769860800.0, "x" * MAX_BYTES, "x"))
    assert caught.value.reason == Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", Reason.NOT_JSON), (b"{", Reason.NOT_JSON), (b"\xff\xfe", Reason.NOT_JSON), (b"\x00" * 9, Reason.NOT_JSON),
        (b"[" * 100_000, Reason.NOT_JSON), (b'{"a":' * 50_000, Reason.NOT_JSON), (b"{'a': 1}", Reason.NOT_JSON),
        (HEAD + b',"x":' + b"[" * 5000 + b"]" * 5000 + b"}", Reason.NOT_JSON),
        (HEAD + b',"user_id":"\\ud800"}', Reason.NOT_JSON), (RAW + RAW, Reason.NOT_JSON),
        (b"7", Reason.NOT_AN_EVENT), (b"null", Reason.NOT_AN_EVENT), (b'"click"', Reason.NOT_AN_EVENT),
        (b"NaN", Reason.NOT_AN_EVENT), (b"[" + RAW + b"]", Reason.NOT_AN_EVENT),
        (HEAD + b',"timestamp":NaN}', Reason.BAD_TIMESTAMP), (HEAD + b',"timestamp":1e999}', Reason.BAD_TIMESTAMP),
        (HEAD + b',"timestamp":' + b"9" * 4000 + b"}", Reason.BAD_TIMESTAMP),
        (HEAD + b',"user_id":' + b"9" * 4000 + b"}", Reason.BAD_FIELD),
        (HEAD + b',"event_attributes":{"position":{"ordinal":Infinity}}}', Reason.MISSING_OBJECT_ID),
    ],
)  # fmt: skip
def test_poison_is_refused(raw: bytes, reason: Reason):
    """Broken, deep, huge and non-finite JSON has a reason and crashes nothing."""
    with pytest.raises(InvalidEvent) as caught:
        parse_actions(raw)
    assert caught.value.reason == reason
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":' * 40_000, b"[" + b'{"a":' * 40_000 + b"]", b'[{"a":' * 9_000])
def test_however_deep_a_message_is_it_is_refused(raw: bytes):
    """What is nested deeper than anybody reads costs itself alone, in each topic."""
    for parse in PARSERS:
        [(_, refused)] = split_batch(raw, parse)
        assert isinstance(refused, InvalidEvent)
        assert refused.reason == Reason.NOT_JSON


@pytest.mark.parametrize("digits", [4000, 5000, 200_000])
@pytest.mark.parametrize("field", ["user_id", "timestamp", "version", "popularity", "elsewhere"])
def test_huge_numbers_crash_nothing(digits: int, field: str):
    """However many digits a number has, alone or in a batch, the outcome is an event or a refusal."""
    raw = f'{{"{field}":{"9" * digits}}}'.encode()
    for parse in PARSERS:
        with pytest.raises(InvalidEvent):
            parse(raw)
        for message in (raw, b"[" + raw + b"]"):
            [(_, refused)] = split_batch(message, parse)
            assert isinstance(refused, InvalidEvent)


@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=80)
def test_no_bytes_raise_anything_else(raw: bytes):
    """Whatever arrives, a batch is a list of records and refusals with a known reason."""
    for parse in PARSERS:
        for _, event in split_batch(raw, parse):
            assert isinstance(event, InvalidEvent)
            assert event.reason in set(Reason)


@given(st.sampled_from(["query_id", "timestamp", "application", "event_attributes", "user_id"]), json_values)
@settings(max_examples=80)
def test_no_value_of_a_field_raises_anything_else(field: str, value: object):
    """Any JSON value in any field is read or refused."""
    raw = json.dumps([{**json.loads(RAW), field: value}]).encode()
    [(_, event)] = split_batch(raw, parse_actions)
    assert isinstance(event, InvalidEvent) or all(isinstance(action, Action) for action in event)
