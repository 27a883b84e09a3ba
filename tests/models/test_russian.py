"""Russian words are known in their other forms."""

import pytest

from ltrr.models.text import normalise, stem


@pytest.mark.parametrize(
    "forms",
    [
        "красный красная красного",
        "большой большая",
        "орел орлы орла",
        "носок носки",
        "отец отцы отцов",
        "девушка девушек",
        "чашка чашек чашки",
        "кольцо колец",
        "палец пальцы",
        "окно окон",
        "цыплёнок цыплята",
        "медвежонок медвежата",
        "ребёнок ребята",
    ],
)
def test_forms_have_one_stem(forms: str) -> None:
    """Adjectives of each gender, words whose vowel is fleeting, and the young of animals."""
    assert len({stem(normalise(form), "russian") for form in forms.split()}) == 1


@pytest.mark.parametrize("words", ["плед плод", "клён клон", "свет свита", "теленок тело", "салат сало", "чай час"])
def test_other_words_have_other_stems(words: str) -> None:
    """The only vowel of a word is not fleeting, and what only ends like the young of animals is none."""
    one, other = (stem(normalise(word), "russian") for word in words.split())
    assert one != other
