"""What is wanted of a thing is left out in one more way to say the query, where the catalogue has that thing."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise
from ltrr.retrievers.understanding.dictionary import Dictionary
from ltrr.retrievers.understanding.subjects import subject
from tests.retrievers.phrases.catalogues import held

PAGES = (
    Entity("1", "page", "F.16. hstore"),
    Entity("2", "page", "EXPLAIN"),
    Entity("3", "page", "Learning Ruby"),
    Entity("4", "page", "Ruby"),
    Entity("5", "page", "Style Guide"),
    Entity("6", "page", "Silbentrennung"),
    Entity("8", "word", "度胸"),
    Entity("9", "word", "読み方"),
    Entity("10", "word", "人工智能"),
    Entity("11", "word", "사과"),
    Entity("7", "opening", "Sicilian", {"moves": {"1.e4 c5": 1.0}}),
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("hstore documentation", "hstore"),
        ("meaning of hstore", "hstore"),
        ("was bedeutet Silbentrennung", "silbentrennung"),
        ("Bedeutung von Silbentrennung", "silbentrennung"),
        ("que significa hstore", "hstore"),
        ("hstore kelimesinin anlamı nedir", "hstore"),
        ("hstore ne demek", "hstore"),
        ("hstore ne", "hstore ne"),
        ("度胸 読み方", "度胸"),
        ("度胸とは何ですか", "度胸"),
        ("度胸って何", "度胸"),
        ("度胸の意味", "度胸"),
        ("読み方", "読 み 方"),
        ("什么是人工智能", "人工智能"),
        ("人工智能是什么意思", "人工智能"),
        ("機械是什麼", "機械是什麼"),
        ("사과가 뭐야", "사과"),
        ("사과 뜻", "사과"),
        ("docs hstore", "hstore"),
        ("any docs on hstore", "hstore"),
        ("simple hstore example", "hstore"),
        ("how to install the hstore", "hstore"),
        ("latest version of hstore", "hstore"),
        ("is hstore available", "hstore"),
        ("open source hstore program", "hstore"),
        ("use hstore from command line", "hstore"),
        ("hstore is not working", "hstore"),
        ("explain documentation", "explain"),
        ("explain", "explain"),
        ("Silbentrennung einfach erklärt", "silbentrennung"),
        ("Hilfe zur Silbentrennung", "silbentrennung"),
        ("wie geht Silbentrennung", "silbentrennung"),
        ("Silbentrennung funktioniert nicht", "silbentrennung"),
        ("qu'est-ce que hstore", "hstore"),
        ("comment utiliser hstore", "hstore"),
        ("cómo instalar hstore", "hstore"),
        ("cos'è hstore", "hstore"),
        ("o que é hstore", "hstore"),
        ("hstore werkt niet", "hstore"),
        ("что такое hstore", "hstore"),
        ("как установить hstore", "hstore"),
        ("hstore не работает", "hstore"),
        ("vad är hstore", "hstore"),
        ("hvordan bruger jeg hstore", "hstore"),
        ("mikä on hstore", "hstore"),
        ("co to jest hstore", "hstore"),
        ("co je to hstore", "hstore"),
        ("mi az a hstore", "hstore"),
        ("ce este hstore", "hstore"),
        ("hstore nedir", "hstore"),
        ("τι είναι hstore", "hstore"),
        ("apa itu hstore", "hstore"),
        ("learning ruby", "learning ruby"),  # a name
        ("learning ruby tutorial", "learning ruby"),
        ("style guide", "style guide"),
        ("resize pictures tutorial", "resize pictures tutorial"),  # nothing is called so
        ("how to use", "how to use"),
        ("which opening has ruby and 1.e4 c5", "which opening has ruby and 1 e4 c5"),
        ("which opening starts with 1.e4 c5", "1 e4 c5"),  # a value of several words that a question ends with
        ("welche Eröffnung beginnt mit 1.e4 c5", "1 e4 c5"),
        ("opening with 1.e4 c5", "opening with 1 e4 c5"),
        ("which page is about ruby", "which page is about ruby"),  # one word says less
    ],
)
def test_what_is_wanted_is_left_out(typed: str, read: str) -> None:
    """Words of that kind stay where a name has them beside the thing, and where nothing is called like the thing."""
    assert " ".join(subject(held(*PAGES), normalise(typed).split(), "english")) == read


def test_it_is_another_way_to_say_the_query() -> None:
    """The typed one comes first, since these words may be meant, and the thing is what is understood."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(PAGES), PAGES)
    understood = dictionary.understand("hstore tutorial", "default")
    assert understood.ways == (("hstore", "tutorial"), ("hstore",))
    assert understood.respaced == ("hstore",)
