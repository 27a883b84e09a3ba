"""What people took for a query again and again: on its page whatever plan was drawn, and nobody's credit."""

from collections import Counter

from pydantic import JsonValue

from tests.serving.shop import Shop, hits

QUERY = "love night"
PAGES = 12


def taught(shop: Shop, clicks: int = 3) -> str:
    """Return what is seldom shown for a query, after it was clicked."""
    pages = [shop.search(QUERY, size=40, user_id=f"taught {visitor}") for visitor in range(PAGES)]
    shown = Counter(object_id for page in pages for object_id in hits(page))
    _, wanted = min((count, object_id) for object_id, count in shown.items() if count >= clicks)
    for page in [page for page in pages if wanted in hits(page)][:clicks]:
        shop.click(page["query_id"], wanted)
    return wanted


def buys(shop: Shop, wanted: str, visitor: str, times: int) -> None:
    """Let a visitor buy it on so many pages that show it, an hour apart."""
    for _ in range(times):
        shop.clock.now_s += 3_600
        page = shop.search(QUERY, size=40, user_id=visitor)
        while wanted not in hits(page):
            page = shop.search(QUERY, size=40, user_id=visitor)
        assert shop.post("/v1/events", shop.action(page["query_id"], wanted, "purchase")).json()["accepted"] == 1


def without_it(shop: Shop, wanted: str, **more: JsonValue) -> tuple[list[dict[str, JsonValue]], int]:
    """Return the items of PAGES that no arm has brought, and how many of the pages lack one."""
    found, lacking = [], 0
    for visitor in range(PAGES):
        page = shop.search(QUERY, user_id=f"visitor {visitor}", size=40, **more)
        lacking += wanted not in hits(page)
        found += [item for item in page["items"] if not item["sources"]]
    return found, lacking


def test_it_is_a_candidate_of_every_plan():
    """Silent searches do not lose it, though the memory is off every other time; no arm is named for it."""
    with Shop(policy="uniform", baseline={"fuzzy": 5}, ladder=(0, 5)) as shop:
        wanted = taught(shop)
        bare, lacking = without_it(shop, wanted)
        assert lacking == 0
        assert {item["object_id"] for item in bare} == {wanted}
        logged = [c for page in shop.impressions() for c in page.candidates if not c.sources]
        assert {c.object_id for c in logged} == {wanted}
        assert all(c.contributions == {} for c in logged)


def test_one_visitor_alone_brings_nothing():
    """Who buys the same again and again, unbounded, has it on no page by that, until somebody else takes it, too."""
    with Shop(policy="uniform", baseline={"fuzzy": 5}, ladder=(0, 5)) as shop:
        wanted = taught(shop, clicks=0)
        buys(shop, wanted, "mallory", 6)
        (pair,) = [one for one in shop.get("/v1/memory", query=QUERY)["pairs"] if one["object_id"] == wanted]
        assert pair["actions"] == 0.5, "so much of five and more counts for others"
        assert pair["score"] > 0.1
        bare, lacking = without_it(shop, wanted)
        assert bare == []
        assert lacking > 0
        buys(shop, wanted, "ann", 1)
        assert without_it(shop, wanted)[1] == 0


def test_filters_hold_for_it():
    """What does not pass them is not shown, whatever the memory holds."""
    with Shop(baseline={"fuzzy": 5}, ladder=(0, 5)) as shop:
        wanted = taught(shop)
        genre = shop.service.index.entities("default", [wanted])[0].attributes["genre"]
        other = next(name for name in ("pop", "rock", "jazz") if name not in genre)
        assert without_it(shop, wanted, filters={"genre": [other]}) == ([], PAGES)


def test_the_baseline_shows_what_it_retrieves():
    """Neither a given plan nor a mode of the baseline gets it."""
    plan: dict[str, JsonValue] = {"fulltext": 5}
    with Shop(mode="apprentice", baseline=plan, ladder=(0, 5)) as shop:
        taught(shop)
        assert without_it(shop, "nothing")[0] == []
        page = shop.search(QUERY, plan=plan, learn=False, size=40)
        assert all(item["sources"] for item in page["items"])
