"""What a catalogue is about."""

from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise
from ltrr.retrievers.understanding.dictionary import Dictionary
from ltrr.retrievers.understanding.overview import Overview

LAMPS = [
    Entity(
        f"lamp-{n}",
        "lamp",
        f"{name} lamp",
        {"room": {"kitchen": 1.0} if n % 2 else {"cellar": 1.0}, "code": {f"c{n}": 1.0}, "all": {"lamps": 1.0}},
        popularity=popularity,
    )
    for n, (name, popularity) in enumerate(
        [("Harbour", 9.0), ("Meadow", 8.0), ("Cloud", 7.0), ("Bell", 6.0), ("Rust", 1.0)]
    )
]


LIBRARIES = ("Coils", "Diodes", "Fuses", "Glue", "Hubs", "Ink", "Jacks", "Keys", "Lugs", "Mats")


def of(entities: list[Entity]) -> Overview:
    """Return the overview of a catalogue."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(entities), entities)
    outline = dictionary.outline("default")
    cards = {one.object_id: one for one in entities}
    carriers = {
        (name, value): one
        for name, value in outline.values
        for one in entities
        if value in map(normalise, one.attributes.get(name, ()))
    }
    return outline.overview([cards[object_id] for object_id in outline.named], carriers)


def test_examples_are_popular_names_and_shared_values():
    """The most popular names, and values that several entities share but not all."""
    found = of(LAMPS)
    assert found.entities == 5
    assert found.examples == ("Harbour lamp", "kitchen", "Meadow lamp", "Cloud lamp", "Bell lamp")
    more = of([*LAMPS, Entity("lamp-6", "lamp", "Lantern lamp")])
    assert more.examples == ("Harbour lamp", "cellar", "Meadow lamp", "kitchen", "Cloud lamp", "Bell lamp")


def test_type_that_all_have_is_told():
    """Where all entities have one type it tells nothing apart; where they do not, it narrows down before all others."""
    assert of(LAMPS).type == "lamp"
    two = of([*LAMPS, Entity("shade-1", "shade", "Red shade")])
    assert (two.type, two.counted) == (None, ("type", "room"))
    assert "type" not in two.shown


def test_attributes_are_told_apart():
    """Those that most entities have stand first, what all have alike and what differs everywhere last: no filters."""
    found = of(LAMPS)
    assert found.shown == ("room", "all", "code")
    assert found.counted == ("room",)


def test_sentences_narrow_nothing_down():
    """What an attribute mostly tells at length, for its script, is shown, and neither chosen from nor asked for."""
    told = "成语比喻痛苦极深的境地也比喻黑暗的社会和严酷的牢狱"
    idioms = [
        Entity(f"i{n}", "idiom", f"成语{n}", {"注": {f"{told}{n // 2}": 1.0}, "类": {"比喻" if n % 2 else "来源": 1.0}})
        for n in range(12)
    ]
    found = of(idioms)
    assert set(found.shown) == {"注", "类"}
    assert found.counted == ("类",)


def test_what_lies_deep_and_what_all_have_comes_behind():
    """Many values of each entity say no more than one; values that all have narrow nothing down, and are no example."""
    chairs = [
        Entity(
            f"chair-{n}",
            "item",
            f"Chair {n}",
            {
                "parts.colours": {f"colour {k}": 1.0 for k in range(6 - n % 2)},
                "room": {"kitchen": 1.0} if n % 2 else {"cellar": 1.0},
                "prices.currency": {"EUR": 1.0, "USD": 1.0},
                "sold": {"true": 1.0} if n % 3 else {"false": 1.0},
            },
        )
        for n in range(20)
    ]
    found = of(chairs)
    assert found.shown == ("room", "sold", "parts.colours", "prices.currency")
    assert found.counted == ("room", "sold", "parts.colours")
    assert not {"true", "false", "EUR", "eur"} & set(found.examples)


def test_examples_are_written_as_in_the_catalogue():
    """Folded they are compared; shown they have their capitals and accents, names and values alike."""
    rooms = [
        Entity(f"r{n}", "lamp", f"Überlicht {'ABCDEFGH'[n]}", {"ort": {("Küche", "Keller")[n % 2]: 1.0}})
        for n in range(8)
    ]
    found = of(rooms)
    assert {"Küche", "Keller"} < set(found.examples)
    assert all(name.startswith("Überlicht") for name in found.examples if name not in {"Küche", "Keller"})


def test_contacts_and_addresses_are_no_examples():
    """Nobody types them: an attribute of contacts narrows nothing down, and addresses as names are left out."""
    mails = ("ann@shop.example", "ben@shop.example")
    held = [
        Entity(
            f"p{n}",
            "package",
            f"http://shop.example/{n}" if n < 4 else f"Package {n}",
            {
                "author_email": {mails[n % 2]: 1.0},
                "maintainer": {("annm", "benm")[n % 2]: 1.0},
                "manual": {f"https://shop.example/{n % 2}.pdf": 1.0},
                "kind": {"perl": 1.0},
            },
        )
        for n in range(8)
    ]
    found = of([*held, Entity("q", "package", "Other", {"kind": {"rust": 1.0}})])
    assert found.counted == ("kind",)
    assert {"author_email", "maintainer", "manual"} <= set(found.shown)
    assert not any("@" in text or "://" in text or text in {"annm", "benm"} for text in found.examples)
    assert "Package 5" in found.examples


def test_examples_are_what_a_person_would_type():
    """Letters, at least three: no marks, no sentences, nothing that one in five have."""
    parts = [
        Entity(
            f"p{n}",
            "part",
            f"Relay {'ABCDEFGHIJKLMNOPQRSTUVWXYZabcd'[n]}",
            {
                "reference": {("J", "CA", "U")[n % 3] if n % 2 else f"K{n}": 1.0},
                "filter": {f"SOT?{n // 2}*": 1.0},
                "fix": {f"Fix {n // 3} is available.": 1.0},
                "since": {f"6.0.0-beta{n // 3}": 1.0},
                "often": {("Always", "Sometimes")[n % 2]: 1.0},
                "library": {LIBRARIES[n // 3]: 1.0},
            },
        )
        for n in range(30)
    ]
    found = of(parts)
    names = {one.name for one in parts}
    assert {"Coils", "Diodes", "Fuses"} == set(found.examples) - names


def test_keywords_in_a_row_narrow_nothing_down():
    """Many values of several words, which few entities share, are no choices; one word of each is, however many."""
    parts = [
        Entity(
            f"p{n}",
            "part",
            f"Part {n}",
            {"keywords": {f"linear regulator fixed {n // 4}": 1.0}, "library": {f"Library {n // 4}": 1.0}},
        )
        for n in range(240)
    ]
    assert of(parts).counted == ("library",)


def test_many_values_that_few_share_narrow_nothing_down():
    """Versions are no choices: more than can be looked through, each of some two entities."""
    tools = [
        Entity(f"t{n}", "tool", f"Tool {n}", {"version": {f"1.{n // 2}": 1.0}, "team": {f"Team {n // 4}": 1.0}})
        for n in range(240)
    ]
    assert of(tools).counted == ("team",)


def test_nothing_is_known_of_nothing():
    """An empty catalogue has no examples; one of long names alone has none that are names."""
    assert of([]) == Overview(0)
    long = [Entity("a", "lamp", "the very long name of a lamp that nobody would ever type")]
    assert of(long).examples == ()


def test_what_has_left_is_no_example():
    """The overview follows the catalogue."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(LAMPS), LAMPS)
    dictionary.replace(LAMPS[:1], [None])
    assert "lamp-0" not in dictionary.outline("default").named
