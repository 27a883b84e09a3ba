"""Cards that were read lately."""

from ltrr.models.records.entity import Entity
from ltrr.retrievers.index.recent import Recent

_CARDS = [Entity(name, "song", name) for name in "abcd"]
_A, _B, _C, _D = _CARDS


def test_cards_asked_for_lately_are_kept() -> None:
    """Of more characters than are kept, cards go that were not asked for as lately as others."""
    recent = Recent(40)
    recent.keep([(_A, 10), (_B, 10)], recent.reading())
    assert recent.get("default", "xab") == {"a": _A, "b": _B}
    recent.keep([(_C, 10)], recent.reading())
    assert recent.get("default", "a") == {"a": _A}
    recent.keep([(_D, 10)], recent.reading())
    assert recent.get("default", "abcd") == {"a": _A, "c": _C, "d": _D}
    assert recent.get("other", "abcd") == {}


def test_what_is_too_long_is_not_kept() -> None:
    """A card of more than half of the characters is read each time."""
    recent = Recent(40)
    recent.keep([(_A, 10), (_B, 21), (_C, 20)], recent.reading())
    assert recent.get("default", "abc") == {"a": _A, "c": _C}


def test_what_changed_while_it_was_read_is_not_kept() -> None:
    """A reading that began before a change may have found what was there before it."""
    recent = Recent(40)
    reading = recent.reading()
    recent.forget([_A.place])
    recent.keep([(_A, 1)], reading)
    assert recent.get("default", "a") == {}
    recent.keep([(_A, 1), (_B, 20)], recent.reading())
    recent.forget([_A.place, _B.place])
    assert recent.get("default", "ab") == {}
