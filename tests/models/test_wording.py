"""What of a text counts as words."""

import pytest

from ltrr.models.text import tokenise
from ltrr.models.wording import emails, emphasis, is_prose, parted, prose, said, weighty


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mail Packaging Team <team+mail@lists.example.org>", "mail packaging team"),
        ("see https://www.example.org/foo/bar-baz.html", "see example org foo bar baz html"),
        ('{"colour": "red", "sizes": ["L", 38], "new": true}', "red l 38"),
        ('<p class="intro">A <strong>great</strong>&nbsp;chair<br/>and table</p>', "a great chair and table"),
        ("std::vector<int> and a < b", "std vector int and a b"),
        ("[Deluxe Edition] {live}", "deluxe edition live"),
        ("AT&T mail me @home", "at t mail me home"),
    ],
)
def test_what_machines_write_is_no_word(text: str, words: str) -> None:
    """Addresses of people, schemes, keys of JSON and tags are no words; brackets and signs of other texts hide none."""
    assert said(text) == tuple(words.split())


def test_small_words_are_those_of_the_language() -> None:
    """What says next to nothing in one language is a word of another; where there is nothing else, it says all."""
    assert [emphasis("wie", language) for language in ("german", "english", "danish")] == [0.05, 1.0, 1.0]
    assert emphasis("the", "german") == emphasis("the") == 0.05
    assert weighty(("wie", "finde", "ich", "dateien"), "german") == ["finde", "dateien"]
    assert weighty(("wie", "finde")) == ["wie", "finde"]
    assert weighty(("wo", "ist", "das"), "german") == ("wo", "ist", "das")


@pytest.mark.parametrize(
    ("stemmer", "text", "telling"),
    [
        ("russian", "какой смайлик у меня в машине", "смайлик машине"),
        ("english", "пицца на кухне", "пицца кухне"),  # where no language is set, either
        ("german", "Schlüssel für den Schrank", "schlussel schrank"),  # as they are normalised
        ("swedish", "hur är lampan på väggen", "lampan vaggen"),
        ("danish", "hvad er en lampe", "lampe"),
        ("norwegian", "hvor er lampen på veggen", "lampen veggen"),
        ("finnish", "mikä on lamppu", "lamppu"),
        ("polish", "jak się nazywa lampa na ścianę", "nazywa lampa sciane"),
        ("czech", "kde je lampa na stěnu", "lampa stenu"),
        ("hungarian", "milyen lámpa van az asztalon", "lampa asztalon"),
        ("romanian", "care este lampa din cameră", "lampa camera"),
        ("turkish", "duvar için bir lamba", "duvar lamba"),
        ("portuguese", "onde está a lâmpada", "lampada"),
        ("greek", "πού είναι η λάμπα", "λαμπα"),
        ("indonesian", "apa lampu untuk meja", "lampu meja"),
        ("arabic", "ما هذا الكتاب", "الكتاب"),
        ("persian", "این کتاب چه است", "کتاب"),
        ("hindi", "यह किताब क्या है", "किताब"),
    ],
)
def test_languages_have_small_words(stemmer: str, text: str, telling: str) -> None:
    """What asks and joins says next to nothing in a catalogue of its language, whatever its marks."""
    assert list(weighty(tokenise(text), stemmer)) == list(tokenise(telling))


def test_an_address_is_found_in_any_text() -> None:
    """An e-mail address is read out of brackets, JSON and HTML."""
    assert emails("Ann <ann@example.org>, bob.b@mail.example.com") == ("ann@example.org", "bob.b@mail.example.com")
    assert emails('{"by": "ann@example.org"}') == ("ann@example.org",)
    assert emails("reply @ home") == ()


def test_other_scripts_stay_a_text() -> None:
    """What nothing is left out of is returned as it is, with its spaces."""
    assert prose("東京都の 本") == "東京都の 本"


@pytest.mark.parametrize(
    ("text", "is_long"),
    [
        ("Flour, sugar", False),
        ("A Tale of Two Cities", False),
        ("Supercalifragilisticexpialidocious-and-other-words-without-spaces", False),
        ("Where there were birds there are now only trees, and the river has gone.", True),
        (
            "昔々あるところにおじいさんとおばあさんが住んでいました。おじいさんは山へ芝刈りに、おばあさんは川へ洗濯に行きました。そして桃が流れてきました。",
            True,
        ),
        ("", False),
    ],
)
def test_a_text_that_nobody_types_is_prose(text: str, *, is_long: bool) -> None:
    """More than ten words of more than sixty letters, in any script."""
    assert is_prose(text) == is_long


@pytest.mark.parametrize("part", ["a", "a.", "<!--", "<p ", "a@", "a://", "[", "www.", "&amp"])
def test_a_long_text_of_anything_is_read_once(part: str) -> None:
    """What a text holds is found in one pass: 300,000 characters of anything are read as soon as they are."""
    assert isinstance(said("<" + part * (300_000 // len(part)) + "@"), tuple)


def test_a_word_is_read_as_two() -> None:
    """Each of three letters at least, by their stems; what has a digit is one word, and a small word no neighbour."""
    assert list(parted("backdoors")) == ["bac~kdoor", "back~door", "backd~oor", "backdo~ors"]
    for whole in ("doors", "ab12cd34", "thecode", "o" * 33):
        assert not any(one.startswith("the~") for one in parted(whole))
        assert bool(list(parted(whole))) == (whole == "thecode")
