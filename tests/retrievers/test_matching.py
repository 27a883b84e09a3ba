"""How far words match: whole, half typed, misspelt, split and joined."""

from dataclasses import replace

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Interpretation, Query, Slot, Understanding
from ltrr.models.text import ENGLISH, normalise, tokenise
from ltrr.retrievers.matching.features import match_features

THUNDER = Entity("t", "song", "Thunderstruck", attributes={"artist": {"AC/DC": 1.0}, "genre": {"hard rock": 1.0}})
HELLO = Entity("h", "song", "Hello", attributes={"artist": {"Adele": 1.0}}, description="a ballad about regret")
ROCK = Entity("r", "song", "We Will Rock You", attributes={"artist": {"Queen": 1.0}}, aliases=("WWRY",))


def matched(text: str, *cards: Entity, stemmer: str = ENGLISH, **frequencies: int) -> dict[str, dict[str, float]]:
    """Return the features of a query, in a catalogue of a thousand. frequencies: word -> entities that have it."""
    normalised = normalise(text)
    understanding = Understanding(catalogue_size=1_000, frequencies=frequencies, stemmer=stemmer)
    query = Query(text, normalised, tokenise(text), 0.0, 0, understanding=understanding)
    return match_features(query, {card.object_id: card for card in cards})


def test_what_has_no_words_matches_nothing():
    """A name that is blank is no name; the search goes on."""
    features = matched("hello adele", Entity("b", "x", " \u3000"), HELLO)
    assert {name: values["b"] for name, values in features.items()} == dict.fromkeys(features, 0.0)


def test_all_words_are_more_than_some():
    """A query of title and artist is wholly in its song and in part in others; the whole title is in the query."""
    features = matched("hello adele", HELLO, ROCK, THUNDER)
    assert features["match.words"] == {"h": 1.0, "r": 0.0, "t": 0.0}
    assert features["match.name"] == {"h": 1.0, "r": 0.0, "t": 0.0}
    assert features["match.whole"] == {"h": 0.9, "r": 0.0, "t": 0.0}  # a name beside a value of the same


def test_what_has_the_query_for_its_values_has_it_as_a_whole():
    """As what is called so has; what is told to make such a thing, or has one of them in a longer value, has not."""
    goblin = Entity("g", "card", "Raider", attributes={"colour": {"Red": 1.0}, "kind": {"Goblin": 1.0}})
    maker = Entity("m", "card", "Slide", description="makes a red goblin", attributes={"colour": {"Red": 1.0}})
    longer = Entity("l", "card", "Set", attributes={"colour": {"Red": 1.0}, "set": {"Elves and Goblins": 1.0}})
    for text in ("red goblin", "red goblins", "the red goblin"):
        found = matched(text, goblin, maker, longer)
        assert found["match.field"]["g"] > max(found["match.field"]["m"], found["match.field"]["l"]), text
        assert found["match.shingles"]["g"] > max(0.9, found["match.shingles"]["l"]), text
    assert matched("red dragon goblin", goblin)["match.field"]["g"] < 0.5
    assert matched("goblin", goblin)["match.shingles"]["g"] == 0.0


def test_what_is_typed_with_its_own_marks_comes_first():
    """Marks may be all that tells words apart; without them both say the same, and a word with none is as it is."""
    gate, sewer, both = (Entity(name, "place", name) for name in ("Cổng", "Cống", "Cống Cổng"))
    assert matched("cống", gate, sewer)["match.words"] == pytest.approx({"Cổng": 0.95, "Cống": 1.0})
    assert matched("cổng", gate, sewer)["match.words"] == pytest.approx({"Cổng": 1.0, "Cống": 0.95})
    assert matched("cong", gate, sewer)["match.words"] == {"Cổng": 1.0, "Cống": 1.0}
    assert matched("cống", both)["match.words"] == {"Cống Cổng": 1.0}


def test_what_is_typed_in_its_own_kana_comes_first():
    """Both kana say the same, for a twentieth less in the other one; what has it in both has all of it."""
    hotel, hot = Entity("hotel", "word", "ホテル"), Entity("hot", "word", "火照る", aliases=("ほてる",))
    both = Entity("both", "word", "ほてる", aliases=("ホテル",))
    katakana, hiragana = (matched(text, hotel, hot, both)["match.words"] for text in ("ホテル", "ほてる"))
    assert katakana == pytest.approx({"hotel": 1.0, "hot": 0.95, "both": 1.0})
    assert hiragana == pytest.approx({"hotel": 0.95, "hot": 1.0, "both": 1.0})


def test_ideographs_that_stand_together_nowhere_are_known_apart():
    """A black dog is a dog in some part, and a cat in none."""
    assert matched("黒犬", Entity("d", "word", "犬"), Entity("c", "word", "猫"))["match.words"] == {"d": 0.25, "c": 0.0}


@pytest.mark.parametrize("text", ["we will rock you", "wwry", "We will... Rock you!"])
def test_a_whole_name_is_told(text: str):
    """The name, or an alias, in whatever writing, is the query itself."""
    assert matched(text, ROCK)["match.whole"] == {"r": 1.0}


def test_a_name_that_is_nearly_the_query_is_told():
    """By how much of both is alike, whatever the spaces: half typed or misspelt, not with another number."""
    short, long, coded = Entity("s", "x", "Bulbasaur"), Entity("l", "x", "Bulbasaur Candy"), Entity("c", "x", "TN-2420")
    whole = matched("bulbasaurr", short, long, coded)["match.whole"]
    assert 1.0 > whole["s"] > whole["l"] > whole["c"] == 0.0
    assert matched("bulbas", short, long)["match.whole"]["s"] > matched("bulbas", short, long)["match.whole"]["l"]
    assert matched("tn 2421", coded)["match.whole"]["c"] == 0.0


def test_a_name_whose_last_word_is_half_typed_is_told():
    """Whatever is left to type of the word: popular names need not be short ones. A further word is another name."""
    cards = [Entity(name, "city", name) for name in ("Guangpu", "Guangzhou", "Guangzhou South Station", "Los Angeles")]
    whole = matched("guang", *cards)["match.whole"]
    assert whole["Guangzhou"] == whole["Guangpu"] == 0.5
    assert whole["Guangzhou South Station"] == whole["Los Angeles"] == 0.0
    assert matched("los ang", *cards)["match.whole"]["Los Angeles"] == 0.5
    assert matched("los angeles c", *cards)["match.whole"]["Los Angeles"] > 0.5  # nearly


def test_the_words_of_a_name_in_another_order_are_nearly_it():
    """They name it before what has them among more words, and stand side by side as in no other."""
    potato, pie = (
        Entity("p", "food", "Patate douce", aliases=("Sweet potato",)),
        Entity("i", "food", "Sweet potato pie"),
    )
    features = matched("potato sweet", potato, pie)
    assert features["match.whole"]["p"] == features["match.shingles"]["p"] == 0.9
    assert features["match.whole"]["i"] < 0.5
    assert features["match.shingles"]["i"] == 0.0
    assert matched("potato sweet potato", potato)["match.shingles"]["p"] < 0.9


def test_a_name_of_many_words_is_found_without_its_spaces():
    """Three of them joined are the whole of it, nearly as much as with its marks."""
    features = matched("willowisp", Entity("w", "move", "Will-o-Wisp"))
    assert [features[f"match.{name}"]["w"] for name in ("words", "field", "whole")] == [0.9, 0.9, 1.0]


def test_how_much_of_the_query_is_in_a_name():
    """Both words in one name are more than one that is the whole name; descriptions, and parts of values, count not."""
    areas = Entity("a", "page", "Drawing areas around an image", description="images and areas")
    image = Entity("i", "page", "Image", {"topic": {"large areas": 0.7}}, "areas of an image", aliases=("Picture",))
    features = matched("areas image", areas, image)
    assert features["match.words"] == {"a": 1.0, "i": 1.0}
    assert features["match.field"] == {"a": 1.0, "i": 0.5}
    assert matched("picture image", image)["match.field"] == {"i": 0.5}
    assert matched("large areas", areas, image)["match.field"] == {"a": 0.5, "i": 0.7}


@pytest.mark.parametrize(
    ("text", "card", "least"),
    [
        ("thunderst", THUNDER, 0.8),
        ("thunderstuck", THUNDER, 0.7),
        ("acdc thunderstruck", THUNDER, 0.95),
        ("ac dc", THUNDER, 1.0),
        ("adele helo", HELLO, 0.8),
        ("adele regret", HELLO, 1.0),
        ("queen we will roc", ROCK, 0.9),
    ],
)
def test_other_writings_count_somewhat_less(text: str, card: Entity, least: float):
    """What is half typed, misspelt, split or joined is found, and never counts more than what is whole."""
    assert least <= matched(text, card)["match.words"][card.object_id] <= 1.0


def test_short_words_are_not_taken_for_others():
    """Words of up to three letters are compared as they are."""
    assert matched("yo", ROCK)["match.words"] == {"r": pytest.approx(0.9)}  # the beginning of the last word
    assert matched("yon queen", ROCK)["match.words"]["r"] == 0.5


def test_prose_in_an_attribute_is_no_value():
    """Its words count as those of a description do; it is never a value that the query covers."""
    quotation = "Where there were birds there are now only trees, and the river has gone."
    card = Entity("c", "card", "Forest", {"quotation": {quotation: 1.0}})
    features = matched("birds trees river", card, birds=9, trees=9, river=9)
    assert features["match.words"]["c"] == 1.0
    assert features["match.value"]["c"] == 0.0


@pytest.mark.parametrize("text", ["allocation", "allocations", "lallocation", "loréal", "oréal"])
def test_words_match_without_their_article(text: str):
    """What an apostrophe joins to a word may be left out, in a description too."""
    card = Entity("f", "fiche", "Logement", {"brand": {"L'Or\u00e9al": 1.0}}, description="demander l'allocation")
    assert matched(text, card)["match.words"]["f"] > 0.8


def test_codes_match_in_every_form():
    """A code in another form is the code, its parts are a part of it; a number beside it is another code."""
    toner = Entity("t", "product", "Brother TN-2420 toner")
    other = Entity("o", "product", "Brother TN-2410 toner")
    apart = Entity("a", "product", "TN stand for 2420")
    for text in ("TN-2420", "TN2420", "tn 2420"):
        words = matched(text, toner, other, apart)["match.words"]
        assert words["t"] > 0.85
        assert words["o"] < 0.45
        assert words["a"] <= 0.8 * words["t"] + 0.1
    assert matched("m8 x 20", Entity("m", "product", "Bolt M8x20"))["match.words"] == {"m": 1.0}
    assert matched("2350", Entity("p", "product", "HL-L2350DW"))["match.words"] == {"p": pytest.approx(0.9)}
    rule = Entity("PLR0913", "rule", "Too many arguments")
    assert matched("plr09", rule, toner)["match.field"] == {"PLR0913": pytest.approx(0.9), "t": 0.0}
    assert matched("plr", rule, toner)["match.field"] == {"PLR0913": pytest.approx(0.9), "t": 0.0}
    assert matched("r0913", rule, toner)["match.words"] == {"PLR0913": 1.0, "t": 0.0}


def test_compounds_match_by_what_they_end_with():
    """Where a language writes compounds as one word, a bag is a kind of bag; the word itself comes first."""
    bags = [Entity(name[:4], "thing", name) for name in ("Tasche", "Handtasche", "Reisetaschen", "Asche")]
    for text in ("Tasche", "Taschen"):
        words = matched(text, *bags, stemmer="german")["match.words"]
        assert words["Tasc"] > words["Hand"] > words["Asch"], text
        assert min(words["Reis"], words["Hand"]) > 0.8
    assert matched("Tasche", *bags)["match.words"]["Hand"] < 0.8  # no more than spelt alike
    kinds = matched("Gartentasche", *bags, Entity("l", "thing", "Lampe"), stemmer="german")["match.words"]
    assert kinds["Tasc"] > 0.6 < kinds["Hand"]  # one that nobody has is a kind of those
    assert kinds["l"] == 0.0


def test_words_match_in_forms_whose_endings_have_marks():
    """However they are typed, in names and in descriptions."""
    cards = Entity("n", "app", "Finanse"), Entity("d", "app", "KMyMoney", description="Zarządzanie finansami")
    for text in ("finansów", "finansow"):
        words = matched(text, *cards, stemmer="polish", finansow=2)["match.words"]
        assert min(words.values()) >= 0.8, text


def test_marks_count():
    """What has the mark matches before what has not, and that before what is another word."""
    books = [Entity(i, "book", name) for i, name in (("s", "C# in Depth"), ("c", "C Primer"), ("d", "D Primer"))]
    words = matched("c#", *books)["match.words"]
    assert words["s"] == 1.0 > words["c"] > words["d"] == 0.0
    assert matched("c primer", *books)["match.words"]["c"] == 1.0


def test_neighbours_are_told_side_by_side():
    """Each two neighbouring words count where a name, a value or the description has them so, in any number."""
    apart = Entity("a", "package", "Manager of power", {"section": {"files": 1.0}}, "manages what files hold")
    named = Entity("n", "package", "file-manager")
    valued = Entity("v", "package", "worker", {"use": {"file managers": 1.0}})
    described = Entity("d", "package", "vfu", description="a text file manager")
    shingles = matched("file manager", apart, named, valued, described)["match.shingles"]
    assert shingles == {"a": 0.0, "n": 1.0, "v": 1.0, "d": 1.0}
    assert matched("small file manager", named)["match.shingles"] == {"n": 0.5}
    assert matched("file", named)["match.shingles"] == {"n": 0.0}
    assert matched("file man", apart, named, valued)["match.shingles"] == {"a": 0.0, "n": 0.9, "v": 0.9}
    assert matched("file man old", named)["match.shingles"] == {"n": 0.0}


def test_years_are_words_and_other_numbers_are_none():
    """Who types a year beside a name means the one of that year, whether it is a number, or of a date."""
    dated = Entity("d", "film", "Casino Royale", dates={"released": (1_163_462_400.0,)})
    numbered = Entity("n", "film", "Casino Royale", numbers={"year": (1967.0,), "votes": (20_065.0, 6.5)})
    assert matched("casino royale 2006", dated, numbered)["match.words"] == {"d": 1.0, "n": pytest.approx(2 / 3)}
    assert matched("casino royale 1967", dated, numbered)["match.words"]["n"] == 1.0
    assert matched("20065", numbered)["match.words"] == {"n": 0.0}


def test_numbers_are_words_with_their_units():
    """A number and its unit, in one word or two, mean what the attribute that ends with the unit has; no other does."""
    strong = Entity("s", "lamp", "Beam", numbers={"power_w": (250.0,), "channels": (8.0,), "weight_kg": (2.5,)})
    weak = Entity("w", "lamp", "Beam", numbers={"power_w": (50.0,), "channels": (4.0,), "weight_kg": (250.0,)})
    for query in ("beam 250w", "beam 250 w", "beam 250 watt", "250watts beam", "beam 8 channels", "2.5 kg beam"):
        words = matched(query, strong, weak)["match.words"]
        assert words["s"] > 0.9 > words["w"], query
    assert matched("250", strong, weak)["match.words"] == {"s": 0.0, "w": 0.0}


def test_a_long_description_says_less():
    """Who writes much names much by the way: less than a short one and a name, more where it says so again."""
    others = " ".join(f"word{n}" for n in range(500))
    short = Entity("s", "page", "touch", description="changes modes")
    long = Entity("l", "page", "sftp", description=f"changes modes {others}")
    about = Entity("a", "page", "umask", description=f"{'modes of files ' * 20}{others}")
    named = Entity("n", "page", "modes")
    words = matched("modes", short, long, about, named)["match.words"]
    assert words["n"] == words["s"] == 1.0
    assert 0.1 < words["l"] < 0.3
    assert 0.8 < words["a"] <= 1.0


def test_words_of_a_long_description_say_more_side_by_side():
    """What stands beside the word that it is asked for with is no mention by the way."""
    others = " ".join(f"word{n}" for n in range(500))
    beside = Entity("b", "page", "Lenders", description=f"{others} pawn shops {others}")
    apart = Entity("a", "page", "Traders", description=f"pawn {others} shops {others}")
    words = matched("pawn shop", beside, apart)["match.words"]
    assert words["b"] > 0.7
    assert words["a"] < 0.2


def test_an_inverted_name_is_read_both_ways():
    """A comma says that what stands behind it belongs before; other names are read as they are."""
    rope, climbing = Entity("r", "item", "Rope, silk (50 feet)"), Entity("c", "item", "Rope silk cord")
    assert matched("silk rope", rope, climbing)["match.shingles"] == {"r": 0.9, "c": 0.0}
    assert matched("rope silk", rope, climbing)["match.shingles"] == {"r": 1.0, "c": 1.0}
    liver = Entity("l", "disease", "Alcoholic liver disease, unspecified")
    assert matched("liver alcoholic", liver)["match.shingles"] == {"l": 0.0}
    assert matched("unspecified disease", liver)["match.shingles"] == {"l": 0.9}


def test_rare_words_say_more():
    """Who adds a word that a quarter of the catalogue has means what the other word names."""
    named = Entity("n", "artist", "Obscura", {"genre": {"thrash": 1.0}})
    common = Entity("c", "artist", "Death", {"genre": {"death metal": 1.0}})
    words = matched("obscura death metal", named, common, obscura=1, death=250, metal=250)["match.words"]
    assert words["n"] > 2 * words["c"]
    assert matched("obscura death metal", named, common)["match.words"]["c"] == pytest.approx(2 / 3)


def test_a_word_that_nobody_has_says_as_much_as_the_others():
    """It may be a name that is misspelt, or a word of another language."""
    words = matched("obscurra metal", Entity("n", "artist", "Obscura"), metal=250)["match.words"]
    assert words == {"n": pytest.approx(0.8 * 7 / 8 / 2)}


def test_descriptions_match_half_typed_and_misspelt():
    """The last word may be half typed; one that is misspelt counts where the catalogue has no such word."""
    assert matched("regret bal", HELLO)["match.words"] == {"h": pytest.approx(0.95)}
    assert matched("bal regret", HELLO)["match.words"] == {"h": 0.5}
    assert matched("regert adele", HELLO)["match.words"] == {"h": pytest.approx((1.0 + 0.8 * 5 / 6) / 2)}
    assert matched("regert adele", HELLO, regert=1)["match.words"]["h"] < 0.6


def test_a_word_that_nobody_has_is_one_of_its_family():
    """Who says what somebody does is shown it, before what is spelt so; what the catalogue knows means itself."""
    named, told = (
        Entity("n", "trade", "Roofing contractors"),
        Entity("t", "trade", "Builders", description="any roofing"),
    )
    assert matched("roofer", named, told)["match.words"] == dict.fromkeys("nt", pytest.approx(0.9 * 4 / 6))
    assert matched("roofers", named, told) == matched("roofer", named, told)
    spelt = matched("roofer", Entity("s", "trade", "Goofer"), Entity("d", "trade", "X", description="a goofer"))
    assert spelt["match.words"] == dict.fromkeys(
        "sd", pytest.approx(0.85 * 0.8 * 5 / 6)
    )  # few mistype the first letter
    assert matched("roofer", named, told, roofer=1)["match.words"] == {"n": 0.0, "t": 0.0}
    assert matched("roof", named)["match.words"] == {"n": 0.9}  # half typed
    assert matched("rood", named)["match.words"] == {"n": 0.0}


def test_two_words_may_be_one_of_a_description():
    """What is told of is found as what it is called is, with a space that should not be there."""
    card = Entity("c", "trade", "Credit", description="lending, such as of pawnshops")
    words = matched("pawn shop", card, shop=9)["match.words"]
    assert words["c"] > 0.8


def test_one_word_may_be_two_of_a_description():
    """Where they stand side by side, and the catalogue has not the word."""
    card = Entity("d", "flaw", "Debug Code", description="code that leaves a back door open " + "and so on " * 40)
    apart = Entity("a", "flaw", "Other", description="a door, and later back")
    words = matched("backdoor", card, apart)["match.words"]
    assert words["d"] > 0.7 > words["a"] == 0.0
    assert matched("backdoor", card, backdoor=3)["match.words"]["d"] == 0.0


def test_small_words_hardly_count():
    """Who asks for a thing with "for" means the thing; where a query has no other words, they are what is asked for."""
    meant = Entity("m", "package", "calendar", description="plans days")
    other = Entity("o", "package", "curtain", description="a curtain for the desktop")
    features = matched("calendar for the desktop", meant, other, calendar=30, desktop=40)
    assert features["match.words"]["m"] == pytest.approx(features["match.words"]["o"], abs=0.02)
    assert features["match.field"]["m"] > features["match.field"]["o"]
    assert features["match.shingles"] == {"m": 0.0, "o": 0.0}
    assert matched("the who", Entity("w", "artist", "The Who"))["match.shingles"] == {"w": 1.0}


def test_an_address_in_a_value_is_a_whole_match():
    """Who asks for an e-mail address has asked for all that it stands in, whatever else the value says."""
    kept = Entity("k", "package", "tiny", {"maintainer": {"Ann Onym <ann@example.org>": 1.0}})
    features = matched("ann@example.org", kept)
    assert features["match.words"] == features["match.whole"] == {"k": 1.0}


def test_an_id_is_a_whole_match():
    """The object id is the query, in whatever writing."""
    features = matched("sku 48213 b", Entity("SKU-48213-B", "product", "Garden chair"))
    assert features["match.words"] == features["match.whole"] == {"SKU-48213-B": 1.0}


def test_who_has_an_id_as_a_value_is_not_it():
    """A parent is asked for before its children, which name it; a bare number is as much what is called so."""
    parent, child = Entity("E11-E14", "code", "Diabetes"), Entity("E11", "code", "Type 2", {"parent": {"E11-E14": 1.0}})
    features = matched("e11-e14", parent, child)
    assert features["match.words"] == {"E11-E14": 1.0, "E11": 0.9}
    assert features["match.shingles"] == {"E11-E14": 1.0, "E11": 1.0}
    assert matched("e11", parent, child)["match.words"] == {"E11-E14": 0.0, "E11": 1.0}
    row, named = Entity("645", "term", "angle bracket"), Entity("7", "term", "GE-645")
    assert matched("645", row, named)["match.words"] == {"645": 1.0, "7": 0.9}
    called = matched("645", row, Entity("9", "term", "645"))
    assert called["match.words"] == called["match.name"] == called["match.whole"] == {"645": 1.0, "9": 1.0}
    assert set(matched("bracket 645", row, named)["match.words"].values()) == {0.5}


def test_an_id_is_found_among_words():
    """An id that nothing else has says more than the words beside it; with digits it means its own before others."""
    field, heliport = Entity("KJFK", "airport", "Kennedy International"), Entity("wfk", "airport", "Airport Airport")
    features = matched("kjfk airport", field, heliport, airport=50)
    assert features["match.words"]["KJFK"] > 0.9 > features["match.words"]["wfk"]
    whole, part = Entity("K70.3", "code", "Cirrhosis"), Entity("K70.30", "code", "Of K70.3", {"in": {"K70.3": 1.0}})
    for text in ("code K70.3", "code k70 3", "code K703"):
        words = matched(text, whole, part)["match.words"]
        assert words["K70.3"] > words["K70.30"]


@pytest.mark.parametrize("text", ["what is 43-2021", "(43-2021) salary", "43-2021.00", "code 43-2021.00", "43-2021"])
def test_an_id_of_numbers_that_marks_hold_together_is_one_among_words(text: str):
    """It means its own before what shares a part of it, and so does its beginning; no number of the same digits."""
    operator, mason, row = (Entity(one, "job", f"Job {one}") for one in ("43-2021", "47-2021", "432021"))
    words = matched(text, operator, mason, row, salary=9, code=9, what=9)["match.words"]
    assert words["43-2021"] > words["47-2021"] + 0.1
    assert "salary" not in text or words["43-2021"] > words["432021"]


def test_numbers_beside_each_other_are_no_id_of_their_digits():
    """Who asks for a lens of 24 to 70 mm means no row 2470."""
    row, lens = Entity("2470", "row", "Row"), Entity("l", "lens", "Zoom 24-70")
    words = matched("zoom 24-70", row, lens)["match.words"]
    assert (words["2470"], words["l"]) == (0.0, 1.0)


@pytest.mark.parametrize("text", ["J. Austen", "J. austen novel", "J.K. Rowling"])
def test_an_initial_stands_for_a_word_before_the_one_beside_it(text: str):
    """It was typed with a point; a word that begins so elsewhere is another."""
    jane = Entity("emma", "book", "Emma", {"author": {"Jane Austen": 1.0, "Joanne Kathleen Rowling": 1.0}}, "a novel")
    other = Entity("o", "book", "Joke", {"author": {"Paul Austen": 1.0, "Peter Rowling": 1.0}}, "a novel")
    words = matched(text, jane, other)["match.words"]
    assert words["emma"] > 0.85 > words["o"]
    assert matched(text.replace(".", " "), jane)["match.words"]["emma"] < words["emma"]


def test_a_code_in_capitals_is_named_by_capitals():
    """As its catalogue writes it; in small letters it is a word, and what many have in capitals is a kind."""
    auk, dove = Entity("a", "bird", "Little Auk", {"code": {"DOVE": 1.0}}), Entity("d", "bird", "Turtle Dove")
    assert matched("DOVE", auk, dove)["match.whole"]["a"] == 1.0
    assert matched("dove", auk, dove)["match.whole"]["a"] < 1.0
    kind = [Entity(str(n), "game", f"Game {n}", {"kind": {"RPG": 1.0}}) for n in range(3)]
    assert max(matched("RPG", *kind)["match.whole"].values()) < 1.0


def test_neighbours_are_told_where_one_is_misspelt():
    """By the word that is meant, in descriptions and in names."""
    understanding = Understanding(
        catalogue_size=1_000, frequencies={"dentist": 5, "attendant": 20}, meant={"dintist": "dentist"}
    )
    meant = Entity("m", "job", "Dental Assistant", description="dentist attendant; dental aide")
    tokens = ("dintist", "attendant")
    query = Query(" ".join(tokens), " ".join(tokens), tokens, 0.0, 0, understanding=understanding)
    assert match_features(query, {"m": meant})["match.shingles"] == {"m": 1.0}


def test_a_name_says_as_much_as_the_query_asks_for_it():
    """A name of one word among many is not what they name; it is where nothing else is asked for."""
    card = Entity("c", "game", "Card", {"kind": {"card": 1.0}})
    asked = matched("german identity card", card, german=9, identity=9, card=9)
    alone = matched("card", card)
    assert asked["match.name"] == asked["match.value"] == asked["match.words"] == {"c": pytest.approx(1 / 3)}
    assert alone["match.name"] == alone["match.value"] == {"c": 1.0}


def test_a_word_is_not_nearly_itself_and_its_neighbour():
    """What has one of two words has not the other, although both as one word are spelt nearly like it."""
    television = Entity("t", "thing", "Television")
    assert matched("red television", television)["match.words"] == {"t": 0.5}
    assert matched("tele vision", television)["match.words"]["t"] == pytest.approx(0.9)


def test_a_word_does_not_begin_its_neighbour():
    """A whole word of a name covers itself alone, although the name goes on."""
    features = matched("love", Entity("l", "song", "Love Story"))
    assert features["match.name"] == {"l": pytest.approx((4 / 9) ** 2)}


def test_a_query_without_words_has_no_match():
    """Nothing is compared, and nothing is missing where there is no candidate."""
    assert matched("", ROCK) == {}
    assert matched("queen") == {
        f"match.{name}": {} for name in ("words", "shingles", "field", "name", "value", "whole")
    }


def test_a_whole_value_is_more_than_its_words_in_a_name():
    """Whoever asks for an artist means what is by the artist before what names them on the way."""
    guest = Entity("g", "song", "Halo (feat. Adele and others)", attributes={"artist": {"Somebody": 1.0}})
    features = matched("adele", HELLO, guest)
    assert features["match.words"]["h"] == features["match.words"]["g"] == 1.0
    assert features["match.value"]["h"] == 1.0
    assert features["match.value"]["g"] == 0.0


def test_a_plural_is_nearly_its_singular():
    """One and many fit each other nearly in full, in names and descriptions; other inflections of the word fit less."""
    cards = (
        Entity("one", "item", "army helmet"),
        Entity("told", "item", "Vela", description="an army helmet"),
        Entity("many", "item", "army helmets"),
    )
    words = matched("army helmets", *cards)["match.words"]
    assert words["many"] == 1.0
    assert 0.95 < words["one"] < 1.0
    assert words["told"] == words["one"]
    bed = (Entity("name", "item", "bedding"), Entity("told", "item", "Vela", description="some bedding"))
    assert set(matched("beds", *bed)["match.words"].values()) == {0.85}


def test_a_value_is_asked_for_without_the_numbers_that_count_its_parts():
    """Moves of chess are typed so; a number that counts nothing belongs to the value."""
    scandinavian = Entity("s", "opening", "Scandinavian", {"moves": {"1.e4 d5": 1.0}})
    pack = Entity("p", "thing", "Pack", {"size": {"12 small pieces": 1.0}})
    assert matched("e4 d5", scandinavian)["match.field"] == {"s": 1.0}
    assert matched("small pieces", pack)["match.field"] == {"p": 0.0}


def test_a_group_says_more_than_what_is_no_name():
    """Who types a make and a rare word means a thing of that make, whichever of them has the word; its words order."""
    made = [Entity(i, "item", name, {"brand": {"Canon": 1.0}}) for i, name in (("z", "EF Zoom"), ("e", "EF 50"))]
    cards = (*made, Entity("o", "item", "Wide Zoom angle lens", {"brand": {"Nikon": 1.0}}))
    understanding = Understanding(
        catalogue_size=1_000,
        frequencies={"canon": 200, "wide": 2, "zoom": 2, "angle": 2},
        groups=("canon",),
        loose=("wide", "zoom", "angle"),
    )
    tokens = ("canon", "wide", "zoom", "angle")
    query = Query(" ".join(tokens), " ".join(tokens), tokens, 0.0, 0, understanding=understanding)
    words = match_features(query, {card.object_id: card for card in cards})["match.words"]
    assert words["z"] > words["e"] > words["o"] + 0.2
    assert matched("canon wide zoom angle", *cards, canon=200, wide=2, zoom=2, angle=2)["match.words"]["o"] > 0.8


def test_a_group_of_which_nothing_has_the_rest_says_what_its_word_does():
    """Who asks for frozen fish where all of it is fresh may mean either, but of what heads names its own things."""
    frozen = Entity("f", "item", "Peas", {"category": {"Frozen": 1.0}})
    fish = Entity("c", "item", "Catfish", {"category": {"Seafood": 1.0}})
    both = Entity("b", "item", "Fillet", {"category": {"Frozen": 1.0}}, description="of catfish")
    understanding = Understanding(
        catalogue_size=1_000, frequencies={"frozen": 200, "catfish": 2}, groups=("frozen",), loose=("catfish",)
    )
    query = Query("frozen catfish", "frozen catfish", ("frozen", "catfish"), 0.0, 0, understanding=understanding)

    def words(asked: Query, *cards: Entity) -> dict[str, float]:
        return match_features(asked, {card.object_id: card for card in cards})["match.words"]

    apart = words(query, frozen, fish)
    assert apart["c"] == apart["f"] == 0.5
    together = words(query, frozen, fish, both)
    assert together["b"] > together["f"] > together["c"]
    near = Entity("n", "item", "Cattish", {"category": {"Frozen": 1.0}})
    assert words(query, near, fish)["c"] == 0.5
    headed = words(replace(query, understanding=replace(understanding, heads=("frozen",))), frozen, fish)
    assert headed["f"] > headed["c"]


def test_what_stands_in_quotes_behind_a_long_name_is_a_name():
    """It is asked for before what is called by more words; what stands in brackets alone is none."""
    scripting = Entity("s", "item", "Input While a Page is Generated ('Cross-site Scripting')")
    other = Entity("o", "item", "Cross-site scripting filter")
    for text in ("cross-site scripting", "cross site scripting"):
        features = matched(text, scripting, other)
        assert features["match.whole"]["s"] == 1.0 > features["match.whole"]["o"]
        assert features["match.name"]["s"] > features["match.name"]["o"]
    assert matched("live", Entity("l", "item", "A Song of the Sea (Live)"))["match.whole"]["l"] < 1.0


def test_a_make_beside_a_number_is_no_code():
    """What says its make in the name has no more of "huawei p9" than what says it as a value."""
    plain = Entity("p", "phone", "P9 lite", {"brand": {"Huawei": 1.0}})
    twin = Entity("t", "phone", "HUAWEI P9 lite mini", {"brand": {"Huawei": 1.0}})
    tokens = ("huawei", "p9", "lite")
    for groups in ((), ("huawei",)):
        understanding = Understanding(catalogue_size=100, frequencies=dict.fromkeys(tokens, 5), groups=groups)
        query = Query(" ".join(tokens), " ".join(tokens), tokens, 0.0, 0, understanding=understanding)
        words = match_features(query, {"p": plain, "t": twin})["match.words"]
        assert words["t"] == 1.0
        assert (words["p"] == 1.0) == bool(groups)


@pytest.mark.parametrize(
    ("text", "whole", "end"),
    [
        ("24mm f2.8", "AF 24mm f/2.8", "14-24mm F2.8"),
        ("24 mm", "AF 24mm", "14-24mm"),
        ("canon 300mm f4", "Canon EF 300mm f/4L IS", "Canon EF 70-300mm f/4-5.6 IS"),
    ],
)
def test_an_end_of_a_range_is_not_the_number(text: str, whole: str, end: str):
    """Who types a number means that one; both ends are the range, and what is no range is as ever."""
    one, other = Entity("o", "lens", whole), Entity("r", "lens", end)
    words = matched(text, one, other)["match.words"]
    assert words["o"] > words["r"] > 0.5
    ends = matched("70-300", Entity("r", "lens", "70-300mm"), Entity("o", "lens", "300mm"))["match.words"]
    assert ends["r"] > 0.9 > ends["o"]
    for code in ("TN-2420", "2024-01-15", "90-10"):
        number = code.split("-")[-1]
        assert matched(number, Entity("c", "code", code))["match.words"] == {"c": 1.0}


def test_a_code_fits_with_a_letter_behind_it():
    """A version of it, before another code; a multiplication sign is the letter that people type."""
    words = matched("f4 lens", Entity("l", "lens", "f/4L"), Entity("o", "lens", "f/8L"))["match.words"]
    assert words["l"] > 0.8 > words["o"]
    assert matched("2x", Entity("x", "extender", "2\u00d7 III"))["match.words"] == {"x": 1.0}


def test_a_name_beside_words_of_its_kind_is_meant():
    """And what is typed as it is written, with its marks."""
    kind = {"kind": {"CSS property": 1.0}}
    border, before = Entity("b", "item", "border", kind), Entity("w", "item", "-webkit-border-before", kind)
    rule = Entity("m", "item", "@media", {"kind": {"rule": 1.0}})
    for text in ("border property", "border css", "css border properties"):
        assert matched(text, border, before)["match.whole"] == {"b": 0.9, "w": 0.0}
    assert matched("border property", border)["match.shingles"] == {"b": 0.9}
    assert matched("border colour", border)["match.whole"] == {"b": 0.0}
    assert matched("@media screen", rule)["match.whole"] == {"m": 0.9}
    assert matched("media screen", rule)["match.whole"] == {"m": 0.0}


def test_a_plain_name_comes_before_those_that_go_on():
    """Of what has as much of the query; not where what they go on with is asked for."""
    cards = [Entity(name, "item", name, description="how wide a gap is") for name in ("column-gap", "-moz-column-gap")]
    words = matched("wide gap", *cards)["match.words"]
    assert words == {"column-gap": 1.0, "-moz-column-gap": 0.95}
    assert matched("moz wide gap", *cards)["match.words"]["-moz-column-gap"] == 1.0
    apart = [Entity(name, "item", name, description="how wide a gap is") for name in ("column-gap", "gap in rows")]
    assert set(matched("wide gap", *apart)["match.words"].values()) == {1.0}
    films = [Entity(name, "film", name) for name in ("Shrek", "Shrek the Third")]
    first, third = matched("shrek 3", *films)["match.words"].values()
    assert first == third  # which of them is meant, a number may say


def test_a_name_that_has_more_of_the_query_outdoes_one_that_has_less():
    """Inflected or not, and whatever values say the rest; alone, a name beside its values is meant as ever."""
    more = Entity("m", "hop", "Kent Goldings")
    less = Entity("l", "hop", "Golding", {"substitutes": {"Kent Golding, Styrian Golding": 1.0}})
    for text in ("kent golding", "kent golding hop", "golding kent"):
        features = matched(text, more, less)
        assert features["match.whole"]["m"] == 0.9
        assert features["match.whole"]["l"] < 0.5
        assert features["match.name"]["m"] > features["match.name"]["l"] + 0.3
        assert matched(text, less)["match.whole"] == {"l": 0.9}


def test_a_plural_of_a_name_is_nearly_that_name():
    """Before what is only spelt nearly so; and it is the name rather than an alias."""
    cards = Entity("k", "icon", "key"), Entity("a", "icon", "identifier", aliases=("key",)), Entity("o", "icon", "keya")
    features = matched("keys", *cards)
    assert features["match.whole"] == {"k": 0.9, "a": 0.9, "o": pytest.approx(0.45)}
    assert features["match.name"]["k"] > features["match.name"]["a"] > features["match.name"]["o"]


def test_who_mentions_a_type_is_not_of_it():
    """Who asks for hops does not mean the beers that they are in, however these are described."""
    hop = Entity("h", "hop", "Magnum", {"origin": {"Germany": 1.0}})
    beer = Entity("b", "style", "German Pilsner", description="brewed with German hops; hops, hops")
    tokens = ("german", "hops")
    words = {}
    for groups in ((), ("hops",)):
        counts = dict.fromkeys(tokens, 20)
        understanding = Understanding(catalogue_size=100, frequencies=counts, groups=groups, types=groups)
        query = Query("german hops", "german hops", tokens, 0.0, 0, understanding=understanding)
        words[groups] = match_features(query, {"h": hop, "b": beer})["match.words"]
    assert words[()]["b"] > words[()]["h"]
    assert words[("hops",)]["h"] > 0.3 + words[("hops",)]["b"]


def test_a_value_that_the_query_is_read_as_fits_words_of_its_family():
    """Other words of the family do not: the catalogue has the word itself."""
    beer, malt = Entity("b", "style", "Belgique"), Entity("m", "malt", "Biscuit", {"origin": {"Belgium": 1.0}})
    reading = Interpretation(1.0, (Slot(0, 1, "origin", "belgium", 0.6),))
    understanding = Understanding((reading,), catalogue_size=100, frequencies={"belgian": 20})
    query = Query("belgian", "belgian", ("belgian",), 0.0, 0, understanding=understanding)
    words = match_features(query, {"b": beer, "m": malt})["match.words"]
    assert words == {"b": 0.0, "m": pytest.approx(0.9 * 5 / 7)}


def test_a_number_apart_from_its_unit_is_not_what_is_asked_for():
    """Who asks for 8 GB does not mean what has 24 of them and an 8 elsewhere; units in other words are the same."""
    right = Entity("r", "card", "K5100M", {"plug": {"none": 1.0}}, numbers={"memory_gb": (8.0,)})
    wrong = Entity("w", "card", "M40 24 GB", {"plug": {"8-pin": 1.0}}, numbers={"memory_gb": (24.0,)})
    words = matched("8 gb", right, wrong)["match.words"]
    assert words["r"] == 1.0
    assert words["w"] < 0.5
    assert matched("8 gigabytes", right, wrong)["match.words"]["r"] == 1.0
    long = Entity("l", "film", "Long", numbers={"running_time_min": (90.0,)})
    assert matched("1.5 hours", long)["match.words"] == {"l": 1.0}


def test_a_whole_value_says_as_much_as_a_word_of_a_name():
    """A code that is all of a value is more than one word of a longer name; a part of a value is no whole one."""
    code = Entity("c", "airport", "Kona International", {"iata": {"KOA": 1.0}, "zone": {"Pacific/Honolulu": 1.0}})
    name = Entity("n", "airport", "First Flight")
    field = matched("flight to koa", code, name, flight=3, koa=1)["match.field"]
    assert field["c"] >= field["n"] > 0.0
    assert matched("honolulu tower", code)["match.field"] == {"c": 0.0}
    listed = Entity("l", "airport", "Kona International", {"code": {"KOA": 1.0, "PHKO": 1.0}})
    assert matched("flight to koa", listed)["match.field"] == {"l": 0.0}  # one of several is a word among others


def test_a_word_of_another_value_of_what_is_asked_for_counts_nothing():
    """Who asks for the rating "R" does not mean what is "Not Rated"; what is more of the same value has its words."""
    cards = [
        Entity(rating, "film", "Film", {"audience": {rating: 1.0}}) for rating in ("R", "Not Rated", "R Strong Rated")
    ]
    slots = (Slot(1, 2, "audience", "r", 1.0),)
    understanding = Understanding((Interpretation(1.0, slots),), catalogue_size=1_000, frequencies={"rated": 1, "r": 1})
    query = Query("rated r", "rated r", ("rated", "r"), 0.0, 0, understanding=understanding)
    words = match_features(query, {card.object_id: card for card in cards})["match.words"]
    assert words == {"R": 0.5, "Not Rated": 0.0, "R Strong Rated": 1.0}
    several = Entity("s", "film", "Film", {"audience": {"Not Rated": 1.0, "Cut": 1.0}})
    assert match_features(query, {"s": several})["match.words"]["s"] > 0.5  # one of several contradicts nothing


def test_an_initial_needs_no_point_before_a_last_name():
    """It stands for the first of two words of a name; one that is the letter is more, and a value is no name."""
    cards = [Entity(name, "x", name, {"team": {"Dark White": 1.0}}) for name in ("Devon White", "Roy White", "D White")]
    words = matched("d white", *cards, d=1, white=9)["match.words"]
    assert words["D White"] > words["Devon White"] > words["Roy White"]
