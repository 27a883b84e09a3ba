"""POST /v1/search: what it answers, what it logs, and how pages go on."""

import math
from dataclasses import replace

import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Impression
from ltrr.streams.events.codec import parse_impressions
from ltrr.streams.events.topics import Topic
from tests.serving.shop import Shop, catalogue, hits

ACCEPTED = {"topic": "impressions", "outcome": "accepted"}


class Recording:
    """A sink that keeps what it hands on."""

    def __init__(self, shop: Shop) -> None:
        self.impressions: list[Impression] = []
        self._intake = shop.service.intake

    def append(self, impression: Impression, now_s: float) -> None:
        """Keep an impression."""
        self.impressions.append(impression)
        self._intake.append(impression, now_s)


def test_a_search_is_answered_and_logged(shop: Shop):
    """The log holds the page with everything that was known when it was shown, and it parses back equal."""
    sink = Recording(shop)
    shop.service._worker._sink = sink
    answer = shop.search("Love Night!", user_id="u", session_id="s", client_id="c", client_query_id="mine", size=5)
    (record,) = shop.records(Topic.IMPRESSIONS)
    (logged,) = parse_impressions(record.value)
    assert repr(logged) == repr(sink.impressions[0])  # NaN is no equal of itself
    assert (record.key, logged.query_id) == (answer["query_id"], answer["query_id"])
    assert (logged.user_query, logged.normalised_query) == ("Love Night!", "love night")
    assert logged.client_query_id == "mine"
    names = [shop.service.naming.visitors.name(given) for given in ("u", "s", "c")]
    assert [logged.user_id, logged.session_id, logged.client_id] == names
    assert logged.context["two_tokens"] == 1.0
    assert set(logged.latencies_ms) <= {"text", "vector"}
    shown = sorted((c.position, c.object_id) for c in logged.candidates if c.position is not None)
    assert [object_id for _, object_id in shown] == hits(answer)
    assert [position for position, _ in shown] == [item["position"] for item in answer["items"]] == [1, 2, 3, 4, 5]
    assert len(logged.candidates) > 5


def test_the_decision_is_logged_whole(shop: Shop):
    """The matrix has a probability for each level of each arm, and the answer's plan is what was drawn from it."""
    answer = shop.search()
    (logged,) = shop.impressions()
    decision = logged.decision
    assert decision is not None
    assert decision.arms == shop.service.state.learning.rules.names
    assert [len(row) for row in decision.probabilities] == [len(decision.ladder)] * len(decision.arms)
    assert all(sum(row) == pytest.approx(1.0) and min(row) > 0 for row in decision.probabilities)
    chosen = [row[level] for row, level in zip(decision.probabilities, decision.levels, strict=True)]
    assert decision.joint == pytest.approx(math.prod(chosen), rel=0.01)  # a little more: all off is no plan
    assert [arm["arm"] for arm in answer["plan"]] == list(decision.arms)
    assert [arm["level"] for arm in answer["plan"]] == list(decision.levels)
    assert [arm["budget"] for arm in answer["plan"]] == [decision.ladder[level] for level in decision.levels]
    assert [arm["propensity"] for arm in answer["plan"]] == pytest.approx(chosen, abs=1e-6)
    assert (answer["policy_version"], answer["revision"]) == (decision.policy_version, decision.revision) == ("v1", 0)


def test_candidates_carry_what_credit_needs(standing: Shop):
    """Each candidate has its sources within their budgets, each arm's part of its score, and features when shown."""
    standing.search(size=5)
    logged = standing.impressions()[-1]
    decision = logged.decision
    assert decision is not None
    budgets = dict(zip(decision.arms, (decision.ladder[level] for level in decision.levels), strict=True))
    scores = [candidate.score for candidate in logged.candidates]
    assert scores == sorted(scores, reverse=True)
    for candidate in logged.candidates:
        assert candidate.sources
        assert all(1 <= source.rank <= budgets[source.arm] for source in candidate.sources)
        assert set(candidate.contributions) == {source.arm for source in candidate.sources}
        assert len(candidate.features) == (len(logged.feature_names) if candidate.position else 0)
    for arm in decision.arms:
        ranks = sorted(s.rank for c in logged.candidates for s in c.sources if s.arm == arm)
        assert ranks == list(range(1, len(ranks) + 1))


def test_explain_shows_parts_and_features(standing: Shop):
    """With explain each result has its estimate, contributions and features; without, none of them."""
    plain = standing.search(size=3)
    assert not any({"contributions", "features", "estimate", "groups"} & item.keys() for item in plain["items"])
    told = standing.search(size=3, explain=True)
    logged = {c.object_id: c for c in standing.impressions()[-1].candidates}
    for item in told["items"]:
        candidate = logged[item["object_id"]]
        assert (item["contributions"], item["estimate"]) == (candidate.contributions, candidate.estimate)
        assert item["features"]["entity.popularity"] > 0 or item["object_id"] == "song-0"
        logged_sources = [(source.arm, source.rank, source.score) for source in candidate.sources]
        assert [(source["arm"], source["rank"], source["score"]) for source in item["sources"]] == logged_sources
        assert set(item["contributions"]) == {source["arm"] for source in item["sources"]}
        for source in item["sources"]:
            assert f"{source['arm']}.gain" in item["features"]


def test_parts_add_up_to_the_score(shop: Shop):
    """What strategies and groups of features added is all that tells results apart; groups are not logged."""
    first = shop.search(size=4, explain=True)
    shop.click(first["query_id"], hits(first)[0])
    items = shop.search(size=4, explain=True)["items"]
    assert {"match", "history", "entity", "affinity"} == set(items[0]["groups"])
    assert items[0]["groups"]["match"] > 0
    rests = [i["score"] - sum(i["contributions"].values()) - sum(i["groups"].values()) for i in items]
    assert rests == pytest.approx([rests[0]] * len(items), abs=1e-4)
    logged = shop.impressions()[-1].candidates
    assert not any({"match", "history"} & candidate.contributions.keys() for candidate in logged)


def test_pages_go_on_without_repeats(standing: Shop):
    """Further pages of a query id continue the same ranking: no result twice, positions count on, one plan."""
    before = standing.metric("ltrr_events_total", ACCEPTED)
    first = standing.search(size=4)
    pages = [first, *(standing.search(size=4, query_id=first["query_id"], page=page) for page in (2, 3))]
    seen = [object_id for page in pages for object_id in hits(page)]
    assert len(set(seen)) == len(seen) == 12
    assert [item["position"] for page in pages for item in page["items"]] == list(range(1, 13))
    assert [page["page"] for page in pages] == [1, 2, 3]
    assert pages[0]["plan"] == pages[1]["plan"] == pages[2]["plan"]
    assert [impression.page for impression in standing.impressions()[-3:]] == [1, 2, 3]
    assert standing.metric("ltrr_events_total", ACCEPTED) - before == 3


def test_understanding_is_sent(standing: Shop):
    """Intent, language, ambiguity and readings; the request's own language goes before what the words tell."""
    told = standing.search("pop")["understanding"]
    assert (told["intent"], told["ambiguity"]) == ("topic", 0.0)
    assert told["interpretations"] == [
        {"likelihood": 1.0, "slots": [{"text": "pop", "category": "genre", "value": "pop"}]}
    ]
    assert standing.search("the love of my night")["understanding"]["language"] == "en"
    assert standing.search("the love of my night", language="sv-SE")["understanding"]["language"] == "sv-SE"
    assert standing.search("zzyzx")["understanding"] == {
        "intent": "unknown",
        "without": [],
        "ranges": {},
        "ambiguity": 0.0,
        "interpretations": [],
    }


def test_what_is_read_is_written_as_the_catalogue_has_it():
    """A value or name that was meant stands there with its capitals, accents and marks."""
    lenses = [Entity(f"l{n}", "lens", f"Zéta F{n}.0 Macro", {"mount": {"K-Mount": 1.0}}) for n in range(1, 4)]
    with Shop(entities=lenses) as shop:
        told = shop.search("zeta f2 0 macro k mount")["understanding"]["interpretations"][0]["slots"]
    assert [(slot["category"], slot["value"]) for slot in told] == [("name", "Zéta F2.0 Macro"), ("mount", "K-Mount")]


def test_a_page_past_the_end_is_empty(standing: Shop):
    """There is nothing behind the last candidate, and that is no error; how many there are is said from the first."""
    first = standing.search(size=10)
    beyond = standing.search(size=10, query_id=first["query_id"], page=100)
    assert (beyond["items"], beyond["retrieved"]) == ([], first["retrieved"])
    pages = [standing.search(size=10, query_id=first["query_id"], page=page)["items"] for page in range(2, 9)]
    assert first["retrieved"] == len(first["items"]) + sum(map(len, pages)) > 10


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"query": "x", "page": 2}, 400, "a further page needs the query_id of the first"),
        ({"query": "x", "query_id": "query-0.0123456789abcdef"}, 404, "query_id was not issued here"),
        ({"query": "x", "query_id": "nonsense", "page": 2}, 404, "query_id was not issued here"),
        ({"query": "x", "application": "nope"}, 404, "add it to LTRR_APPLICATIONS"),
        ({"query": "x", "timezone": "Mars/Olympus"}, 404, "is not an IANA name"),
        ({"query": "x", "timezone": "../../etc/passwd"}, 404, "is not an IANA name"),
        ({"query": "x", "timezone": "Europe"}, 404, "is not an IANA name"),
        ({"query": "x" * 20_001}, 422, "query: String should have at most 20000 characters"),
        ({}, 422, "query: it is missing"),
        ({"query": 7}, 422, "query: Input should be a valid string"),
        ({"query": "x", "size": 0}, 422, "size: "),
        ({"query": "x", "size": 101}, 422, "size: "),
        ({"query": "x", "page": 0}, 422, "page: "),
        ({"query": "x", "plan": {"fulltext": 20}}, 400, "a page of a given plan teaches nothing"),
        ({"query": "x", "colour": "red"}, 422, "colour: there is nothing of that name"),
        ({"query": "x", "filters": {"genre": {"like": "pop"}}}, 422, "filters.genre."),
        ({"query": "x", "size": "10"}, 422, "size: Input should be a valid integer"),
        ({"query": "x", "learn": 0}, 422, "learn: Input should be a valid boolean"),
        ({"query": "x", "user_id": 10**30}, 422, "user_id: "),
        ({"query": "x", "attributes": {"visits": 10**400}}, 422, "attributes.visits."),
        ({"query": "x", "filters": {"price": {"gte": 10**400}}}, 422, "filters.price."),
        (b'{"query": "x", "attributes": {"visits": NaN}}', 422, "attributes.visits."),
        (b"{", 422, "the body cannot be read as JSON"),
        (b'{"query": "\\ud800"}', 422, "query: "),
        (b"[]", 422, "body: "),
    ],
)
def test_what_cannot_be_asked(standing: Shop, body: dict[str, object] | bytes, status: int, detail: str):
    """A request that cannot be answered says which field and why, and leaves no impression."""
    content = body if isinstance(body, bytes) else None
    json = None if content else body
    headers = {"content-type": "application/json"}
    before = len(standing.impressions())
    response = standing.request("POST", "/v1/search", content=content, json=json, headers=headers)
    assert response.status_code == status
    assert detail in response.json()["detail"]
    assert len(standing.impressions()) == before


def test_time_zones_are_the_users(shop: Shop):
    """The context's hour and weekend are those of the user's place."""
    shop.clock.now_s += 1.5 * 86400 - 1800  # Friday, half past eleven in the evening in London
    for zone in ("Europe/London", "Asia/Tokyo", "Pacific/Honolulu"):
        shop.search(timezone=zone)
    contexts = [impression.context for impression in shop.impressions()]
    assert [(context["weekend"], context["night"]) for context in contexts] == [(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]


def test_filters_hold(standing: Shop):
    """Every result has one of the values that a filter accepts."""
    pop = {entity.object_id for entity in catalogue() if "pop" in entity.attributes["genre"]}
    assert set(hits(standing.search(filters={"genre": ["pop"]}))) <= pop


def test_applications_are_kept_apart():
    """A tenant finds, and learns from, its own entities alone."""
    mine = [replace(entity, object_id=f"mine-{entity.object_id}") for entity in catalogue(application="mine")]
    with Shop(entities=[*catalogue(), *mine], applications=("default", "mine")) as shop:
        answer = shop.search(application="mine")
        assert all(object_id.startswith("mine-") for object_id in hits(answer))
        shop.click(answer["query_id"], hits(answer)[0])
        assert shop.get("/v1/memory", query="love night")["pairs"] == []
        assert shop.get("/v1/memory", query="love night", application="mine")["pairs"][0]["actions"] > 0
        assert shop.get("/v1/policy")["decisions"] == 0


def test_an_engine_past_its_deadline_costs_its_arms():
    """With no time for any engine the answer still comes, says what is missing, and is logged and counted."""
    plan = {"fulltext": 10, "dense": 10, "memory": 10}
    with Shop(text_deadline_s=1e-9, vector_deadline_s=1e-9, policy="static", baseline=plan) as shop:
        answer = shop.search()
        (logged,) = shop.impressions()
        assert (answer["items"], answer["degraded"]) == ([], ["text", "vector"])
        decision = logged.decision
        assert decision is not None
        ran = {arm for arm, level in zip(decision.arms, decision.levels, strict=True) if level}
        assert set(logged.failures) == ran - {"memory"}  # that one needs no engine
        assert shop.metric("ltrr_degraded_total", {"engine": "text"}) == 1
        assert shop.metric("ltrr_degraded_total", {"engine": "vector"}) == 1


@pytest.mark.parametrize("query", ["", "   ", "!!!", "\0", "検索 søk ρόδο", "a" * 20_000, "love " * 4_000])
def test_any_text_can_be_searched(standing: Shop, query: str):
    """Empty, odd and very long queries are answered and logged as they were typed."""
    standing.search(query)
    assert standing.impressions()[-1].user_query == query
