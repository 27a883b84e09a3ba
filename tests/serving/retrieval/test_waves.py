"""No page stays empty where the baseline finds something: its arms run then, and that is said."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing

import pytest

from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.records.entity import Entity
from ltrr.models.records.fields import FieldKinds
from ltrr.models.records.impression import Decision
from ltrr.models.records.query import Bounded, Hit, Order, Query, Understanding
from ltrr.models.retrieval import Retrieval
from ltrr.retrievers.index.cards import Cards
from ltrr.retrievers.index.index import Index
from ltrr.serving.metrics import Metrics
from ltrr.serving.retrieval.waves import Waves
from ltrr.testing.fake_engine import FakeEngine
from tests.serving.shop import Shop, hits

LADDER = (0, 2, 4)
ARMS = (Arm("words", ("text:words",)), Arm("near", ("vector:near",)), Arm("past"))
QUERY = Query(text="q", normalised="q", tokens=("q",), time_s=0.0, seed=1)


class Engines:
    """Brings what each arm has, as far as its engine answers; only some entities are there to be shown."""

    def __init__(self, lists: Mapping[str, str], shown: str, away: str = "") -> None:
        self._lists, self._shown, self._away = lists, shown, away
        self.asked: list[dict[str, int]] = []

    def understand(self, text: str, application: str) -> Understanding:
        """Understand nothing."""
        raise NotImplementedError(text, application)

    def bounded(self, text: str, application: str) -> Bounded:
        """Read no bounds."""
        del application
        return Bounded(text)

    def respelt(self, text: str, application: str) -> Understanding | None:
        """Know no other words."""
        del text, application

    async def retrieve(self, query: Query, budgets: Mapping[str, int], patience: float = 1.0) -> Retrieval:
        """Return the beginning of each arm's list."""
        del query, patience
        self.asked.append(dict(budgets))
        lists, failures = {}, {}
        for arm in (arm for arm in ARMS if arm.name in budgets):
            if self._away in arm.engines:
                failures[arm.name] = self._away
            else:
                found = self._lists.get(arm.name, "")[: budgets[arm.name]]
                lists[arm.name] = [Hit(object_id, 1.0) for object_id in found]
        return Retrieval(lists, {"text": 3.0}, failures)

    async def browse(self, query: Query, order: Order | None, limit: int, patience: float = 1.0) -> Retrieval:
        """Browse nothing."""
        raise NotImplementedError(query, order, limit, patience)

    def kinds(self, application: str) -> FieldKinds:
        """Know no field."""
        raise NotImplementedError(application)

    def values_near(self, application: str, attribute: str, text: str) -> Sequence[str]:
        """Know no value."""
        raise NotImplementedError(application, attribute, text)

    def entities(self, application: str, object_ids: Sequence[str]) -> Sequence[Entity | None]:
        """Return the entities that are there."""
        del application
        return [Entity(object_id=i, type="t", name=i) if i in self._shown else None for i in object_ids]


def run(
    engines: Engines, levels: tuple[int, ...], baseline: tuple[int, ...] = (2, 1, 0), off: float = 0.6, **caps: int
):
    """Run a plan over arms of the three. off: the probability of each to be off."""
    rules = PlanRules(ARMS, LADDER, baseline=baseline, **caps)
    rows = ((off, (1 - off) / 2, (1 - off) / 2),) * 3
    plan = Decision("static", "v1", 0, rules.names, LADDER, levels, rows, 0.1, 1, 1.0, 1)
    metrics = Metrics()
    found = asyncio.run(Waves(engines, metrics).run(QUERY, plan, rules))
    return found, metrics.registry.get_sample_value("ltrr_fallback_total")


def test_plan_that_finds_something_is_all_that_runs():
    """One candidate is enough."""
    engines = Engines({"past": "a"}, "a")
    found, counted = run(engines, (0, 0, 1))
    assert (engines.asked, found.fallback, counted) == ([{"past": 2}], (), 0.0)
    assert found.whole is found.planned


@pytest.mark.parametrize(
    ("found", "off", "ran"),
    [("a", 0.1, ("words", "near")), ("q", 0.1, ()), ("a", 0.6, ())],
    ids=["seldom", "it_has_the_words", "mostly"],
)
def test_no_trial_costs_a_search_what_it_asked_for(found: str, off: float, ran: tuple[str, ...]):
    """What is seldom off runs after all where nothing that was found has the words of the query."""
    engines = Engines({"past": found, "words": "q"}, "aq")
    result, counted = run(engines, (0, 0, 1), off=off)
    assert (result.fallback, counted, len(engines.asked)) == (ran, float(bool(ran)), 1 + bool(ran))
    assert ("q" in result.cards) == (bool(ran) or found == "q")
    assert list(result.planned.lists) == ["past"]


def test_baseline_runs_where_the_plan_brought_nothing():
    """What it had not run runs at the baseline's budgets; time is that of both waves, and the plan's own is kept."""
    engines = Engines({"words": "abcd", "near": "ax"}, "abc")
    found, counted = run(engines, (0, 0, 2))
    assert engines.asked == [{"past": 4}, {"words": 4, "near": 2}]
    assert (found.fallback, counted) == (("words", "near"), 1.0)
    assert (list(found.cards), found.whole.latencies_ms) == (["a", "b", "c"], {"text": 6.0})
    assert list(found.planned.lists) == ["past"]


def test_hits_that_cannot_be_shown_are_nothing():
    """An arm that ran at less than the baseline's budget runs again: what it found is no longer in the catalogue."""
    engines = Engines({"words": "xyab"}, "ab")
    found, _ = run(engines, (1, 1, 0))
    assert engines.asked == [{"words": 2, "near": 2}, {"words": 4}]
    assert [hit.object_id for hit in found.planned.lists["words"]] == ["x", "y"]
    assert [hit.object_id for hit in found.whole.lists["words"]] == ["x", "y", "a", "b"]
    assert list(found.cards) == ["a", "b"]


def test_engine_that_is_away_is_not_asked_again():
    """Its arms would cost one more deadline; the others of the baseline run."""
    engines = Engines({"words": "a"}, "a", away="vector")
    found, _ = run(engines, (0, 2, 0), baseline=(2, 2, 1))
    assert engines.asked == [{"near": 4}, {"words": 4, "past": 2}]
    assert (found.engines_failed, found.fallback) == (("vector",), ("words", "past"))


@pytest.mark.parametrize("baseline", [(), (1, 1, 0)], ids=["none", "the_plan_itself"])
def test_nothing_is_run_where_the_baseline_has_no_more(baseline: tuple[int, ...]):
    """Without a baseline, or under a plan that was at least the baseline, an empty page is empty."""
    engines = Engines({}, "")
    found, counted = run(engines, (2, 1, 0), baseline)
    assert (len(engines.asked), found.fallback, counted) == (1, (), 0.0)


def test_other_arms_run_where_the_baselines_engine_is_away():
    """No arm of the baseline answers: all others that can do, after it was tried, as far as the caps allow."""
    engines = Engines({"near": "a", "past": "b"}, "ab", away="text")
    found, counted = run(engines, (2, 0, 0), baseline=(2, 0, 0))
    assert engines.asked == [{"words": 4}, {"near": 4, "past": 4}]
    assert (found.engines_failed, found.fallback, counted) == (("text",), ("near", "past"), 1.0)
    assert list(found.cards) == ["a", "b"]
    engines = Engines({"near": "a"}, "a", away="text")
    found, counted = run(engines, (0, 0, 1), baseline=(1, 0, 0), max_candidates=3)
    assert engines.asked == [{"past": 2}, {"words": 2}, {"near": 2}]
    assert (found.fallback, counted, list(found.cards)) == (("words", "near"), 1.0, ["a"])


class Asleep(FakeEngine):
    """Answers only who has more patience than usual."""

    async def search(self, requests: Sequence[object], patience: float = 1.0) -> list[list[Hit]]:
        """Answer each request with one hit, or never."""
        found = await super().search(requests)
        if patience == 1.0:
            await asyncio.Event().wait()
        return found


def over(text: FakeEngine, vector: FakeEngine) -> Index:
    """Return an index of one entity over two engines, of which searches wait half a second."""
    index = Index(Cards(), {"text": text, "vector": vector}, [], ExitStack(), 10, {"text": 0.5, "vector": 0.5})
    asyncio.run(index.index([Entity("one", "t", "q")]))
    return index


@pytest.mark.parametrize("arm", ["fulltext", "dense"])
def test_a_page_is_late_rather_than_empty(arm: str):
    """An engine without which nothing is found is asked once more, for the baseline; that it was late is said."""
    text, vector = Asleep(), Asleep()
    arms = (Arm("fulltext", ("text:fulltext",)), Arm("dense", ("vector:dense",)))
    rules = PlanRules(arms, LADDER, baseline=(2, 0))
    levels = (1, 0) if arm == "fulltext" else (0, 1)
    plan = Decision("static", "v1", 0, rules.names, LADDER, levels, ((0.6, 0.2, 0.2),) * 2, 0.1, 1, 1.0, 1)
    metrics = Metrics()
    with closing(over(text, vector)) as index:
        found = asyncio.run(Waves(index, metrics).run(QUERY, plan, rules))
    assert (list(found.cards), found.fallback[-1]) == (["one"], "fulltext")
    assert found.engines_failed == ("text", "vector")  # each was asked, and late
    assert (len(text.batches), len(vector.batches)) == (2, 1)
    assert metrics.registry.get_sample_value("ltrr_degraded_total", {"engine": "text"}) == 1.0


def test_what_is_found_waits_for_nobody():
    """Where another engine has found something the late one costs its arms, and no more."""
    text, vector = Asleep(), FakeEngine()
    arms = (Arm("fulltext", ("text:fulltext",)), Arm("dense", ("vector:dense",)))
    rules = PlanRules(arms, LADDER, baseline=(2, 0))
    plan = Decision("static", "v1", 0, rules.names, LADDER, (1, 1), ((0.6, 0.2, 0.2),) * 2, 0.1, 1, 1.0, 1)
    with closing(over(text, vector)) as index:
        found = asyncio.run(Waves(index, Metrics()).run(QUERY, plan, rules))
    assert (list(found.cards), found.engines_failed, len(text.batches)) == (["one"], ("text",), 1)


def test_a_list_in_another_order_is_late_rather_than_empty():
    """What no plan is drawn for waits as well."""
    text = Asleep()
    with closing(over(text, FakeEngine())) as index:
        found = asyncio.run(Waves(index, Metrics()).browse(QUERY, None, 5))
    assert (list(found.cards), found.engines_failed, len(text.batches)) == (["one"], ("text",), 2)


def test_an_empty_query_is_answered_without_a_plan():
    """The baseline of full text finds nothing for it: no arm is asked; words that nothing has are not guessed at."""
    engines = Engines({"past": "a"}, "a")
    run(engines, (1, 0, 0), baseline=(1, 0, 0))
    assert engines.asked == [{"words": 2}]
    with Shop(policy="uniform") as shop:
        assert all(hits(shop.search("")) for _ in range(12))


def test_words_are_read_as_others_where_nothing_is_found():
    """Two slips in a short word leave a page empty: then the same arms look for the nearest word, and it is said."""
    entities = [Entity(name, "icon", name) for name in ("bicycle", "video", "video-lamp")]
    arms = ("fulltext", "fuzzy")
    with Shop(entities=entities, arms=arms, baseline=dict.fromkeys(arms, 10)) as shop:
        answer = shop.search("bycicle")
        assert (hits(answer), answer["fallback"]) == (["bicycle"], ["fulltext", "fuzzy"])
        assert answer["hints"] == ["nothing is spelt like 'bycicle': these are results of 'bicycle'"]
        assert answer["understanding"]["interpretations"][0]["slots"][0]["text"] == "bicycle"
        assert shop.impressions()[0].normalised_query == "bycicle"
        known, unlike, kept = shop.search("vidio"), shop.search("zebra"), shop.search("vedio", filters={"type": "lamp"})
        assert (hits(known)[0], known["hints"], known["fallback"]) == ("video", [], [])
        assert (hits(unlike), hits(kept)) == ([], [])
        assert "nothing is spelt" not in " ".join([*unlike["hints"], *kept["hints"]])


def test_searches_fall_back_and_say_so():
    """A plan of the memory alone finds nothing in a new shop: the page has what full text finds, marked as such."""
    with Shop(arms=("fulltext", "memory"), policy="uniform", baseline={"fulltext": 10}) as shop:
        answers = [shop.search("love night") for _ in range(20)]
        assert all(hits(answer) for answer in answers)
        fell = [answer["fallback"] == ["fulltext"] for answer in answers]
        assert 0 < sum(fell) < len(fell)
        assert fell == [answer["plan"][0]["level"] == 0 for answer in answers]
        assert shop.metric("ltrr_fallback_total") == sum(fell)
        logged = shop.impressions()[fell.index(True)]
        assert (logged.fallback, list(logged.brought)) == (("fulltext",), ["memory"])
        assert {source.arm for candidate in logged.candidates for source in candidate.sources} == {"fulltext"}
