"""POST /v1/search knows who asks: profiles from clicks, holidays, attributes; and what is logged of it."""

from pathlib import Path

import pytest

from tests.serving.shop import Shop, hits

EPIPHANY_S = 1_767_700_800.0  # 2026-01-06 12:00 UTC, a holiday in Bavaria but not in Berlin


def test_clicks_make_a_profile(shop: Shop):
    """What a user clicked is known at the next search, in context and ranking; another user stays unknown."""
    first = shop.search(user_id="ann", session_id="s")
    clicked = hits(first)[2]
    shop.click(first["query_id"], clicked)
    answers = [
        shop.search(explain=True, **who) for who in ({"user_id": "ann"}, {"session_id": "s"}, {"user_id": "bob"})
    ]
    contexts = [impression.context for impression in shop.impressions()]
    known = [(context["profile_known"], context["session_known"]) for context in contexts]
    assert known == [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)]
    assert contexts[1]["profile_strength"] > 0.0
    found = [{item["object_id"]: item["features"] for item in answer["items"]} for answer in answers]
    assert found[0][clicked]["affinity.user"] > found[0][clicked]["affinity.session"] == 0.0
    assert found[1][clicked]["affinity.session"] > found[1][clicked]["affinity.user"] == 0.0
    assert all(features["affinity.attributes"] >= 0.0 for features in found[0].values())
    assert not any(name.startswith("affinity") for features in found[2].values() for name in features)


def test_personal_brings_what_is_near_to_the_user():
    """The arm has candidates for who has clicked, and none for a stranger, whose search is answered without."""
    with Shop(arms=["personal", "fulltext"], policy="static", baseline={"personal": 10, "fulltext": 10}) as shop:
        first = shop.search(user_id="ann")
        shop.click(first["query_id"], hits(first)[0])
        arms = [
            {source["arm"] for item in answer["items"] for source in item["sources"]}
            for answer in (first, shop.search(user_id="ann"), shop.search(user_id="bob"))
        ]
        assert arms == [{"fulltext"}, {"fulltext", "personal"}, {"fulltext"}]


def test_a_query_about_ones_genres_is_known_as_such(shop: Shop):
    """The context says how far the genre that a query names is one that the user takes."""
    for _ in range(3):
        answer = shop.search("pop", user_id="ann", filters={"genre": ["pop"]})
        shop.click(answer["query_id"], hits(answer)[0])
    shop.search("pop", user_id="ann")
    shop.search("jazz", user_id="ann")
    pop, jazz = [impression.context["profile_match"] for impression in shop.impressions()[-2:]]
    assert pop > 0.0
    assert jazz == 0.0


def test_profiles_outlive_the_process(tmp_path: Path):
    """What a user clicked before a restart is known after it, and the state is the same."""
    with Shop(tmp_path) as shop:
        first = shop.search(user_id="ann", session_id="s")
        shop.click(first["query_id"], hits(first)[0])
        before = [shop.service.state.application("default").profiles[kind].own for kind in ("user", "session")]
    with Shop(tmp_path, entities=[]) as shop:
        after = [shop.service.state.application("default").profiles[kind].own for kind in ("user", "session")]
        assert after == before
        names = [[shop.service.naming.visitors.name(given)] for given in ("ann", "s")]
        assert [list(profiles) for profiles in after] == names


def test_holidays_are_those_of_the_region(shop: Shop):
    """The flag follows the calendar of country and subdivision by the user's own clock; unknown regions have none."""
    shop.clock.now_s = EPIPHANY_S
    for region in ("DE-BY", "de-by", "DE-BE", "AT", "XX", "DE-QQ", "nowhere", None):
        shop.search(region=region)
    shop.search(region="DE-BY", timezone="Pacific/Kiritimati")  # where it is the day after
    flags = [impression.context["holiday"] for impression in shop.impressions()]
    assert flags == [1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_attributes_that_settings_name_are_context():
    """Numbers and flags of the request, its language and region among them, are logged; others are not."""
    with Shop(context_attributes=["visits", "plan=premium", "language=de", "region=AT"]) as shop:
        shop.search(attributes={"visits": 4, "plan": "Premium", "age": 40}, language="de", region="AT")
        shop.search()
        told, silent = [impression.context for impression in shop.impressions()]
        names = ("attribute:visits", "attribute:plan=premium", "attribute:language=de", "attribute:region=AT")
        assert [told[name] for name in names] == [4.0, 1.0, 1.0, 1.0]
        assert [silent.get(name) for name in names] == [None, 0.0, 0.0, 0.0]
        assert "attribute:age" not in told
        assert shop.service.state.learning.context_names[-4:] == names


@pytest.mark.parametrize("region", ["", "x" * 11])
def test_region_is_short(standing: Shop, region: str):
    """An empty region is none; one that is too long is refused."""
    response = standing.post("/v1/search", {"query": "x", "region": region})
    assert response.status_code == (422 if region else 200)
