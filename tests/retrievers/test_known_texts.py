"""Words of entities are kept as long as nothing of them has changed, and no more of them than there is room for."""

from dataclasses import replace

from ltrr.models.records.entity import Entity
from ltrr.models.text import ENGLISH
from ltrr.retrievers.matching.texts import _Known


def page(object_id: str, words: int = 10) -> Entity:
    """Return an entity whose description has so many words."""
    return Entity(object_id, "page", object_id, description=" ".join(f"{object_id}{n}" for n in range(words)))


def test_what_has_not_changed_is_read_once():
    """An equal card has the words of before, another one its own."""
    known, one = _Known(4, 1_000), page("a")
    texts = known.of(one, ENGLISH)
    assert known.of(replace(one), ENGLISH) is texts
    changed = known.of(replace(one, name="other"), ENGLISH)
    assert changed.names == [("other",)]
    assert known.of(replace(one, name="other"), ENGLISH) is changed


def test_those_not_asked_for_longest_make_room():
    """Neither more entities nor more terms are kept than allowed, however long one of them is."""
    known = _Known(3, 100)
    kept = {one: known.of(page(one), ENGLISH) for one in "abcad"}
    assert known.of(page("d"), ENGLISH) is kept["d"]
    assert known.of(page("a"), ENGLISH) is kept["a"]
    assert known.of(page("b"), ENGLISH) is not kept["b"]
    for number in range(20):
        known.of(page(f"l{number}", 40), ENGLISH)
        assert known._terms == sum(texts.terms for _, texts in known._texts.values())
        assert known._terms <= 100
    long = known.of(page("long", 500), ENGLISH)
    assert known._terms == long.terms > 100
    assert known.of(page("long", 500), ENGLISH) is long
    known.of(page("a"), ENGLISH)
    assert known._terms <= 100
