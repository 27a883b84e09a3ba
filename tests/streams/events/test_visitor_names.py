"""Events in JSON with names of visitors in place of their ids."""

import json

import pytest

from ltrr.models.records.visitors import Visitors
from ltrr.streams.events.visitor_names import named, names_in, with_names

VISITORS = Visitors(b"the secret of this installation")
ANN, SEVEN = VISITORS.name("ann"), VISITORS.name("7")


def test_every_id_of_a_visitor_is_named():
    """At the top and in the part that is ours, of any form; all else stays, and naming again changes nothing."""
    event = {
        "query_id": "ann",
        "user_id": "ann",
        "session_id": 7.0,
        "client_id": "",
        "query_attributes": {"site": "ann", "ltrr": {"user_id": "ann", "page": 1}},
    }
    expected = event | {"user_id": ANN, "session_id": SEVEN}
    expected |= {"query_attributes": {"site": "ann", "ltrr": {"user_id": ANN, "page": 1}}}
    assert with_names(event, VISITORS) == with_names(expected, VISITORS) == expected
    assert names_in(event, VISITORS) == names_in(expected, VISITORS) == {ANN, SEVEN}
    assert names_in(event, None) == {"ann", "7"}
    assert json.loads(named(json.dumps(event).encode(), VISITORS)) == expected


@pytest.mark.parametrize("raw", [b"no JSON", b"[1]", b'{"user_id":[1]}', b'{"query_attributes":{"ltrr":3}}'])
def test_what_is_no_id_stays(raw: bytes):
    """Who reads it refuses it, and says why."""
    assert named(raw, VISITORS) == raw
