"""Words whose endings have marks are known in their other forms, folded as they are."""

import pytest

from ltrr.models.marks import spellings
from ltrr.models.text import normalise, stem


@pytest.mark.parametrize(
    ("stemmer", "forms"),
    [
        ("catalan", "informació informacions"),
        ("catalan", "navegació navegacions"),
        ("czech", "programů programům"),
        ("czech", "nový nová nového novým"),
        ("french", "détaillé détailler détaillées"),
        ("french", "créé créées"),
        ("hungarian", "kép képek képeknél"),
        ("hungarian", "tábla táblából táblák"),
        ("polish", "finanse finansów finansom"),
        ("polish", "teleskop teleskopem teleskopów"),
        ("portuguese", "configuração configurações configurar"),
        ("portuguese", "instalação instalações instalar"),
        ("romanian", "fișier fișiere fișierelor"),
        ("romanian", "aplicație aplicații aplicațiilor"),
        ("turkish", "süt sütün sütler"),
        ("turkish", "dosya dosyanın dosyaları dosyalarının"),  # noqa: RUF001  # the letters of Turkish
    ],
)
def test_forms_have_one_stem(stemmer: str, forms: str) -> None:
    """Also those that are typed without their marks, since all are compared so."""
    assert len({stem(normalise(form), stemmer) for form in forms.split()}) == 1


@pytest.mark.parametrize(("stemmer", "word"), [("english", "cafe"), ("german", "zahlen"), ("polish", "kurtyk")])
def test_a_word_is_one_of_its_spellings(stemmer: str, word: str) -> None:
    """The first, and the only one where endings of the language, or these letters, have no marks."""
    assert list(spellings(word, stemmer)) == [word]


def test_spellings_have_two_marks_at_most() -> None:
    """In the last seven letters of the word."""
    assert set(spellings("acoes", "portuguese")) >= {"acoes", "ações", "açoes", "acões"}
    assert set(spellings("oooooooooo", "catalan")) >= {"ooooooooóó", "oooóoooooo"}
    assert all(one.startswith("ooo") and one.count("ó") <= 2 for one in spellings("oooooooooo", "catalan"))


def test_stems_have_no_marks() -> None:
    """Else what was typed without them would have another one."""
    words = ("lodz", "lacze", "losos", "cesc", "zolc")
    assert all(stem(word, "polish") == normalise(stem(word, "polish")) for word in words)
