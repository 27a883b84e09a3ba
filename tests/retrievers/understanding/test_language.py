"""The language of a query."""

import pytest

from ltrr.models.text import tokenise
from ltrr.retrievers.understanding.language import language_of, latin_share, stemmer_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("songs for the night", "en"),
        ("Musik für die Nacht und das Auto", "de"),
        ("chansons pour la vie", "fr"),
        ("я тебя люблю и ты", "ru"),
        ("що це таке", "uk"),
        ("東京の夜", "ja"),
        ("東京", "zh"),
        ("사랑 love", "ko"),
        ("שיר אהבה", "he"),
        ("τραγούδι", "el"),
        ("taylor swift", None),
        ("the", None),
        ("2pac 1999", None),
        ("!!!", None),
        ("", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    """A script of one language or function words tell; names, single Latin words and signs do not."""
    assert language_of(tokenise(text)) == language


def test_equal_votes_tell_nothing() -> None:
    """A function word of two languages is no evidence for one."""
    assert language_of(("mi", "para")) != language_of(("para", "x")) is None


@pytest.mark.parametrize(
    ("texts", "stemmer"),
    [
        (["Musik für die Nacht und das Auto"] * 6 + ["songs for the night"] * 4, "german"),
        (["Musik für die Nacht und das Auto"] * 5 + ["songs for the night"] * 5, None),
        (["chansons pour la vie"] + ["Hello"] * 9, "french"),
        (["chansons pour la vie"] + ["Hello"] * 10, None),
        (["東京の夜"] * 9, None),
        (["Hello"], None),
        ([], None),
    ],
)
def test_texts_tell_their_stemmer(texts: list[str], stemmer: str | None) -> None:
    """The language of six of ten that tell, where one of ten does, and that has a stemmer."""
    assert stemmer_of(list(map(tokenise, texts))) == stemmer


def test_share_of_latin_letters() -> None:
    """Letters alone count."""
    assert latin_share(tokenise("Abba 東京 99")) == pytest.approx(4 / 6)
    assert latin_share(("99",)) == 0.0
