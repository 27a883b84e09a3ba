"""Modes: who decides a search, who decides unseen, and what becomes of that."""

import copy
from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.bench.running.exactness import difference, written
from ltrr.models.errors import InvalidSettings
from ltrr.models.policies.apprentice import Apprentice
from ltrr.models.policies.igw import InverseGapWeighting
from ltrr.models.records.impression import Impression
from ltrr.models.state.learning import Learning
from ltrr.models.state.state import ApplicationState
from ltrr.serving.decisions.modes import helpless, misfit
from ltrr.serving.decisions.served_state import PlainState, ServedState
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.terminal import tables
from tests.serving.shop import SECRET, Shop, hits

BASELINE = {"baseline": {"fulltext": 10, "dense": 5}, "exploration": 0.2}
ARMS = ["dense", "fulltext", "fuzzy"]


def taught(shop: Shop, searches: int = 12) -> list[Impression]:
    """Search and click, and return what was logged."""
    for number in range(searches):
        answer = shop.search(("love night", "fire", "blue moon")[number % 3])
        shop.click(answer["query_id"], hits(answer)[0])
    return shop.impressions()


def test_an_apprentice_runs_the_baseline_and_learns():
    """Plans are those of LTRR_BASELINE with exploration, while what is learned is what any policy would learn."""
    with Shop(mode="apprentice", arms=ARMS, **BASELINE) as shop:
        logged = taught(shop)
        described = shop.get("/v1/policy")
        assert (described["mode"], described["policy"], described["shadow"]) == ("apprentice", "apprentice", None)
        assert described["decisions"] == 12
    for impression in logged:
        decision = impression.decision
        assert decision.policy == "apprentice"
        chances = dict(zip(decision.arms, decision.probabilities, strict=True))
        assert chances["fulltext"][2] > 0.8
        assert chances["dense"][1] > 0.8
        assert chances["fuzzy"][0] > 0.8
        assert min(min(row) for row in decision.probabilities) > 0
        assert impression.shadow is None


@pytest.mark.whole
def test_static_serves_nothing_that_was_learned(tmp_path: Path):
    """After whatever was learned the pages are those of a fresh installation, to the last item, and nothing moves."""
    queries = ("love night", "fire", "blue moon", "river gold")
    with Shop(mode="static", arms=ARMS, **BASELINE) as fresh:
        first = {query: hits(fresh.search(query)) for query in queries}
    with Shop(tmp_path, arms=ARMS, greed=1e4, **BASELINE) as shop:
        for _ in range(15):
            for query in queries:
                answer = shop.search(query)
                shop.click(answer["query_id"], hits(answer)[-1])
    with Shop(tmp_path, arms=ARMS, greed=1e4, explore_share=0.0, swap_share=0.0, **BASELINE) as shop:
        assert any(hits(shop.search(query)) != first[query] for query in queries)
    changed = {"explore_share": 0.5, "swap_share": 0.5, "secret": "other ids than before", "former_secrets": [SECRET]}
    with Shop(tmp_path, mode="static", arms=ARMS, **changed, **BASELINE) as shop:
        described = shop.get("/v1/policy")
        assert (described["mode"], described["ranker"]["serves"]) == ("static", "retrieval")
        for query in queries * 5:
            answer = shop.search(query)
            assert hits(answer) == first[query]
            shop.click(answer["query_id"], hits(answer)[-1])
        assert shop.get("/v1/policy")["decisions"] > described["decisions"], "it learns on"
        last = shop.impressions()[-1]
        assert (last.ranker, last.slot_share, last.swap_share) == ("retrieval", 0.0, 0.0)
        assert last.decision.budgets() == BASELINE["baseline"]


def test_static_remembers_nothing_and_nobody(tmp_path: Path):
    """Arms that read what people took bring what they would bring on the first day, and it is learned on."""
    plan = {"baseline": {"fulltext": 10, "memory": 10, "personal": 10}, "arms": ["fulltext", "memory", "personal"]}
    queries = ("love night", "love nigth", "fire")
    with Shop(mode="static", **plan) as fresh:
        first = {query: hits(fresh.search(query, user_id="ada")) for query in queries}
    with Shop(tmp_path, **plan) as shop:
        for query in queries * 3:
            answer = shop.search(query, user_id="ada", size=20)
            shop.click(answer["query_id"], hits(answer)[-1])
        assert any(hits(shop.search(query, user_id="ada")) != first[query] for query in queries)
    with Shop(tmp_path, mode="static", **plan) as shop:
        for query in queries:
            answer = shop.search(query, user_id="ada")
            assert hits(answer) == first[query]
            before = shop.get("/v1/memory", query=query)["pairs"]
            shop.click(answer["query_id"], hits(answer)[0])
            assert before != shop.get("/v1/memory", query=query)["pairs"], "it learns on"
        context = shop.impressions()[-1].context
        assert (context["memory_known"], context["profile_known"]) == (0.0, 0.0)


def test_static_needs_a_baseline(monkeypatch: pytest.MonkeyPatch):
    """Without a plan to go back to there is no way back: that is said at the start, and of a promoted version."""
    monkeypatch.setenv("LTRR_BASELINE", "{}")
    monkeypatch.setenv("LTRR_MODE", "static")
    with pytest.raises(InvalidSettings, match="LTRR_MODE=static serves LTRR_BASELINE, and that is empty"):
        load_settings()
    learning = Settings(baseline={}).learning(strategy_arms())
    plain = PlainState(Unlearned(learning), learning, Settings().policy_options)
    assert "plan runs nothing" in (helpless(plain, "default") or "")


def test_the_shadow_is_logged_and_not_run():
    """Its plan, its probabilities and that of the plan that was run are logged exactly as it would have decided."""
    with Shop(mode="shadow", arms=ARMS, **BASELINE) as shop:
        described = shop.get("/v1/policy")
        assert described["mode"] == "apprentice"
        assert described["shadow"] == {"version": "v1", "policy": "igw", "revision": 0}
        assert tables.policy(described)[1].caption.splitlines()[-1] == "in the shadow: version v1, policy igw"
        logged = taught(shop)
        state = shop.service.state
        assert isinstance(state.policy("default"), Apprentice)
        model = copy.deepcopy(state.application("default").reward_model)
        own = InverseGapWeighting(state.policy("default").space, model, state.policy("default").options)
        shop.search()
        last = shop.impressions()[-1]
        shadow, decision = last.shadow, last.decision
        expected = own.distribution(last.context, decision.seed)
        assert shadow.levels == own.choose(expected, decision.seed)
        assert [list(row) for row in shadow.probabilities] == expected.marginals.tolist()
        assert shadow.joint == expected.joint(shadow.levels)
        assert shadow.served_joint == expected.joint(decision.levels)
        assert (shadow.policy, shadow.policy_version, shadow.revision) == ("igw", "v1", decision.revision)
    assert any(one.shadow.levels != one.decision.levels for one in logged)
    for one in logged:
        budgets = {
            arm: one.decision.ladder[level] for arm, level in zip(one.decision.arms, one.decision.levels, strict=True)
        }
        assert all(source.rank <= budgets[source.arm] for c in one.candidates for source in c.sources)


@pytest.mark.whole
def test_a_shadow_leaves_searches_as_they_are():
    """With and without it, answers and plans are the same to the last bit, and all that is learned to rounding."""
    states, answers = [], []
    for mode in ("apprentice", "shadow"):
        with Shop(mode=mode, arms=ARMS, **BASELINE) as shop:
            answers.append([replace(i, shadow=None, latencies_ms={}) for i in taught(shop)])
            states.append(written(shop.service._learner.fold))
    assert repr(answers[0]) == repr(answers[1])
    unlike, apart = difference(*states)
    assert (unlike, apart < 1e-9) == (0, True)


def test_it_is_shown_and_counted():
    """With `explain` an answer has the plan of the shadow; Prometheus has its levels, and whether they were run."""
    with Shop(mode="shadow", arms=ARMS, **BASELINE) as shop:
        assert "shadow" not in shop.search()
        answer = shop.search(explain=True)
        shown, logged = answer["shadow"], shop.impressions()
        assert (shown["policy"], shown["policy_version"]) == ("igw", "v1")
        assert [arm["arm"] for arm in shown["plan"]] == ARMS
        assert [arm["level"] for arm in shown["plan"]] == list(logged[-1].shadow.levels)
        for arm in range(len(ARMS)):
            for level in range(4):
                for same in ("yes", "no"):
                    labels = {"arm": ARMS[arm], "level": str(level), "same": same}
                    expected = sum(
                        i.shadow.levels[arm] == level and (i.decision.levels[arm] == level) == (same == "yes")
                        for i in logged
                    )
                    assert shop.metric("ltrr_shadow_level_total", labels) == expected
        assert shop.metric("ltrr_search_phase_seconds_count", {"phase": "shadow"}) == 2
        later = shop.search(query_id=answer["query_id"], page=2, explain=True)
        assert later["shadow"] == shown
        assert shop.metric("ltrr_search_phase_seconds_count", {"phase": "shadow"}) == 2


def test_a_shadow_that_breaks_costs_no_search(caplog: pytest.LogCaptureFixture):
    """Whatever happens in it, the search is answered and logged without it, and that is counted and said."""
    with Shop(mode="shadow", arms=ARMS, **BASELINE) as shop:
        shadow = shop.service.views._state.serving("default").shadow
        shadow._options = None  # no policy can work with these
        shadow._policies.clear()
        assert hits(shop.search("love night", explain=True))
        (logged,) = shop.impressions()
        assert logged.shadow is None
        assert shop.metric("ltrr_shadow_failed_total") == 1
    assert "version v1 found no plan in the shadow" in caplog.text


def test_what_cannot_serve_is_told_at_the_start():
    """An apprentice of a static plan that runs nothing is refused before anything is served."""
    for mode in ("apprentice", "shadow"):
        with pytest.raises(InvalidSettings, match="plan runs nothing"):
            Shop(mode=mode, baseline={})


def test_modes_of_versions_need_kafka(shop: Shop):
    """Embedded there is one version: a promotion is refused and names the setting; what is no mode is refused first."""
    answer = shop.post("/v1/policy/v2/promote?mode=shadow", None)
    assert (answer.status_code, "LTRR_MODE" in answer.json()["detail"]) == (409, True)
    assert shop.post("/v1/policy/v2/promote?mode=loud", None).status_code == 422


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"max_calls": 2, "price_weight": 0.1, "policy": "thompson", "baseline": {}}, None),
        ({"arms": ["dense", "fulltext"]}, "arms"),
        ({"arms": ARMS[::-1]}, "arms"),
        ({"ladder": [0, 5, 10]}, "ladder"),
        ({"context_attributes": ["plan=premium"]}, "context_attributes"),
        ({"policy": "static", "baseline": {}}, "plan runs nothing"),
    ],
)
def test_only_what_fits_can_be_in_the_shadow(changed: dict[str, object], reason: str | None):
    """Other caps, prices and policies fit; plans over other arms, budgets or contexts could not be compared."""

    def state(**more: object) -> ServedState:
        settings = Settings(**{"arms": ARMS, **BASELINE, **more})
        learning = settings.learning(strategy_arms())
        return ServedState(Unlearned(learning), learning, settings.policy, settings.policy_options, "v2")

    found = misfit(state(), state(**changed), "default")
    assert found is None if reason is None else reason in found


class Unlearned:
    """State in which nothing was learned."""

    revision = 0

    def __init__(self, learning: Learning) -> None:
        self._learned = ApplicationState.empty(learning)

    def application(self, name: str) -> ApplicationState:
        """Return it."""
        del name
        return self._learned
