"""Promotions, shadows and rollbacks: what an application is served from after each."""

import json

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.streams.versions.active import Active, Mode, Served

ALL = ("a", "b", "c", "d")


def test_promotions_are_undone_in_order():
    """A rollback goes to the version and the mode before, one by one, past those that are gone."""
    active = Active("a", Mode.APPRENTICE)
    for version in ("b", "c", "d"):
        active = active.promoted(version, Mode.ONLINE, ALL)
    assert Active.decode(active.encode()) == active
    back = active.rolled_back({"a", "b", "d"})
    assert (back.version, back.mode, back.before) == ("b", "online", (Served("a", Mode.APPRENTICE),))
    assert back.rolled_back({"a"}) == Active("a", Mode.APPRENTICE)
    with pytest.raises(InvalidInput, match="no version was active before"):
        back.rolled_back({})


def test_one_version_can_change_its_mode():
    """An apprentice that was put online can be made an apprentice again."""
    online = Active("a", Mode.APPRENTICE).promoted("a", Mode.ONLINE, ALL)
    assert online == Active("a", Mode.ONLINE, (Served("a", Mode.APPRENTICE),))
    assert online.rolled_back(ALL) == Active("a", Mode.APPRENTICE)
    assert online.promoted("a", Mode.ONLINE, ALL) == online


def test_history_is_bounded():
    """Only the last promotions are kept."""
    active = Active("v0")
    for number in range(1, 100):
        active = active.promoted(f"v{number}", Mode.ONLINE, ())
    assert active.before == tuple(Served(f"v{number}") for number in range(79, 99))


@pytest.mark.parametrize("mode", [Mode.ONLINE, Mode.APPRENTICE])
def test_a_shadow_changes_nothing_that_is_served(mode: Mode):
    """What was served goes on, in its mode; the shadow ends with a rollback, and becomes online by a promotion."""
    served = Active("a", mode, (Served("c"),))
    shadowed = served.promoted("b", Mode.SHADOW, ALL)
    assert shadowed == Active("a", mode, (Served("c"),), "b")
    assert Active.decode(shadowed.encode()) == shadowed
    assert shadowed.versions == {"a", "b"}
    assert shadowed.rolled_back(ALL) == served
    assert shadowed.promoted("b", Mode.ONLINE, ALL) == Active("b", Mode.ONLINE, (Served("c"), Served("a", mode)))
    assert shadowed.promoted("a", mode, ALL) == served
    assert shadowed.promoted("d", Mode.SHADOW, ALL).shadow == "d"


@pytest.mark.parametrize(
    ("before", "version", "mode"),
    [
        ((Served("c"), Served("a", Mode.APPRENTICE)), "a", Mode.APPRENTICE),
        ((Served("a"), Served("c"), Served("a")), "c", Mode.ONLINE),
        ((Served("gone"),), "b", Mode.APPRENTICE),
        ((), "b", Mode.APPRENTICE),
    ],
)
def test_what_is_online_goes_into_the_shadow_of_what_came_before(before: tuple[Served, ...], version: str, mode: Mode):
    """Its own policy stops deciding: what was served before does, or its baseline where nothing was."""
    own = "a" if before[-1:] == (Served("a"),) else "b"
    shadowed = Active(own, before=before).promoted(own, Mode.SHADOW, ALL)
    assert (shadowed.version, shadowed.mode, shadowed.shadow) == (version, mode, own)
    assert len(shadowed.before) < max(1, len(before))


@pytest.mark.parametrize("mode", list(Mode))
def test_before_any_promotion_the_setting_decides(mode: Mode):
    """In the shadow of nothing a version's own baseline is served."""
    first = Active.first("v1", mode)
    assert first.version == "v1"
    assert (first.mode, first.shadow) == ((Mode.APPRENTICE, "v1") if mode is Mode.SHADOW else (mode, None))


def test_what_is_no_mode_is_refused():
    """A record with a mode that does not exist cannot be read."""
    record = {"version": "b", "mode": "offline", "before": []}
    with pytest.raises(ValueError, match="offline"):
        Active.decode(json.dumps(record).encode())
