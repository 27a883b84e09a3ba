"""Strings that are spelt nearly alike."""

import pytest

from ltrr.retrievers.phrases.spelling import Spelling

WORDS = ("taylor", "tailor", "beyonce", "bohemianrhapsody", "abba", "love", "glove", "diarrhea")


def spelling() -> Spelling:
    """Return the words."""
    found = Spelling()
    for word in WORDS:
        found.add(word)
    return found


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tayler", "taylor"),
        ("beyonse", "beyonce"),
        ("ebyonce", "beyonce"),
        ("bohemanrapsody", "bohemianrhapsody"),
        ("abbba", "abba"),
        ("lvoe", "love"),
        ("lve", "love"),
        ("diarea", "diarrhea"),
    ],
)
def test_near(typed: str, meant: str) -> None:
    """Letters lost, added, changed and swapped, at either end or between."""
    assert spelling().near(typed, 1)[0][0] == meant


def test_not_itself_nor_far() -> None:
    """A string is no neighbour of itself, and nothing below three letters or 0.75 has any."""
    assert spelling().near("taylor", 5) == [("tailor", 5 / 6)]
    assert spelling().near("lov", 5) == [("love", 0.75)]
    assert spelling().near("lo", 5) == []
    assert spelling().near("tuyler", 5) == []


def test_removed_is_forgotten() -> None:
    """What is removed is not found; removing twice is nothing."""
    words = spelling()
    words.remove("tailor")
    words.remove("tailor")
    assert words.near("taylor", 5) == []


def test_what_is_some_edits_away_begins_alike() -> None:
    """However short it is; the string itself is not among it, nor what is forgotten or begins with another letter."""
    words = Spelling()
    for word in ("video", "audio", "radio", "vedio", "vidicon"):
        words.add(word)
    assert dict(words.within("vedio", 2)) == {"video": 2}
    words.remove("video")
    assert words.within("vedio", 2) == []


def test_beginnings() -> None:
    """What goes on by up to 16 letters is begun; a whole string and what is forgotten are not."""
    words = spelling()
    words.add("love" + "x" * 17)
    assert [words.begun(text) for text in ("bohem", "tay", "taylor", "love", "lo", "taz")] == [True, True, *[False] * 4]
    words.remove("taylor")
    assert not words.begun("tay")
