"""Folding text: what people type and what a catalogue holds meet in one form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltrr.models.text import normalise, tokenise


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
        ("東京 カ\u3099", "東京 ガ"),
        ("הַבָּה", "הַבָּה"),
        ("😀", "😀"),
        ("love 😀", "love"),
        ("", ""),
        (" \t\n", ""),
    ],
)
def test_known_texts(text: str, normalised: str):
    """Case, diacritics, ligatures and punctuation go; other scripts' marks and names of punctuation stay."""
    assert normalise(text) == normalised


@given(st.text(max_size=12))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_folding_twice_is_folding_once(text: str):
    """What is normalised stays as it is, without space at the ends or two in a row; tokens are its words."""
    once = normalise(text)
    assert normalise(once) == once
    assert " ".join(once.split()) == once
    assert tokenise(text) == tuple(once.split())
