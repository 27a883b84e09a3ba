"""Fuzzy over the values of attributes; what it does on names is in test_arms."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query, Understanding
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.engines.embedded_text import EmbeddedText
from ltrr.retrievers.requests.requests import Best, Near, Sum
from ltrr.retrievers.strategies.fuzzy import Fuzzy, nearly


def song(name: str, artist: str, popularity: float = 1.0) -> Entity:
    """Return a song whose artist is no entity; its id is its name."""
    return Entity(name, "song", name, {"artist": {artist: 1.0}, "genre": {"rock": 0.5}}, popularity=popularity)


SONGS = (
    song("Yellow", "Coldplay"),
    song("Clocks", "Coldplay", 9.0),
    song("Thunderstruck", "AC/DC"),
    song("Numb / Encore", "JAY-Z"),
    song("Hello", "Adele"),
    song("Halo", "Beyoncé"),
    song("Humble", "Kendrick Lamar"),
    song("Songbird", "Fleetwood Mac", 99.0),
    song("Fleetwood Mac", "Nobody"),
    song("Bluebird", "Side Show"),
    song("Route 66", "Nat King Cole"),
    song("Will-o-Wisp", "Marsh"),
    song("Lantern", "Will-o-Wisp"),
)


@pytest.fixture(scope="module")
def found() -> Iterator[Callable[[str], list[str]]]:
    """Return what lists the songs that fuzzy finds for a text."""
    engine = EmbeddedText()
    engine.index(SONGS)
    arm = Fuzzy(lambda _, ids: [None for _ in ids])

    def ask(text: str) -> list[str]:
        query = typed(text)
        [hits] = asyncio.run(engine.search(list(arm.requests(query, 20).values())))
        hits = list(arm.fuse(query, {"text:fuzzy": hits}, 20))
        return [hit.object_id for hit in hits]

    yield ask
    engine.close()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("coldp", "Clocks"),
        ("cold play", "Clocks"),
        ("coldpaly yelow", "Yellow"),
        ("acdc", "Thunderstruck"),
        ("acdc thunder", "Thunderstruck"),
        ("jayz", "Numb / Encore"),
        ("kendrik lamar", "Humble"),
        ("kendrck lammar", "Humble"),
        ("adele helo", "Hello"),
        ("beyonce hal", "Halo"),
        ("blue bird", "Bluebird"),
        ("blue bir", "Bluebird"),
        ("sideshow bluebird", "Bluebird"),
        ("route66", "Route 66"),
    ],
)
def test_values_are_found_in_spite_of_spelling(found: Callable[[str], list[str]], text: str, first: str) -> None:
    """Misspelt, run together and half typed values find what carries them, with the words of its name the very one."""
    assert found(text)[0] == first


def test_a_name_comes_before_a_value(found: Callable[[str], list[str]]) -> None:
    """Whose name it is comes before what has it as a value."""
    assert found("fleetwood mac") == ["Fleetwood Mac", "Songbird"]
    assert found("willowisp") == ["Will-o-Wisp", "Lantern"]


@pytest.mark.parametrize(
    ("half", "first"), [("acc", "Account"), ("account bo", "Account Box"), ("hum", "Human"), ("pers", "Human")]
)
def test_what_is_done_with_the_word_that_is_half_typed_comes_before_its_family(half: str, first: str) -> None:
    """Of names and aliases that begin so those that are named so alone are drawn, however many and popular go on."""
    families = [
        Entity(f"{beginning}{name} {end} {at}", "icon", f"{name} {end} {at}", popularity=9.0)
        for beginning, name in (("", "Account"), ("", "Human"), ("1 ", "Person"))
        for end in ("Box", "Tie")
        for at in range(30)
    ]
    bare = [*(Entity(name, "icon", name) for name in ("Account", "Account Box")), PERSON]
    engine = EmbeddedText()
    engine.index([*families, *bare])
    [request] = Fuzzy(lambda _, ids: [None for _ in ids]).requests(typed(half), 20).values()
    [hits] = asyncio.run(engine.search([request]))
    assert hits[0].object_id == first
    engine.close()


PERSON = Entity("Human", "icon", "Human", aliases=("person",))


def test_a_number_is_no_misspelling_of_another(found: Callable[[str], list[str]]) -> None:
    """Words with digits are compared as they are."""
    assert found("route67") == []


def test_a_word_like_something_among_many_is_nothing(found: Callable[[str], list[str]]) -> None:
    """One word of several that is spelt nearly like something brings nothing; with another that is right it does."""
    assert found("brillig slithy hulo") == []
    assert found("adele hulo")[0] == "Hello"


def test_what_nearly_everything_has_is_not_asked_for(found: Callable[[str], list[str]]) -> None:
    """Neither a type nor a letter or two that values begin with bring the catalogue: "son" is in no value."""
    assert found("son") == ["Songbird"]
    assert found("co") == []


@pytest.mark.parametrize("text", ["a" * 97, "\N{CJK UNIFIED IDEOGRAPH-4E2D}" * 33, "wordless " * 12])
def test_very_long_texts_are_compared_as_they_are(text: str) -> None:
    """What lies within two edits of 256 Chinese letters takes an engine 700 MB to work out: 96 bytes have edits."""
    [request] = Fuzzy(lambda _, ids: [None for _ in ids]).requests(typed(text), 20).values()
    near = [one for best in request.clause.clauses for one in best.clauses if isinstance(one, Near)]
    assert max(len(one.value.encode()) for one in near) > 96
    assert all(len(one.value.encode()) <= 96 for one in near if one.edits)


def typed(text: str) -> Query:
    """Return the query of a text."""
    return Query(text, normalise(text), tokenise(text), 1_700_000_000.0, 1)


def test_descriptions_are_asked_for_words_as_they_are_known():
    """What is misspelt or half typed may be a word of a description; a word that is known is asked for as it is.

    One that is not may be of a family with others that begin as it does, and two may stand as one word there.
    """

    def understood(known: Sequence[str]) -> Understanding:
        return Understanding(frequencies=dict.fromkeys(known, 1), catalogue_size=10)

    def asked(text: str, *known: str) -> list[Near]:
        clause = nearly(replace(typed(text), understanding=understood(known)))
        assert isinstance(clause, Sum)
        choices = chain.from_iterable(one.clauses for one in clause.clauses if isinstance(one, Best))
        return [one for one in choices if isinstance(one, Near) and one.field == "description"]

    misspelt, half = asked("expresions regu", "mine"), asked("expresions regu", "expresions")
    joined = [("expresionsregu", 0, False), ("expresionsregu", 0, True)]
    assert [(one.value, one.edits, one.prefix) for one in misspelt] == [
        ("expres", 0, True),
        ("expresions", 1, False),
        ("regu", 0, True),
        ("regu", 1, False),
        ("regu", 0, True),
        *joined,
    ]
    exact = [("expresions", 0, False), ("expresion", 0, False), ("expres", 0, False)]
    assert [(one.value, one.edits, one.prefix) for one in half[:3]] == exact
    assert half[3:] == misspelt[2:]
    both = asked("expresions regu", "expresions", "regu")
    assert [(one.value, one.edits, one.prefix) for one in both] == [*exact, ("regu", 0, False), *joined]


def test_neighbours_may_be_misspelt_as_one_word() -> None:
    """A first word half typed is a slip in one that the catalogue has of both: "prin partner", "PrintPartner"."""

    def asked(*known: str) -> set[tuple[str, int]]:
        understanding = Understanding(frequencies=dict.fromkeys(known, 1), catalogue_size=10)
        clause = nearly(replace(typed("prin partner"), understanding=understanding))
        assert isinstance(clause, Sum)
        choices = clause.clauses[-1]
        assert isinstance(choices, Best)
        near = (one for one in choices.clauses if isinstance(one, Near) and one.edits)
        return {(one.field, one.edits) for one in near if one.value == "prinpartner"}

    assert asked("partner") == {("name", 1), ("aliases", 1), ("values", 1)}
    assert asked("prin", "partner") == set()


def test_a_small_word_alone_is_not_found():
    """Who types "fleetwood and mac" does not mean what has the "and" alone; who types small words alone means them."""

    def shares(text: str) -> dict[str, float]:
        clause = nearly(typed(text))
        assert isinstance(clause, Sum)
        choices = chain.from_iterable(one.clauses for one in clause.clauses if isinstance(one, Best))
        exact = [
            one for one in choices if isinstance(one, Near) and (one.field, one.edits, one.prefix) == ("name", 0, False)
        ]
        return {one.value: round(one.weight, 3) for one in exact if one.value in text.split()}

    assert shares("lilo and stitch") == {"lilo": 0.394, "and": 0.015, "stitch": 0.591}
    assert shares("the who") == {"the": 0.5, "who": 0.5}


def test_an_alias_comes_before_a_value() -> None:
    """What is called "LA" is meant by that before whatever is in a place of that code, however many are."""
    cities = [
        *(Entity(f"c{n}", "city", f"City {n}", {"state": {"LA": 1.0}}, popularity=9.0) for n in range(30)),
        Entity("los angeles", "city", "Los Angeles", {"state": {"CA": 1.0}}, aliases=("LA",), popularity=9.0),
    ]
    engine = EmbeddedText()
    engine.index(cities)
    [hits] = asyncio.run(
        engine.search(list(Fuzzy(lambda _, ids: [None for _ in ids]).requests(typed("la"), 5).values()))
    )
    engine.close()
    assert hits[0].object_id == "los angeles"


def test_words_of_descriptions_are_found() -> None:
    """What has all words in its description comes before what has one of them in its name."""
    things = [
        Entity("meant", "package", "libfoo", description="a quick library that reads gif images"),
        *(Entity(f"n{n}", "package", f"quick {n}") for n in range(3)),
        *(Entity(f"o{n}", "package", f"thing {n}", description="does other things") for n in range(20)),
    ]
    query = replace(
        typed("quick gif images"),
        understanding=Understanding(frequencies={"quick": 4, "gif": 1, "images": 1}, catalogue_size=len(things)),
    )
    engine = EmbeddedText()
    engine.index(things)
    [hits] = asyncio.run(engine.search(list(Fuzzy(lambda _, ids: [None for _ in ids]).requests(query, 5).values())))
    engine.close()
    assert hits[0].object_id == "meant"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("f4", {"F401", "F402"}),
        ("f40", {"F401", "F402"}),
        ("plr", {"PLR0913"}),
        ("0913", {"PLR0913"}),
        ("r0913", {"PLR0913"}),
        ("9", set()),
        ("p", set()),
    ],
)
def test_ids_are_found_by_both_ends(text: str, ids: set[str]) -> None:
    """An id is found half typed from two signs on, and by what it ends with."""
    rules = [Entity(one, "rule", f"rule {one[-1]}") for one in ("F401", "F402", "E402", "PLR0913", "D100")]
    engine = EmbeddedText()
    engine.index(rules)
    [hits] = asyncio.run(
        engine.search(list(Fuzzy(lambda _, ids: [None for _ in ids]).requests(typed(text), 5).values()))
    )
    engine.close()
    assert {hit.object_id for hit in hits} == ids


def test_a_code_is_found_by_one_that_goes_on_as_it_ends() -> None:
    """Of letters and a digit: its number alone is in too much."""
    parts = [Entity(one, "part", one) for one in ("PN2222A", "SN2222", "BC547")]
    engine = EmbeddedText()
    engine.index(parts)
    strategy = Fuzzy(lambda _, ids: [None for _ in ids])
    found = [list(strategy.requests(typed(text), 5).values()) for text in ("2n2222", "3x2222", "2n9999")]
    hits = [[hit.object_id for hit in one] for asked in found for one in asyncio.run(engine.search(asked))]
    engine.close()
    assert hits == [["PN2222A", "SN2222"], [], []]


def test_a_word_as_it_is_typed_comes_before_its_singular() -> None:
    """A name that has the word itself is meant before one that has it without its ending, however popular."""
    functions = [
        Entity("one", "function", "Function AVERAGEIF", popularity=2.0),
        Entity("many", "function", "Function AVERAGEIFS", popularity=2.0),
        *(Entity(f"f{n}", "function", f"Function {n}") for n in range(9)),
    ]
    engine = EmbeddedText()
    engine.index(functions)
    strategy = Fuzzy(lambda _, ids: [None for _ in ids])
    [hits] = asyncio.run(engine.search(list(strategy.requests(typed("averageifs"), 5).values())))
    engine.close()
    assert [hit.object_id for hit in hits][:2] == ["many", "one"]
    assert hits[0].score > hits[1].score


def hits_of(text: str, entities: Sequence[Entity], **frequencies: int) -> list[str]:
    """Return the ids of what fuzzy finds, best first. frequencies: of the words that the catalogue has."""
    understanding = Understanding(frequencies=frequencies, catalogue_size=len(entities))
    engine = EmbeddedText()
    engine.index(entities)
    [request] = (
        Fuzzy(lambda _, ids: [None for _ in ids])
        .requests(replace(typed(text), understanding=understanding), 20)
        .values()
    )
    [hits] = asyncio.run(engine.search([request]))
    engine.close()
    return [hit.object_id for hit in hits]


def test_a_word_of_a_well_known_name_comes_before_what_begins_so() -> None:
    """Where few know that; of what nobody knows comes first what begins so."""
    names = ("Depeche Mode", 282.0), ("Modeselektor", 6.0), ("Moderat", 1.0), ("Mode", 2.0)
    bands = [Entity(name, "artist", name, popularity=popularity) for name, popularity in names]
    assert hits_of("mode", bands, mode=2)[:3] == ["Mode", "Depeche Mode", "Modeselektor"]
    unknown = [replace(one, popularity=0.0) for one in bands[:2]]
    assert hits_of("mode", unknown, mode=1)[0] == "Modeselektor"


def test_a_name_but_for_its_article_comes_before_what_begins_so() -> None:
    """But behind the name itself, however few know it."""
    names = ("The Who", 90.0), ("WHOURKR", 1.0), ("Who", 0.0), ("Who Made Who", 5.0), ("Die Who", 0.0)
    bands = [Entity(name, "artist", name, popularity=popularity) for name, popularity in names]
    assert hits_of("who", bands, who=4)[:3] == ["Who", "The Who", "Die Who"]


def test_one_word_is_found_where_descriptions_have_two() -> None:
    """Where they stand side by side; so no page of "backdoor" is empty."""
    flaws = [
        Entity("meant", "flaw", "Debug Code", description="it leaves back doors open"),
        Entity("other", "flaw", "Other Code", description="a door, and later back"),
    ]
    assert hits_of("backdoor", flaws, code=2) == ["meant"]
