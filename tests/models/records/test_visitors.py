"""Names of visitors: keyed, the same again, and told from what somebody has made up."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ltrr.models.records.action import Action
from ltrr.models.records.visitors import Visitors

OURS = Visitors(b"the secret of this installation")
THEIRS = Visitors(b"the secret of another one")


@given(st.text(min_size=1))
def test_a_name_tells_no_id_and_stays(given_id: str):
    """A name is the same each time, also when it is named again; another key gives another one, to names as well."""
    name = OURS.name(given_id)
    assert name not in {given_id, THEIRS.name(given_id)}
    assert OURS.name(name) == OURS.name(given_id) == name
    assert THEIRS.name(name) != name


def test_names_are_told_from_what_looks_like_one():
    """Only what the key has made counts as made: nobody becomes somebody else by a form."""
    name = OURS.name("ann")
    assert OURS.made(name)
    made_up = [name[:-1] + ("A" if name[-1] != "A" else "B"), name.replace("v_", "v_x"), name + " ", "v_" + "A" * 24]
    made_up += [name.upper(), name[:-1] + "é", "", "ann"]
    assert not any(map(OURS.made, made_up))


def test_addresses_have_names_for_a_day_that_no_id_has():
    """Who is known by an address has another name tomorrow, and nobody takes it by giving the address as an id."""
    today, tomorrow = OURS.named_by_address("192.0.2.1", 20_000), OURS.named_by_address("192.0.2.1", 20_001)
    assert OURS.made(today)
    assert len({today, tomorrow, OURS.name("192.0.2.1"), OURS.name("20000 192.0.2.1")}) == 4


def test_an_event_has_names_in_place_of_all_ids():
    """User, client and session are named; what is absent stays absent, and a named event stays itself."""
    action = Action("q", "song", "click", 0.0, user_id="ann", session_id="s")
    named = OURS.of(action)
    assert named == replace(action, user_id=OURS.name("ann"), session_id=OURS.name("s"))
    assert OURS.of(named) is named
