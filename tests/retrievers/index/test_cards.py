"""Entity cards: versions, persistence, and what a crash leaves pending."""

from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.retrievers.index.cards import Cards

FULL = Entity(
    *("x", "song", "Vow", {"genre": {"soul": 0.5}}, "d", ("v",), ("y",), 2.0, 0.25, 3.0), application="shop", version=4
)


def test_reopened_cards_are_equal(tmp_path: Path) -> None:
    """What was put is there again, every field of it."""
    cards = Cards(tmp_path / "cards")
    cards.put([FULL])
    cards.close()
    cards = Cards(tmp_path / "cards")
    assert cards.get("shop", ["x", "y"]) == [FULL, None]
    cards.close()


def test_older_updates_are_left_out() -> None:
    """The newest of a batch is kept, unless a newer one is held, or the same; another of an equal version is taken."""
    cards = Cards()
    versions = [Entity("x", "song", f"v{version}", version=version) for version in range(3)]
    assert cards.newest([versions[0], versions[2], versions[1]]) == [versions[2]]
    cards.put([versions[1]])
    assert cards.newest([versions[0]]) == []
    assert cards.newest([versions[1]]) == []
    other = replace(versions[1], name="other", attributes={"genre": {"pop": 0.5}}, numbers={"year": (1999.0,)})
    assert cards.newest([other]) == [other]
    cards.put([other])
    assert cards.newest([other]) == []
    cards.close()


def test_unsettled_changes_are_pending(tmp_path: Path) -> None:
    """What was put or marked and not settled is found after opening; what was settled is not."""
    cards = Cards(tmp_path / "cards")
    told, lacking, left, gone = (Entity(name, "song", name) for name in ("told", "lacking", "left", "gone"))
    cards.put([told, lacking, left, gone])
    cards.settle([told, left, gone])
    cards.mark("default", ["left", "gone"])
    cards.settle([gone])
    cards.close()
    cards = Cards(tmp_path / "cards")
    assert cards.pending() == ([lacking], [left])
    assert list(cards) == [lacking, told]
    cards.close()


def test_more_than_one_reading(tmp_path: Path) -> None:
    """All of a catalogue are found and gone through in order, in a folder and without one, the empty id too."""
    entities = [Entity(name, "song", name) for name in ("", *(f"{number:04}" for number in range(2_500)))]
    for path in (None, tmp_path / "cards"):
        cards = Cards(path)
        cards.put(entities[::-1])
        cards.mark("default", ["0007"])
        left = [entity for entity in entities if entity.object_id != "0007"]
        assert len(cards) == len(left)
        assert list(cards) == left
        assert cards.get("default", ["0007", *(entity.object_id for entity in left)]) == [None, *left]
        cards.close()


def test_read_cards_follow_changes(tmp_path: Path) -> None:
    """What was read before is read as it is now, changed, gone or there again."""
    cards = Cards(tmp_path / "cards")
    first, second = Entity("x", "song", "Dawn"), Entity("x", "song", "Dusk")
    for held in (first, second, None, first):
        if held is None:
            cards.mark("default", ["x", "y"])
        else:
            cards.put([held, held])
        assert cards.get("default", ["x", "x"]) == [held, held]
        assert cards.held([first, FULL]) == [held, None]
        assert len(cards) == int(held is not None)
    cards.close()


def test_made_with_something_else(tmp_path: Path) -> None:
    """A folder of another encoder is refused, and the message names both."""
    cards = Cards(tmp_path / "cards")
    cards.require(encoder="a")
    cards.require(encoder="a")
    with pytest.raises(InvalidSettings, match="encoder=a, not b"):
        cards.require(encoder="b")
    cards.close()


def test_no_database(tmp_path: Path) -> None:
    """A file that is something else is refused."""
    (tmp_path / "cards").write_bytes(b"x" * 4096)
    with pytest.raises(StorageFailed, match="cards"):
        Cards(tmp_path / "cards")


def test_a_file_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    """As in a folder that cannot be written, which readers of a file that others write to need, too."""
    (tmp_path / "cards.sqlite").symlink_to(tmp_path / "gone" / "cards.sqlite")
    with pytest.raises(StorageFailed, match="; make its folder writable, or set LTRR_DATA_DIR"):
        Cards(tmp_path / "cards.sqlite")
