"""What stands first for the queries that are asked most, beside the baseline without learning."""

from functools import partial

from ltrr.models.records.entity import Entity
from ltrr.serving.judging.first_places import First, FirstPlaces, first_places
from tests.serving.shop import Shop, hits

TOOLS = [Entity(f"tool-{n}", "tool", f"{kind} {n}") for n, kind in enumerate(["Viewer"] * 5 + ["Panel"] * 5)]
LOOK = partial(first_places, application="default")


def test_what_people_have_moved_to_the_first_place_is_told():
    """With the query, what stands there now and what stood there; what nobody has changed is no example."""
    with Shop(entities=TOOLS, explore_share=0.0, swap_share=0.0) as shop:
        assert shop.run(LOOK).firsts == []
        first, *_, last = hits(shop.search("viewer"))
        shop.search("panel")
        assert "of the 2 queries asked most here 0 have another first" in shop.run(LOOK).said()
        for visitor in range(12):
            page = shop.search("viewer", user_id=f"visitor {visitor}")
            shop.click(page["query_id"], last)
        searches = sum(row["searches"] for row in shop.get("/v1/dashboard/queries")["queries"])
        logged = len(shop.impressions())
        found = shop.run(LOOK)
        assert len(shop.impressions()) == logged
        assert sum(row["searches"] for row in shop.get("/v1/dashboard/queries")["queries"]) == searches
    (changed,) = [one for one in found.firsts if one.changed]
    assert (changed.query, changed.before["object_id"], changed.now["object_id"]) == ("viewer", first, last)
    assert f"'viewer' has {changed.now['name']} for {changed.before['name']}" in found.said()
    assert (found.lost, found.many_lost) == (0, False)


def test_names_that_are_not_found_first_any_more_are_counted():
    """Two of them, and a tenth of the queries that name something, are a reason to look; others changed are none."""
    cron, other = {"object_id": "deb-cron", "name": "Cron"}, {"object_id": "deb-other", "name": "Other"}
    lost, gone, by_id = First("cron", other, cron), First("cron", None, cron), First("deb cron", other, cron)
    kept, topic = First("other", other, other), First("daemon", other, cron)
    assert [one.named for one in (lost, gone, by_id, kept, topic)] == [True, True, True, True, False]
    assert [one.lost for one in (lost, gone, by_id, kept, topic)] == [True, True, True, False, False]
    assert not First("cron", other | {"name": "CRON"}, cron).lost  # another of the same name
    assert FirstPlaces([lost, *[topic] * 30]).many_lost is False
    assert FirstPlaces([lost, gone]).many_lost is True
    assert FirstPlaces([lost, gone, *[kept] * 30]).many_lost is False
    assert (
        FirstPlaces([topic, gone, kept])
        .said()
        .endswith(
            "2 have another first result than the baseline without learning, 1 in place of what they name: "
            "'cron' has nothing for Cron; 'daemon' has Other for Cron"
        )
    )
