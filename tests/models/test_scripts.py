"""Scripts without spaces: what stands behind other letters, and kana as they are written."""

import pytest

from ltrr.models.scripts import endings, kana, syllables


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("犬です", ["犬です"]),
        ("食べ物を買う", ["食べ", "物を", "買う"]),
        ("ホテルに泊まる", ["ルに", "泊まる"]),
        ("iPhoneです", ["eです"]),
        ("ラーメン", []),
        ("犬 です", []),
        ("さくら", []),
        ("dogs", []),
    ],
)
def test_hiragana_behind_another_script_is_an_ending(text: str, found: list[str]):
    """It comes with the letter before it; behind a space it is a word, as katakana is."""
    assert list(endings(text)) == found


def test_kana_are_told_as_they_are_written():
    """Each two neighbours of one kana, those of half width as the others; nothing of other scripts."""
    assert kana("さくらサラ 犬") == {"さく", "くら", "サラ"}
    assert kana("ﾊﾞｽ") == {"バス"}
    assert kana("bus 犬") == set()


@pytest.mark.parametrize(
    ("word", "found"),
    [("黒犬", ("黒", "犬")), ("전자", ("전", "자")), ("犬", ()), ("さく", ()), ("食べ", ()), ("ab", ())],
)
def test_ideographs_and_hangul_say_something_by_themselves(word: str, found: tuple[str, ...]):
    """A word of several has each of them; kana say nothing alone."""
    assert syllables(word) == found
