"""Which words say of which group a thing is."""

from dataclasses import replace

from ltrr.models.records.entity import Entity
from ltrr.models.text import ENGLISH
from ltrr.retrievers.understanding.dictionary import Dictionary
from ltrr.retrievers.understanding.slots import Groups, candidates, groups
from ltrr.retrievers.understanding.synonyms import Synonyms
from tests.retrievers.phrases.catalogues import held

MAKES = ("Canon", "Nikon", "Sony", "Sigma", "Zeiss")
LENSES = [Entity(f"{make}{n}", "item", f"{n} mm lens", {"brand": {make: 1.0}}) for make in MAKES for n in range(20, 40)]
PRINTERS = [Entity(f"{make}{n}", "item", f"{make} Jet {n}") for make in MAKES for n in range(20, 60)]
PEOPLE = [Entity(f"{n}", "item", f"John{n % 40} Smith{n}") for n in range(200)]


def found(entities: list[Entity], text: str) -> Groups:
    """Return what is found in a query."""
    phrases, tokens = held(*entities), tuple(text.split())
    return groups(phrases, tokens, candidates(phrases, tokens, ENGLISH), ENGLISH)


def test_a_value_of_an_attribute_of_few_values_is_a_group():
    """And so is what many names begin with, where few words begin them; a word of names is none."""
    assert found(LENSES, "canon wide lens")[:3] == (("canon",), ("wide", "lens"), ())
    assert found(PRINTERS, "canon label jet")[:3] == (("canon",), ("label", "jet"), ())


def test_what_names_begin_with_is_their_head():
    """It says as much as other groups that are asked for beside it, but for types: of what a make has none, its own."""
    kinds = ("inkjet", "laser", "matrix", "thermal")
    printers = [
        Entity(f"{make}{n}", "item", f"{make} Jet {n}", {"kind": {kinds[n % (3 if make == "Zeiss" else 4)]: 1.0}})
        for make in MAKES
        for n in range(20, 60)
    ]
    assert found(printers, "zeiss thermal").heads == ("zeiss",)
    dictionary = Dictionary()
    dictionary.replace([None] * len(printers), printers)
    understanding = dictionary.understand("zeiss thermal", "default")
    assert understanding.groups == ("zeiss", "thermal")
    head, kind = understanding.rarities(["zeiss", "thermal"])
    assert head >= kind
    rarer = replace(understanding, frequencies={"zeiss": 40, "thermal": 2})
    assert len(set(rarer.rarities(["zeiss", "thermal"]))) == 1
    head, kind = replace(rarer, types=("thermal",)).rarities(["zeiss", "thermal"])
    assert head < kind


def test_the_first_word_of_a_value_stands_for_it():
    """Nobody types "corporation"; a word behind it, or one that is said otherwise, stands for nothing."""
    cards = [
        Entity(f"{make}{n}", "item", f"{n} port card", {"vendor": {f"{make} Corporation": 1.0}})
        for make in MAKES
        for n in range(20, 40)
    ]
    assert found(cards, "canon wide card")[:3] == (("canon",), ("wide", "card"), ())
    assert found(cards, "corporation wide card")[:3] == ((), (), ())
    said = [Entity(f"s{n}", "item", f"canon {n}", {"vendor": {"Bell": 1.0}}) for n in range(100)]
    assert "canon" not in found([*cards, *said], "canon wide card")[0]


def test_the_first_word_of_several_values_stands_for_none():
    """As long as most that begin so are others: "new" is no country."""
    names = ("New Zealand", "New York", "New Jersey", "Newark", "Oslo")
    places = [Entity(f"{n}", "place", f"{n} harbour", {"region": {name: 1.0}}) for name in names for n in range(20, 40)]
    assert found(places, "new ferry")[:3] == ((), (), ())
    assert found(places, "oslo ferry")[:3] == (("oslo",), ("ferry",), ())


def test_a_value_in_another_form_is_a_group():
    """Who asks for comedies means what has the value "Comedy", of one word or the last of several."""
    genres = ("Comedy", "Drama", "Romantic Comedy", "Western")
    films = [Entity(f"{genre}{n}", "item", f"film {n}", {"genre": {genre: 1.0}}) for genre in genres for n in range(30)]
    assert found(films, "comedies ferry")[:3] == (("comedies",), ("ferry",), ())
    assert found(films, "romantic comedies")[0] == ("romantic", "comedies")


def test_names_of_people_begin_with_no_group():
    """There are too many of them; and what is in no group has nothing beside it."""
    assert found(PEOPLE, "john7 smith")[:3] == ((), (), ())


def test_what_nearly_all_have_and_what_is_said_otherwise_is_no_group():
    """A value of half a catalogue tells little, and a word of many descriptions is no value in the first place."""
    halves = [Entity(f"{n}", "item", f"thing {n}", {"state": {("new", "used")[n % 2]: 1.0}}) for n in range(100)]
    assert found(halves, "used bike")[:3] == ((), (), ())
    said = [Entity(f"s{n}", "item", f"other {n}", description="made by canon for canon") for n in range(100)]
    assert found([*LENSES, *said], "canon bike")[:3] == ((), (), ())


def test_a_word_of_no_telling_is_no_group():
    """India is "in", and nobody means it in "hotel in berlin"."""
    towns = [
        Entity(f"{n}", "item", f"town {n}", {"country": {("IN", "US", "FR", "BR", "CN")[n % 5]: 1.0}})
        for n in range(100)
    ]
    assert found(towns, "hotel in berlin")[:3] == ((), (), ())


def test_groups_are_a_part_of_what_is_understood():
    """They follow the catalogue, and say at least as much as the words beside them."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(LENSES), LENSES)
    understanding = dictionary.understand("canon wide angle", "default")
    assert (understanding.groups, understanding.loose) == (("canon",), ("wide", "angle"))
    canon, *others = understanding.rarities(["canon", "wide", "angle"])
    assert canon >= sum(others)
    dictionary.replace(LENSES, [None] * len(LENSES))
    assert dictionary.understand("canon wide angle", "default").groups == ()


KINDS = ("hop", "malt", "beer style")
BREWING = [
    Entity(f"{kind}{n}", kind, f"thing {n}", {"origin": {("Belgium", "Japan")[n % 2]: 1.0}}, "brewed of hop and malt")
    for kind in KINDS
    for n in range(20)
]


def test_a_type_is_a_group():
    """In the plural, too, and however many descriptions say it; what is of one type alone has none."""
    assert found(BREWING, "japanese hop").types == ("hop",)
    assert found(BREWING, "hops from nowhere")[:3] == (("hops",), ("nowhere",), ("hops",))
    assert found(BREWING, "dark beer styles").types == ("beer", "styles")
    assert found(LENSES, "wide item")[:3] == ((), (), ())


def test_a_word_of_the_family_of_a_value_stands_for_it():
    """Where the attribute has few values, and the word is none; so things are found that nobody calls so."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(BREWING), BREWING)
    for word, value in (("belgian", "belgium"), ("japanese", "japan")):
        reading, *_ = dictionary.understand(f"{word} hops", "default").interpretations
        assert ("origin", value) in {(slot.category, slot.value) for slot in reading.slots}
    assert not any("origin" in str(one) for one in dictionary.understand("belfry", "default").interpretations)
    named = [Entity(f"{n}", "item", f"Thing {n}", {"note": {f"Japan{n}": 1.0}}) for n in range(20)]
    phrases = held(*named)
    assert not any(one.match == "kin" for one in candidates(phrases, ("japanese",), ENGLISH))


def test_a_whole_name_says_as_much_as_loose_words():
    """Of several words; other words of the query are in names and descriptions of other things."""
    others = [Entity(f"{n}", "job", f"Inspector {n}", description="part time") for n in range(20)]
    jobs = [*others, Entity("meant", "job", "Transportation Inspector")]
    dictionary = Dictionary()
    dictionary.replace([None] * len(jobs), jobs)
    understanding = dictionary.understand("seasonal hours transportation inspector", "default")
    assert (understanding.named, understanding.loose) == (("transportation", "inspector"), ("seasonal", "hours"))
    *loose, first, second = understanding.rarities(["seasonal", "hours", "transportation", "inspector"])
    assert first + second >= sum(loose)
    assert dictionary.understand("seasonal inspector", "default").named == ()


def test_a_word_is_as_common_as_its_most_common_form():
    """What has "job" is found by "jobs", however few say that."""
    dictionary = Dictionary()
    said = [Entity(f"{n}", "item", f"thing {n}", description="a job") for n in range(20)]
    said.append(Entity("s", "item", "other", description="jobs"))
    dictionary.replace([None] * len(said), said)
    assert dictionary.understand("jobs thing", "default").frequencies["jobs"] == 20


def test_a_word_of_more_names_than_have_it_for_a_value_is_of_names():
    """But for a value of few, by which people ask; and what is no value at all."""
    born = [
        Entity(f"p{n}", "player", f"Al{n} {'Hamilton' if n % 40 < 3 else 'Smith'}", {"city": {city: 1.0}})
        for n, city in enumerate(f"Town{n % 97}" if n > 1 else "Hamilton" for n in range(200))
    ]
    dictionary = Dictionary()
    dictionary.replace([None] * len(born), born)
    assert dictionary.understand("hamilton", "default").of_names
    assert not any(dictionary.understand(one, "default").of_names for one in ("town5", "smith", "al0 hamilton"))
    made = [Entity(f"c{n}", "lens", f"Canon lens {n}", {"brand": {"Canon": 1.0}}) for n in range(30)]
    dictionary.replace([None] * (len(made) + len(LENSES)), [*made, *LENSES])
    assert not dictionary.understand("canon", "default").of_names


def test_a_number_is_a_slip_of_no_other():
    """A code that is an id must not read as another one's value; letters may be mistyped."""
    phrases = held(Entity("054022", "town", "Fondi", {"code": {"04022": 1.0}}))
    assert candidates(phrases, ("054022",), ENGLISH) == []
    assert candidates(phrases, ("fondii",), ENGLISH)


def test_a_word_that_values_have_is_literal():
    """And in other languages what begins a name, or is in one beside another form; a word of one value is not."""
    players = [Entity(f"p{n}", "player", f"Jim{n} Ray", {"team": {"Tampa Bay Rays": 1.0}}) for n in range(3)]
    dictionary = Dictionary()
    dictionary.replace([None] * len(players), players)
    assert dictionary.understand("rays jim", "default").literal == {"rays"}
    assert not dictionary.understand("jims", "default").literal
    towns = [Entity("a", "town", "Rocca Pia"), Entity("b", "town", "Roccavione")]
    italian = Dictionary(synonyms=Synonyms(stemmer="italian"))
    italian.replace([None] * len(towns), towns)
    assert italian.understand("roccavi", "default").literal == {"roccavi"}


def test_a_plural_of_which_there_is_no_singular_is_literal():
    """It is asked for as it is typed, and not for half."""
    dictionary = Dictionary()
    shop = [Entity("d", "item", "Glazed donuts"), Entity("c", "item", "Cup"), Entity("s", "item", "Set of cups")]
    dictionary.replace([None] * len(shop), shop)
    assert dictionary.understand("glazed donuts and cups", "default").literal == {"donuts"}


def test_names_that_many_share_count_for_each():
    """Of a name of several words, too: its words are as common as what is called so."""
    dictionary = Dictionary()
    shop = [Entity(f"w{n}", "item", "Grapes white") for n in range(12)] + [Entity("o", "item", "White bread")]
    dictionary.replace([None] * len(shop), shop)
    assert dictionary.understand("white deodorant", "default").frequencies["white"] == 13
