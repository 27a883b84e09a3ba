"""What the answer to events says of them: what was learned, and why the rest was not."""

import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.serving.settings.settings import Settings
from tests.serving.service.test_intake import ubi_query
from tests.serving.shop import NOON_S, Shop, hits


@pytest.mark.parametrize("name", ["Click", "item_click", "productClick", "result-click", " select item ", "CLICK"])
def test_a_name_is_known_in_many_spellings(standing: Shop, name: str):
    """Case, hyphens, humps and usual other names do not matter; the same action under two names counts once."""
    query = f"love {name.encode().hex()}"  # that nobody else asks
    answer = standing.search(query)
    query_id, taken = answer["query_id"], hits(answer)[0]
    assert standing.post("/v1/events", standing.action(query_id, taken, name)).json()["taught"] == 1
    again = standing.post("/v1/events", standing.action(query_id, taken)).json()
    assert (again["taught"], again["not_taught"]) == (0, {"duplicate": 1})
    pairs = {pair["object_id"]: pair["actions"] for pair in standing.get("/v1/memory", query=query)["pairs"]}
    assert pairs[taken] == 0.5


def test_that_nothing_is_learned_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Where no event can teach, whoever sends some is told so, beside what else there is to tell."""
    answer = shop.search()
    monkeypatch.setattr(shop.service.intake._understanding, "_learns", lambda: False)
    told = shop.post("/v1/events", shop.action(answer["query_id"], hits(answer)[0], "hover")).json()
    assert [hint.partition(";")[0] for hint in told["hints"]] == [
        "'hover' teaches nothing",
        "it is kept, and nothing of it is learned for now",
    ]


def test_further_names_are_a_setting():
    """A site's own name stands for one that has a weight; one that stands for nothing is an error that names it."""
    with Shop(action_aliases={"bookNow": "purchase"}) as shop:
        answer = shop.search()
        assert shop.post("/v1/events", shop.action(answer["query_id"], hits(answer)[0], "book-now")).json()["taught"]
        assert shop.get("/v1/memory", query="love night")["pairs"][0]["actions"] == 1.0
    with pytest.raises(InvalidSettings, match=r"LTRR_ACTION_ALIASES: buy has no weight; LTRR_ACTION_WEIGHTS has add_"):
        _ = Settings(action_aliases={"book": "buy"}).aliases


def test_names_without_a_weight_are_told(shop: Shop):
    """They are kept and teach nothing; the answer names each once, and a metric has the first of them."""
    answer = shop.search()
    events = [
        shop.action(answer["query_id"], hits(answer)[0], name) for name in ("hover", "Hover", "scroll-by", "hover")
    ]
    told = shop.post("/v1/events", events).json()
    assert (told["accepted"], told["taught"], told["without_weight"]) == (4, 0, ["hover", "Hover", "scroll-by"])
    assert told["not_taught"] == {"without_weight": 4}
    (hint,) = told["hints"]
    assert hint.startswith("'hover' teaches nothing; name it in LTRR_ACTION_WEIGHTS or LTRR_ACTION_ALIASES: ")
    assert "learns the log anew" in hint
    assert shop.metric("ltrr_actions_without_weight_total", {"name": "hover"}) == 3
    many = shop.post("/v1/events", [shop.action("q", "o", f"name-{number}") for number in range(30)]).json()
    assert len(many["without_weight"]) == 20
    assert shop.metric("ltrr_actions_without_weight_total", {"name": "other"}) == 12


def test_what_cannot_be_joined_is_told(shop: Shop):
    """Unknown queries and unknown objects are told apart, with an example of each; what waits may still be learned."""
    ours = shop.search()
    events = [
        shop.action("nobody's", "song-1"),
        shop.action("theirs", "song-1"),
        shop.action(ours["query_id"], "elsewhere"),
        shop.action(ours["query_id"], hits(ours)[0]),
    ]
    told = shop.post("/v1/events", events).json()
    assert (told["accepted"], told["taught"], told["not_taught"]) == (4, 1, {"dangling": 2, "unshown": 1})
    assert [hint.partition(";")[0] for hint in told["hints"]] == [
        """query "nobody's": no page of it is known, or none of the last 2400 s (LTRR_JOIN_WINDOW_S)""",
        f"query {ours['query_id']!r}: no page shows 'elsewhere'",
    ]
    assert shop.post("/ubi_queries", ubi_query(shop)).json()["taught"] == 2  # the page, and the action that waited


def test_another_application_than_the_page_s_is_told():
    """One shop teaches nothing of another's page; the page's own counts, as one that names none does, as its own."""
    with Shop(applications=("botone", "default")) as shop:
        answer = shop.search(application="default")
        event = shop.action(answer["query_id"], hits(answer)[0])
        told = shop.post("/v1/events", {**event, "application": "botone"}).json()
        assert (told["taught"], told["not_taught"]) == (0, {"other_application": 1})
        assert told["hints"] == ["an action names another application than its search did; send that one, or none"]
        assert shop.post("/v1/events", event).json()["taught"] == 1
        again = shop.post("/v1/events", {**event, "application": "default"}).json()
        assert (again["taught"], again["not_taught"]) == (0, {"duplicate": 1})
        assert shop.metric("ltrr_actions_total", {"application": "default", "action": "click"}) == 2


def test_clocks_and_zones_are_told_of(shop: Shop):
    """Of pages and actions of a time to come, and actions before their page, the answer says what is wrong."""
    first, second = shop.search(), shop.search()
    early = shop.action(first["query_id"], hits(first)[0]) | {"timestamp": NOON_S - 7_200}
    ahead = shop.action(second["query_id"], hits(second)[0]) | {"timestamp": NOON_S + 7_200}
    told = shop.post("/v1/events", [early, ahead]).json()
    assert told["not_taught"] == {"early": 1, "future": 1}
    told["hints"] += (page := shop.post("/ubi_queries", ubi_query(shop, timestamp=NOON_S + 7_200)).json())["hints"]
    assert page["not_taught"] == {"future": 1}
    assert len(told["hints"]) == 3
    assert all("zone" in hint and "read as UTC" in hint for hint in told["hints"])


def test_a_purchase_of_days_later_is_taught(shop: Shop):
    """It counts where its object was clicked; a click of that time does not, and a purchase of something else."""
    answer = shop.search(user_id="ann")
    shop.click(answer["query_id"], hits(answer)[0])
    shop.clock.now_s += 5 * 86_400
    bought, other = (shop.action(answer["query_id"], object_id, "Purchase") for object_id in hits(answer)[:2])
    told = shop.post("/v1/events", [bought, other, {**bought, "action_name": "like"}]).json()
    assert (told["taught"], told["not_taught"]) == (1, {"dangling": 2})
    held = shop.service.fold().state.application("default").memory.queries["love night"]
    assert held.pairs[hits(answer)[0]].actions > 0.8


def test_actions_on_what_the_catalogue_lacks_are_told(shop: Shop):
    """Ids of another form are counted, with one of each side: they are taught, and never shown."""
    shop.post("/ubi_queries", ubi_query(shop, query_response_hit_ids=["SKU-3", "song-1"]))
    events = [shop.action("theirs", thing, name) for thing, name in (("SKU-3", "click"), ("SKU-3", "like"))]
    told = shop.post("/v1/events", [shop.action("theirs", "song-1"), *events]).json()
    assert (told["taught"], told["not_in_catalogue"]) == (3, {"actions": 2, "sent": "SKU-3", "held": "song-0"})
    assert "not_in_catalogue" not in shop.post("/v1/events", shop.action("theirs", "song-1", "like")).json()


def test_actions_of_another_tenant_are_looked_up_there():
    """Where an action names no application: in that of its page, and nowhere where the page is not known."""
    with Shop(applications=("botone", "default")) as shop:
        answer = shop.search(application="default")
        action = shop.action(answer["query_id"], hits(answer)[0], "purchase")
        shop.clock.now_s += 3_600  # the learner knows the page no more
        assert "not_in_catalogue" not in shop.post("/v1/events", action).json()
        assert "not_in_catalogue" not in shop.post("/v1/events", {**action, "query_id": "nobody's"}).json()
        told = shop.post("/v1/events", {**action, "application": "botone"}).json()
        assert told["not_in_catalogue"]["actions"] == 1


def test_actions_that_were_dropped_are_told(shop: Shop):
    """Of actions before their pages 2,000 a minute wait; that others were dropped is said, and what to do."""
    told = []
    for first in range(0, 2_400, 800):
        events = [shop.action(f"q-{number}", "song-1") for number in range(first, first + 800)]
        shop.clock.now_s += 1
        told.append(shop.post("/v1/events", events).json())
    shop.clock.now_s += 1
    told.append(shop.post("/ubi_queries", ubi_query(shop)).json())
    assert sum(one.get("not_taught", {}).get("crowded", 0) for one in told) == 400
    assert any("send queries before the events on them" in hint for one in told for hint in one.get("hints", ()))


def test_pages_are_told_too(shop: Shop):
    """Of queries the answer says how many pages taught, and what the others were."""
    queries = [ubi_query(shop, query_response_hit_ids=[]), ubi_query(shop), ubi_query(shop)]
    told = shop.post("/ubi_queries", queries).json()
    assert (told["accepted"], told["taught"], told["not_taught"]) == (3, 1, {"empty": 1, "duplicate": 1})
