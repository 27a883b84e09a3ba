"""A name or id that is typed as it is: what a few visitors take instead does not move it from the first place."""

from dataclasses import replace

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.models.text import normalise
from ltrr.serving.retrieval.waves import named_ids
from tests.serving.shop import Shop, hits

NAMES = ("malcontent", "malcontent gui", "content filter", "mail content", "filter", "gui tools", "parents")
CALM = {"explore_share": 0.0, "swap_share": 0.0}
PLAN = {"baseline": {"fulltext": 10, "fuzzy": 10, "memory": 10}, "policy": "static"}


def packages() -> list[Entity]:
    """Return packages with ids of two words."""
    return [
        Entity(object_id=f"deb-{name.replace(' ', '-')}", type="package", name=name, popularity=float(number))
        for number, name in enumerate(NAMES)
    ]


def takes(shop: Shop, query: str, wanted: str, visitors: range, action: str = "purchase") -> None:
    """Let visitors each take the same of a query once."""
    for number in visitors:
        page = shop.search(query, user_id=f"visitor {number}")
        assert shop.post("/v1/events", shop.action(page["query_id"], wanted, action)).json()["accepted"] == 1


@pytest.mark.parametrize("query", ["malcontent", "Malcontent", "deb-malcontent"])
def test_a_few_visitors_move_no_name_and_no_id(query: str):
    """Five purchases by five visitors of another leave it where it was, for others and for them, and explained."""
    with Shop(entities=packages(), **CALM, **PLAN) as shop:
        takes(shop, query, "deb-malcontent-gui", range(5))
        for user in ("visitor 0", "somebody"):
            items = shop.search(query, user_id=user, explain=True)["items"]
            assert [item["object_id"] for item in items[:2]] == ["deb-malcontent", "deb-malcontent-gui"]
            rests = [i["score"] - sum(i["contributions"].values()) - sum(i["groups"].values()) for i in items]
            assert rests == pytest.approx([rests[0]] * len(items), abs=1e-4)


@pytest.mark.whole
def test_many_visitors_who_prefer_another_have_it_first():
    """Forty who saw the named one first and bought the other say what is meant; not where as many take it."""
    with Shop(entities=packages(), **CALM, **PLAN) as shop:
        takes(shop, "malcontent", "deb-malcontent-gui", range(40))
        assert hits(shop.search("malcontent"))[0] == "deb-malcontent-gui"
        takes(shop, "malcontent", "deb-malcontent", range(40))
        assert hits(shop.search("malcontent"))[0] == "deb-malcontent"


def test_what_names_nothing_is_for_the_first_few_to_say():
    """A description has no such ceiling."""
    with Shop(entities=packages(), **CALM, **PLAN) as shop:
        last = hits(shop.search("content gui"))[-1]
        takes(shop, "content gui", last, range(5))
        assert hits(shop.search("content gui"))[0] == last


def test_what_one_visitor_takes_again_and_again_is_first_for_himself():
    """On a mistyped query his ten purchases have it first for him, for others not before others have taken it, too."""
    query, wanted = "gui tols", "deb-malcontent-gui"
    with Shop(entities=packages(), **CALM, **PLAN) as shop:
        for _ in range(10):
            takes(shop, query, wanted, range(1))
        assert hits(shop.search(query, user_id="visitor 0"))[0] == wanted
        for user in ("somebody", None):
            assert hits(shop.search(query, user_id=user))[:2] == ["deb-gui-tools", wanted]
        takes(shop, query, wanted, range(1, 9))
        assert hits(shop.search(query, user_id="somebody"))[0] == wanted


@pytest.mark.parametrize("query", ["malcontent", "Malcontent"])
def test_it_is_a_candidate_of_every_plan(query: str):
    """Whatever a policy draws, it is on the page; no arm is named for it where none has brought it; filters hold."""
    drawn = {"policy": "uniform", "arms": ["popular", "memory"], "baseline": {"popular": 1}, "ladder": (0, 1)}
    loved = [replace(one, popularity=1e6) if one.name == "malcontent gui" else one for one in packages()]
    bare = 0
    with Shop(entities=loved, generator=None, **CALM, **drawn) as shop:
        for number in range(9):
            items = {one["object_id"]: one for one in shop.search(query, user_id=f"visitor {number}")["items"]}
            bare += not items["deb-malcontent"]["sources"]
        assert "deb-malcontent" not in hits(shop.search(query, user_id="visitor 0", filters={"type": ["song"]}))
        given = shop.search(query, plan={"popular": 1}, learn=False)
        assert all(item["sources"] for item in given["items"]), "a given plan shows what it retrieves"
    assert bare


def test_what_may_be_named():
    """Entities of just this name in any spelling of its case, and what the typed text would be the id of."""
    with Shop(entities=packages()) as shop:

        def named(text: str) -> tuple[str, ...]:
            understanding = shop.service.index.understand(text, "default")
            return named_ids(Query(text, normalise(text), (), 0.0, 0, understanding=understanding))

        assert named(" deb-gui-tools ") == ("deb-gui-tools",)
        assert named("GUI  Tools") == ("GUI  Tools", "deb-gui-tools")
        assert named("gui tols") == ("gui tols",)


def test_an_id_of_digits_comes_before_values_that_have_it():
    """However popular these are; what is called by that number is meant as much, and more arms know it."""
    parts = [
        Entity(
            f"{number:05d}", "part", f"Drill {number % 7}", {"group": {f"{number // 5:05d}": 1.0}}, popularity=number
        )
        for number in range(100)
    ]
    others = [
        Entity("774720", "part", "Drill new", {"replaces": {"774799": 1.0}}, popularity=500.0),
        Entity("774799", "part", "Drill old"),
        Entity("1984", "part", "Drill odd"),
        Entity("book", "book", "1984", popularity=50.0),
    ]
    with Shop(entities=[*parts, *others], **CALM) as shop:
        for asked in ("00003", "00010", "00019", "774799"):
            assert hits(shop.search(asked, learn=False))[0] == asked
        assert hits(shop.search("1984", learn=False))[:2] == ["book", "1984"]
