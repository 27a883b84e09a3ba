"""Folding text: what people type and what a catalogue holds meet in one form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltrr.models.text import (
    common_forms,
    heads,
    joined,
    normalise,
    parts,
    root,
    shared_head,
    singulars,
    stem,
    tokenise,
    uncounted,
    unmarked,
    unpadded,
    with_umlauts,
    without_articles,
)


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("Beyoncé", "beyonce"),
        ("Don\u2019t Stop  'til", "dont stop til"),
        ("AC/DC", "ac dc"),
        ("!!!", "!!!"),
        (" ?  ! ", "? !"),
        ("Straße", "strasse"),
        ("ØRSTED Łódź Æon", "orsted lodz aeon"),
        ("\ufb01n", "fin"),
        ("İstanbul", "istanbul"),
        ("東京 カ\u3099", "東京 が"),
        ("הַבָּה", "הַבָּה"),
        ("😀", "😀"),
        ("love 😀", "love"),
        ("C# in Depth", "c# in depth"),
        ("C++/CLI", "c++ cli"),
        ("c+++, (F#).", "c++ f#"),
        ("Galaxy S8+, Note 5+ (A+)", "galaxy s8 plus note 5 plus a plus"),
        ("C#/.NET vs ASP.NET", "c# .net vs asp net"),
        ("Disney+ & rock+roll", "disney plus rock roll"),
        ('15.6" or ½ or 3/8', "15.6 or 1/2 or 3/8"),
        ("No. 1, #2, +44, Vol.2, 1,2 Step ...", "no 1 2 44 vol 2 1 2 step"),
        ("", ""),
        (" \t\n", ""),
    ],
)
def test_known_texts(text: str, normalised: str):
    """Case, diacritics, ligatures and punctuation go; other scripts' marks and names of punctuation stay."""
    assert normalise(text) == normalised


@given(st.text(max_size=12))
@settings(max_examples=120)
def test_folding_twice_is_folding_once(text: str):
    """What is normalised stays as it is, without space at the ends or two in a row; in ASCII tokens are its words."""
    once = normalise(text)
    assert normalise(once) == once
    assert " ".join(once.split()) == once
    assert not once.isascii() or tokenise(text) == tuple(once.split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Beyoncé live", ("beyonce", "live")),
        ("東京事変", ("東京", "京事", "事変")),
        ("愛", ("愛",)),
        ("犬です", ("犬", "犬で", "です")),
        ("動じました", ("動", "動じ", "じま", "まし", "した")),
        ("八ヶ岳", ("八ヶ", "ヶ岳")),
        ("Tシャツとトップ", ("t", "しゃ", "ゃつ", "と", "とっ", "っぷ")),
        ("ﾊﾞﾄﾞらー", ("ばど", "らー")),
        ("LG전자", ("lg", "전자")),
        ("AI時代2020", ("ai", "時代", "2020")),
        ("カラオケ ボックス", ("から", "らお", "おけ", "ぼっ", "っく", "くす")),
        ("봄날 아이유", ("봄날", "아이", "이유")),
        ("น้ำหอม", ("น้ํา", "าห", "หอ", "อม")),
        ("קפה שחור", ("קפה", "שחור")),
    ],
)
def test_scripts_without_spaces_are_split_into_pairs(text: str, words: tuple[str, ...]):
    """Each two neighbours of a script are a word, marks belong to their letter; other scripts keep their words."""
    assert tokenise(text) == words


@given(st.text(max_size=12))
@settings(max_examples=120)
def test_words_have_no_spaces_and_lose_no_letter(text: str):
    """Whatever is typed, each word is one, and every letter of the text is in some word."""
    words = tokenise(text)
    assert all(words)
    assert not any(" " in word for word in words)
    assert {letter for letter in normalise(text) if letter != " "} == {letter for word in words for letter in word}


@pytest.mark.parametrize(
    ("words", "spellings"),
    [
        (("blue", "tooth", "speaker"), ["bluetooth", "toothspeaker"]),
        (("m8", "x", "20"), ["m8x", "m8x20", "x20"]),
        (("c#", "in", "depth"), ["indepth"]),
        (("1.5", "l"), ["1.5l"]),
        (("東京", "京都"), []),
        (("hello",), []),
    ],
)
def test_neighbours_are_joined(words: tuple[str, ...], spellings: list[str]):
    """Two words are one, more where they have digits and are short; not those with marks at an end."""
    assert [spelling for _, _, spelling in joined(words)] == spellings
    assert all("".join(words[first:end]) == spelling for first, end, spelling in joined(words))


@pytest.mark.parametrize(
    ("word", "bare", "of"),
    [
        ("c#", ("c",), ()),
        (".net", ("net",), ()),
        ("3/8", ("3", "8"), ()),
        ("15.6in", ("15", "6in"), ("15.6", "in")),
        ("305xl", (), ("305", "xl")),
        ("74hc595", (), ("74", "hc", "595", "hc595")),
        ("plr0913", (), ("plr", "0913", "lr0913", "r0913")),
        ("transistor2n2222", (), ("transistor", "2222", "2n2222", "n2222")),
        ("u2", (), ()),
        ("fw322/323", ("fw322", "323"), ("fw", "322/323", "w322/323", "fw323")),
        ("東京", (), ("東", "京")),
        ("hello", (), ()),
    ],
)
def test_words_have_other_forms(word: str, bare: tuple[str, ...], of: tuple[str, ...]):
    """Marks may be left out; numbers, letters beside them and letters of scripts without spaces may be asked for."""
    assert unmarked(word) == bare
    assert parts(word) == of


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("L'eau d\u2019Aix", "eau Aix"),
        ("qu'est-ce que c'est", "est-ce que est"),
        ("dell'arte un'altra", "arte altra"),
        ("aujourd'hui", "aujourd'hui"),
        ("it's O'Neill's, don't rock 'n' roll", "it's O'Neill's, don't rock 'n' roll"),
        ("5'6 l'", "5'6 l'"),
        ("plain", "plain"),
    ],
)
def test_articles_before_an_apostrophe_are_left_out(text: str, bare: str):
    """Those of French and Italian, where a word follows; apostrophes within a word and English ones are kept."""
    assert without_articles(text) == bare


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[("chair", "chairs"), ("movie", "movies"), ("battery", "batteries"), ("box", "boxes")],
        *[("repair", "repairing"), ("weave", "weaving"), ("statistics", "statistical"), ("convert", "converted")],
        *[("match", "matches"), ("cache", "caches"), ("shoe", "shoes"), ("potato", "potatoes"), ("glass", "glasses")],
        *[("mouse", "mice"), ("knife", "knives"), ("scarf", "scarves"), ("woman", "women"), ("tooth", "teeth")],
        *[("11", "eleven"), ("11", "xi"), ("iii", "3"), ("seven", "vii"), ("two", "ii")],
        *[("13th", "thirteenth"), ("1st", "first")],
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str):
    """Both become the same, which need be no word."""
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("batteries", ("batterie", "battery", "batteri")),
        ("movies", ("movie", "movy", "movi")),
        ("boxes", ("box", "boxe")),
        ("cases", ("case",)),
        ("helmets", ("helmet",)),
        ("knives", ("knife",)),
        ("bedding", ("bed",)),
        ("glass", ()),
        ("7s", ()),
    ],
)
def test_words_are_found_under_common_forms(word: str, others: tuple[str, ...]):
    """One of many is found by its name, other inflections by what they have in common."""
    assert common_forms(word) == others


@pytest.mark.parametrize(
    ("stemmer", "one", "other"),
    [
        *[("german", "wolf", "wolfe"), ("german", "haus", "hauser"), ("german", "drache", "drachen")],
        *[("french", "cheval", "chevaux"), ("french", "logement", "logements"), ("italian", "libro", "libri")],
        *[("spanish", "cancion", "canciones"), ("dutch", "boom", "bomen"), ("russian", "книга", "книги")],
        *[("german", "2", "ii"), ("german", "ii", "2")],
    ],
)
def test_other_languages_have_stems(stemmer: str, one: str, other: str):
    """Words are folded before; Roman numerals are read in each language, English words for numbers in English."""
    assert stem(one, stemmer) == stem(other, stemmer)
    assert stem("eleven", stemmer) != "11"


@pytest.mark.parametrize(
    ("stemmer", "word", "one"),
    [
        ("english", "boxes", ("box", "boxe")),
        ("english", "evanes", ("evane",)),  # nobody says so of more than one Evan
        ("german", "wolfe", ("wolf",)),
        ("german", "drachen", ("drache", "drach")),
        ("german", "haus", ()),
        ("german", "x86", ()),
        ("french", "logements", ("logement",)),
        ("french", "chevaux", ()),
        ("russian", "котами", ("котам", "кота", "кот")),
        ("turkish", "ustalar", ("usta",)),  # which has the stem "us" itself
    ],
)
def test_a_plural_has_what_begins_it(stemmer: str, word: str, one: tuple[str, ...]):
    """What has the same stem without its last letters may be the singular; of English "es" rules decide."""
    assert singulars(word, stemmer) == one


def test_what_numbers_a_thing_is_often_short() -> None:
    """A query for "5D mk 2" finds the "5D Mark II"."""
    assert [singulars(one) for one in ("mk", "vol", "pt")] == [("mark",), ("volume",), ("part",)]
    assert [stem(one) for one in ("mk", "vol", "pt")] == [stem(one) for one in ("mark", "volumes", "part")]


@pytest.mark.parametrize("word", ["bus", "glass", "abs", "mp3s", "15.6", "c++", "東京", "i", "-"])
def test_what_is_no_plural_is_its_own_stem(word: str):
    """Endings that only look like it, short words, and words with digits or marks stay."""
    assert stem(word) == word


@pytest.mark.parametrize(
    ("word", "family"),
    [
        ("roofer", ("roofer", "roof")),
        ("roofers", ("roofer", "roof")),
        ("psychologist", ("psychologist", "psycholo")),
        ("pawn", ("pawn", "pawn")),
        ("дровосек", ("дровосек", "дрово")),
        ("pub", ("pub", "")),
        ("mp3s", ("mp3s", "")),
    ],
)
def test_words_of_one_family_begin_alike(word: str, family: tuple[str, str]):
    """Three fifths of a word, and four letters at least, are what others of its family share with it."""
    assert root(word) == family


def test_compounds_end_with_what_they_are():
    """Where a language writes compounds as one word, all ends of three to twelve letters behind three may be words."""
    assert heads("armbanduhr", "german") == ("banduhr", "anduhr", "nduhr", "duhr", "uhr")
    assert heads("tasch", "german") == ()
    assert max(map(len, heads("donaudampfschifffahrtsgesellschaft", "german"))) == 12
    assert heads("handtasche", "english") == heads("r2d2handtasche", "german") == ()


@pytest.mark.parametrize(
    ("word", "other", "letters"),
    [
        ("kuchenstuhl", "gartenstuhle", 7),
        ("kuchenstuhl", "stuhl", 5),
        ("kettensage", "stichsage", 4),
        ("turnschuhe", "wanderschuh", 5),
        ("stuhl", "gartenstuhl", 0),  # no compound
        ("computer", "uhr", 0),
    ],
)
def test_compounds_are_of_a_kind_by_their_end(word: str, other: str, letters: int):
    """Inflections are no difference; fewer than four letters say nothing."""
    assert shared_head(word, other, "german") == letters
    assert shared_head(word, other, "english") == 0


@pytest.mark.parametrize(
    ("word", "stemmer", "spelt"),
    [
        ("zaehlenwenn", "german", ("zahlenwenn",)),
        ("steuerpruefung", "german", ("steurprufung", "steuerprufung", "steurpruefung")),
        ("zaehlen", "english", ()),
        ("format", "german", ()),
    ],
)
def test_words_typed_without_umlauts(word: str, stemmer: str, spelt: tuple[str, ...]) -> None:
    """Each of the vowels may have been one with marks."""
    assert set(with_umlauts(word, stemmer)) == set(spelt)


@pytest.mark.parametrize(
    ("text", "rest"),
    [("1 e4 d5 2 exd5", "e4 d5 exd5"), ("1 e4", ""), ("iphone 12 pro", ""), ("2 pounder gun", ""), ("red hat", "")],
)
def test_numbers_that_count_parts(text: str, rest: str) -> None:
    """Numbers from one on count; others say something."""
    assert " ".join(uncounted(text.split())) == rest


@pytest.mark.parametrize(
    ("word", "bare"),
    [("ngc0087", "ngc87"), ("007", "7"), ("000", "0"), ("1.05", "1.05"), ("3/08", "3/08"), ("0.5", "0.5"), ("a", "a")],
)
def test_zeros_before_a_number_are_left_out(word: str, bare: str) -> None:
    """Those before a number pad it; those within it, or behind a point or stroke, are a part of it."""
    assert unpadded(word) == bare
