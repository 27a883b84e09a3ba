"""Words that only ask are left out, unless the catalogue has them."""

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise
from ltrr.retrievers.understanding.asking import meant, relating
from ltrr.retrievers.understanding.dictionary import Dictionary
from tests.retrievers.phrases.catalogues import held

PARTS = (
    Entity("fuse", "part", "Fuse", description="I am what burns first"),
    Entity("iam", "source", "IAM"),
    Entity("can", "chip", "MCP2551", {"bus": {"CAN": 1.0}}),
    Entity("shop", "link", "Shop online", {"terms": {"buy": 1.0}}),
)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("I am looking for a fuse", "fuse"),
        ("I'm looking for the red fuse, please", "red fuse"),
        ("i need an optocoupler", "optocoupler"),
        ("can i get a relay", "relay"),
        ("Could you please show me some relays", "relays"),
        ("what is the best relay", "relay"),
        ("which relay should I use", "which relay"),
        ("how do I get rid of unused variables", "unused variables"),
        ("do you have any can chips asap please", "can chips"),
        ("where can I find a fuse", "fuse"),
        ("where can I fuse relays", "fuse relays"),
        ("Ich suche eine Sicherung", "sicherung"),
        ("habt ihr Sicherungen?", "sicherungen"),
        ("je voudrais un fusible s'il vous plaît", "fusible"),
        ("busco un fusible", "fusible"),
        ("vorrei un fusibile", "fusibile"),
        ("procuro uma lâmpada", "lampada"),
        ("ik zoek een lamp", "lamp"),
        ("リレーを買いたいです", "りれー"),
        ("リレーはありますか", "りれー"),
        ("我想买继电器", "继电器"),
        ("继电器哪里买", "继电器"),
        ("퓨즈를 사고 싶어요", "퓨즈"),
        ("tell me about the relay", "relay"),
        ("I want to know more about relays", "relays"),
        ("can you explain relays to me", "relays"),
        ("where can I read about relays", "relays"),
        ("Erkläre mir Sicherungen", "sicherungen"),
        ("parlez-moi des fusibles", "fusibles"),
        ("háblame de fusibles", "fusibles"),
        ("vorrei sapere di fusibili", "fusibili"),
        ("quero saber sobre lâmpada", "lampada"),
        ("vertel me meer over een lamp", "lamp"),
        ("what does the a tag do", "a tag"),  # no more than one article
        ("what does CAN stand for?", "can"),
        ("what does it", "what does it"),
        ("how do I rotate an element", "rotate an element"),
        ("Хочу купить лампу, пожалуйста", "лампу"),
        ("где можно купить лампу", "лампу"),
        ("расскажи мне о лампах", "лампах"),
        ("jag letar efter en lampa", "lampa"),
        ("jeg leder efter en lampe", "lampe"),
        ("hvor kan jeg kjøpe en lampe", "lampe"),
        ("haluan ostaa lampun", "lampun"),
        ("gdzie mogę kupić lampę", "lampe"),
        ("hledám lampu", "lampu"),
        ("keresek egy lámpát", "lampat"),
        ("unde pot găsi o lampă", "lampa"),
        ("lamba satın almak istiyorum", "lamba"),
        ("θέλω να αγοράσω λάμπα", "λαμπα"),
        ("saya mau beli lampu", "lampu"),
        ("show me all relays please", "relays"),
        ("all of the relays", "relays"),
        ("list all relays", "relays"),
        ("a list of relays", "relays"),
        ("zeig mir alle Lampen", "lampen"),
        ("todas las lámparas", "lamparas"),
        ("all fuses", "fuses"),  # nearly a name without what asks
        ("fuse holder", "fuse holder"),
        ("can i get", "can i get"),  # nothing else
        ("i want the", "i want the"),
        ("needle for speed", "needle for speed"),
        ("buy fuse online", "fuse"),
        ("buy a very cheap shop online", "very cheap shop online"),  # of a name
        ("order fuse online please", "order fuse online"),
    ],
)
def test_what_asks_is_left_out(typed: str, said: str) -> None:
    """Sentences are read for what they are about, in the languages whose words of that kind are known."""
    found = meant(held(*PARTS), normalise(typed).split(), "english")
    assert " ".join(found) == said


@pytest.mark.parametrize("typed", ["i need a dollar", "i need a doctor", "show me the way", "all along the river"])
def test_names_that_ask_are_names(typed: str) -> None:
    """Where a name or value has the words that ask, or all of it is one, they may be meant."""
    names = (Entity("1", "song", "I Need a Dollar"), Entity("2", "song", "Way", aliases=("Show Me the Way",)))
    phrases = held(*names, Entity("3", "song", "All Along the Watchtower"))
    assert " ".join(meant(phrases, typed.split(), "english")) == typed


def test_a_name_that_asks_does_not_spoil_other_questions():
    """Whoever goes on otherwise than the name asks for what comes then."""
    phrases = held(Entity("1", "game", "Show me"), Entity("2", "book", "Ich suche dich"), Entity("3", "lamp", "Lampe"))
    for typed, said in (("show me lamps", "lamps"), ("ich suche eine lampe", "lampe"), ("show me", "show me")):
        assert " ".join(meant(phrases, typed.split(), "english")) == said


def test_a_question_is_understood_as_what_it_asks_for() -> None:
    """Slots are spans of the words that are meant, and "I am" is no "IAM"."""
    dictionary = Dictionary()
    dictionary.replace([None] * len(PARTS), PARTS)
    understood = dictionary.understand("I am looking for a fuse", "default")
    assert understood.respaced == ("fuse",)
    assert [slot.object_ids for slot in understood.interpretations[0].slots] == [("fuse",)]


def test_words_that_join_a_clause_say_little():
    """Behind "that", of four words or more; alone they may be a name."""
    assert relating(["items", "that", "let", "you", "fly"]) == ["let", "you"]
    assert relating(["you", "can", "fly"]) == relating(["let", "you", "fly", "now"]) == []
