"""Actions, feedback and entities on the wire, and every trap of UBI 1.3.0."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltrr.models.errors import InvalidEvent
from ltrr.models.learning.feedback import Feedback
from ltrr.models.records.action import Action
from ltrr.models.records.entity import Entity
from ltrr.streams.events import own_actions
from ltrr.streams.events.codec import (
    encode_action,
    encode_entity,
    encode_feedback,
    parse_actions,
    parse_entity,
    parse_feedback,
)
from ltrr.streams.events.events import ActionEvent
from ltrr.streams.events.refusals import Reason

CLICK: dict[str, Any] = {
    "action_name": "click",
    "query_id": "00112233-4455-6677-8899-aabbccddeeff",
    "timestamp": "2026-01-31T12:00:00.000+0000",
    "event_attributes": {"object": {"object_id": "song-1"}, "position": {"ordinal": 3}},
}

names = st.text(min_size=1, max_size=8).filter(lambda text: any(one.isprintable() and one != " " for one in text))
numbers = st.floats(allow_nan=False, allow_infinity=False)
times = st.floats(946684800, 7258118400, exclude_max=True)
texts = st.lists(names, max_size=3).map(tuple)
actions = st.builds(
    Action, query_id=names, object_id=names, action_name=names, time_s=times, application=names,
    client_id=st.none() | names, user_id=st.none() | names, session_id=st.none() | names,
    position=st.none() | st.integers(1, 1000), event_id=names,
)  # fmt: skip
feedbacks = st.builds(
    Feedback, query_id=names, page=st.integers(1, 9), application=names, time_s=times,
    policy_version=st.none() | names, reward=numbers,
    actions=st.lists(st.tuples(names, names), max_size=3).map(tuple),
    credits=st.dictionaries(names, numbers, max_size=3),
)  # fmt: skip
moments = st.integers(-62_000_000_000_000_000, 99_000_000_000_000_000).map(lambda microseconds: microseconds / 1e6)
weights = st.floats(0, 1, exclude_min=True)
entities = st.builds(
    Entity, object_id=names, type=names, name=names, description=st.text(max_size=9), aliases=texts,
    attributes=st.dictionaries(
        names.map("text {}".format), st.dictionaries(names, weights, min_size=1, max_size=2), max_size=2
    ),
    numbers=st.dictionaries(
        names.map("number {}".format), st.lists(numbers, min_size=1, max_size=2, unique=True).map(tuple), max_size=2
    ),
    dates=st.dictionaries(names.map("date {}".format), moments.map(lambda time_s: (time_s,)), max_size=2),
    popularity=st.floats(0, allow_infinity=False), quality=st.floats(0, 1), created_s=st.none() | moments,
    application=names, version=st.integers(0, 2**63 - 1), related=texts,
)  # fmt: skip


def click(**changes: object) -> bytes:
    """Return the event with some of its fields replaced."""
    return json.dumps({**CLICK, **changes}).encode()


def attributes(**parts: object) -> bytes:
    """Return the event with some of its attributes replaced."""
    return click(event_attributes={**CLICK["event_attributes"], **parts})


@given(actions)
@settings(max_examples=40)
def test_actions_round_trip(action: Action):
    """Every field comes back, whatever ordinal base the reader has for foreign senders."""
    raw = encode_action(action)
    assert parse_actions(raw) == parse_actions(raw, ordinal_base=0) == (action,)


@given(actions, st.sampled_from([0, 1]), st.data())
@settings(max_examples=120)
def test_what_is_read_quickly_reads_alike_by_the_models(action: Action, base: int, data: st.DataObject):
    """An event of ours, or of another sender, in which anything is put in the place of anything, or added."""
    event = json.loads(encode_action(action))
    if data.draw(st.booleans()):
        del event["event_attributes"]["ltrr"]
    places = [event, event["event_attributes"], event["event_attributes"]["object"]]
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.sampled_from(places))
        at[data.draw(st.sampled_from([*at, *ELSEWHERE]))] = data.draw(odd)
    raw = json.dumps(event).encode()
    quick = own_actions.read(raw, base)
    assert quick is None or (quick,) == ActionEvent.model_validate_json(raw).records(base)


def test_an_event_of_ours_or_of_usual_ubi_is_read_quickly():
    """No model is needed for what most senders write."""
    assert own_actions.read(encode_action(Action("q1", "a", "click", 1769860800.25)), 1) is not None
    assert own_actions.read(click(timestamp="2026-01-31T12:00:00.000Z"), 1) is not None


ELSEWHERE = ("objects", "object_id", "position", "event_id", "application", "client_id", "_id", "ltrr", "odd")
odd = st.sampled_from(
    [
        *(None, "", "x", "x" * 257, 0, 1, 3.0, 1.5, 10**30, True, [], ["x"], [7], {}, {"ordinal": 0}, {"ordinal": -2}),
        *({"index": 3}, {"ordinal": 2.0}, {"ordinal": 10**7}, {"object_id": "y"}, {"schema_version": 1}, {"_id": "y"}),
    ]
)


@given(feedbacks)
@settings(max_examples=40)
def test_feedback_round_trips(feedback: Feedback):
    """Every field comes back."""
    assert parse_feedback(encode_feedback(feedback)) == feedback


@given(entities)
@settings(max_examples=40)
def test_entities_round_trip(entity: Entity):
    """Every field comes back."""
    assert parse_entity(encode_entity(entity)) == entity


def test_a_click_is_read():
    """The verbs of UBI, which its own schema rejects, become an action with a position from 1."""
    (action,) = parse_actions(click(user_id="", session_id=None, client_id=17, message="m", message_type="INFO"))
    assert (action.action_name, action.object_id, action.position) == ("click", "song-1", 3)
    assert (action.user_id, action.session_id, action.client_id) == (None, None, "17")
    assert (action.time_s, action.application) == (1769860800.0, "")


@pytest.mark.parametrize(
    ("position", "base", "expected"),
    [
        ({"ordinal": 3}, 1, 3), ({"ordinal": 3}, 0, 4), ({"ordinal": 0}, 0, 1), ({"ordinal": 0}, 1, None),
        ({"ordinal": {"index": 2}}, 0, 3), ({"ordinal": 3, "xy": {"x": 1.5, "y": 2}}, 1, 3),
        ({"xy": {"x": 1, "y": 2}}, 1, None), ({"x": 10, "y": 20}, 1, None), ({"ordinal": 2, "x": 10, "y": 20}, 1, 2),
        ({"ordinal": None}, 1, None), ({}, 1, None), (None, 1, None), ({"ordinal": "3"}, 1, 3),
        ({"ordinal": 3.0}, 0, 4),
        (3, 1, 3), ("3", 0, 4), ("", 1, None), ([], 1, None), ("undefined", 1, None), ({"ordinal": ""}, 1, None),
        ({"ordinal": []}, 1, None), ({"ordinal": "undefined"}, 1, None), ({"ordinal": 2.5}, 1, None),
        ({"ordinal": -7}, 1, None), ({"ordinal": 10**30}, 1, None), ({"ordinal": True}, 1, None), ("9" * 400, 1, None),
    ],
)  # fmt: skip
def test_positions_of_every_sender(position: object, base: int, expected: int | None):
    """Nested or flat, old or new, from 0 or 1: one position from 1, or none."""
    assert parse_actions(attributes(position=position), ordinal_base=base)[0].position == expected


@pytest.mark.parametrize(
    ("parts", "ids"),
    [
        ({"object": [{"object_id": "a"}, {"object_id": 7.0}, {"name": "x"}, None, {"object_id": "a"}]}, ["a", "7"]),
        ({"object": {"object_id": ["a", "b"]}}, ["a", "b"]), ({"object": "a"}, ["a"]), ({"object": 7}, ["7"]),
        ({"object": None, "objects": ["a", {"object_id": "b"}]}, ["a", "b"]), ({"object": "", "object_id": "a"}, ["a"]),
    ],
)  # fmt: skip
def test_a_basket_is_an_action_on_each_object(parts: dict[str, Any], ids: list[str]):
    """Several objects in one event are as many actions; one that cannot be read costs no other."""
    actions = parse_actions(attributes(**parts))
    assert [action.object_id for action in actions] == ids
    assert {action.position for action in actions} == ({3} if len(ids) == 1 else {None})
    assert len({action.event_id for action in actions}) == len(ids)


@pytest.mark.parametrize("name", ["application", "client_id", "session_id", "user_id"])
@pytest.mark.parametrize(
    ("sent", "read"), [("", None), (None, None), (7, "7"), (7.0, "7"), (-1e308, "-1e+308"), ("x" * 256, "x" * 256)]
)
def test_ids_are_read_alike(name: str, sent: object, read: str | None):
    """Absent, a number or long: an id of whom is never a reason to refuse."""
    [action] = parse_actions(click(**{name: sent}))
    assert getattr(action, name) == (read or {"application": ""}.get(name))


def test_integer_ids_are_text():
    """A site whose ids are integers joins with hits that are text."""
    (action,) = parse_actions(click(query_id=12, event_attributes={"object": {"object_id": 34, "internal_id": 5}}))
    assert (action.query_id, action.object_id) == ("12", "34")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (click(query_id=None), Reason.MISSING_QUERY_ID), (click(query_id=""), Reason.MISSING_QUERY_ID),
        (click(event_attributes=None), Reason.MISSING_OBJECT_ID),
        (click(event_attributes={}), Reason.MISSING_OBJECT_ID),
        (attributes(object={"internal_id": 5, "name": "x"}), Reason.MISSING_OBJECT_ID),
        (attributes(object={"object_id": ""}), Reason.MISSING_OBJECT_ID),
        (attributes(object=None), Reason.MISSING_OBJECT_ID), (attributes(object=[]), Reason.MISSING_OBJECT_ID),
        (attributes(object=[{"name": "x"}, None, True, "x" * 257]), Reason.MISSING_OBJECT_ID),
        (click(event_attributes="none"), Reason.MISSING_OBJECT_ID),
        (attributes(object=[*range(501)]), Reason.BAD_FIELD),
        (click(timestamp=None), Reason.BAD_TIMESTAMP), (click(timestamp="soon"), Reason.BAD_TIMESTAMP),
        (json.dumps({"action_name": "click"}).encode(), Reason.BAD_TIMESTAMP),
        (click(action_name=""), Reason.BAD_FIELD), (click(action_name=None), Reason.BAD_FIELD),
        (click(action_name="x" * 101), Reason.BAD_FIELD), (click(query_id="x" * 257), Reason.BAD_FIELD),
        (click(query_id=True), Reason.BAD_FIELD), (click(user_id={"id": 1}), Reason.BAD_FIELD),
        (attributes(ltrr={"schema_version": 2}), Reason.UNKNOWN_SCHEMA_VERSION),
    ],
)  # fmt: skip
def test_refusals_of_an_action(raw: bytes, reason: Reason):
    """What cannot be joined or read has its own reason, and a message in one line."""
    with pytest.raises(InvalidEvent) as caught:
        parse_actions(raw)
    assert caught.value.reason == reason
    assert "\n" not in str(caught.value)


def test_an_own_event_id_wins():
    """A sender's event id is kept; it may be an integer."""
    assert parse_actions(attributes(event_id="e-1"))[0].event_id == "e-1"
    assert parse_actions(attributes(event_id=5))[0].event_id == "5"


def test_without_event_id_a_hash_tells_events_apart():
    """One event sent twice has one id, however it is written; another object, verb or time has another."""
    same = [click(), click(timestamp="2026-01-31T13:00:00+01:00"), click(user_id="", application="a", client_id="")]
    other = [click(action_name="like"), click(timestamp="2026-01-31T12:00:00.001Z"), click(client_id="c")]
    other += [click(session_id="c"), click(query_id="q"), attributes(object={"object_id": "song-2"})]
    assert len({parse_actions(raw)[0].event_id for raw in same}) == 1
    assert len({parse_actions(raw)[0].event_id for raw in [click(), *other]}) == 1 + len(other)


@pytest.mark.parametrize(
    "change",
    [
        {"object_id": ""}, {"type": ""}, {"name": ""}, {"name": " \u3000"}, {"name": "\u200b"},
        {"object_id": " "}, {"type": "\t"},
        {"popularity": -1}, {"quality": 1.5}, {"version": -1}, {"version": 2**63},
        {"attributes": {"genre": {"soul": 0}}}, {"attributes": {"genre": [["soul"]]}}, {"schema_version": 9},
        {"aliases": [["soul"]]}, {"related": [{}]},
    ],
)  # fmt: skip
def test_refusals_of_an_entity(change: dict[str, Any]):
    """Values outside of what ltrr.models.records.entity promises are refused, naming the field."""
    with pytest.raises(InvalidEvent, match=next(iter(change))):
        parse_entity(json.dumps({"object_id": "a", "type": "song", "name": "A", **change}).encode())
