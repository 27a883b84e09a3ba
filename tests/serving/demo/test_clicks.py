"""The position-based click model."""

import pytest

from ltrr.serving.demo.people.clicks import ClickModel, examination, net_clicks

PAGE = tuple(f"song:{n}" for n in range(10))
QUERIES = 4000


def rates(model: ClickModel, relevance: dict[str, float]) -> list[float]:
    """Return the empirical click-through rate by position."""
    counts = [0] * len(PAGE)
    for number in range(QUERIES):
        for click in model.clicks(number, PAGE, relevance):
            counts[click.position - 1] += click.kind == "click"
    return [count / QUERIES for count in counts]


def test_examination_falls_with_the_position():
    """The first position is always looked at, the third half of the time."""
    assert examination(1) == 1.0
    assert examination(3) == pytest.approx(0.5)


def test_clicks_follow_examination_times_relevance():
    """At every position the rate is P(looked at) x relevance, within four standard errors."""
    found = rates(ClickModel(seed=7, noise=0.0), dict.fromkeys(PAGE, 0.6))
    assert found == pytest.approx([0.6 * examination(n) for n in range(1, 11)], abs=4 * (0.25 / QUERIES) ** 0.5)


def test_noise_clicks_are_rare_and_not_net():
    """What is irrelevant is clicked in 2% of its examinations, and never counted as net."""
    model = ClickModel(seed=7)
    assert rates(model, {})[0] == pytest.approx(0.02, abs=0.01)
    assert sum(net_clicks(model.clicks(number, PAGE, {})) for number in range(200)) == 0


def test_systems_share_the_uniforms_of_what_both_show():
    """A click depends on the query, the object and its position alone, not on the rest of the page."""
    model = ClickModel(seed=7)
    relevance = dict.fromkeys(PAGE, 0.5)
    for number in range(200):
        ours = model.clicks(number, PAGE, relevance)
        theirs = model.clicks(number, (*PAGE[:5], "song:90", "song:91"), relevance)
        assert [c for c in ours if c.position <= 5] == [c for c in theirs if c.position <= 5]


def test_moving_up_never_loses_a_click():
    """An object that is clicked at a lower position is clicked at a higher one too."""
    model = ClickModel(seed=7)
    for number in range(500):
        below = {c.object_id for c in model.clicks(number, ("a", "b", "c", "d"), {"d": 0.5})}
        above = {c.object_id for c in model.clicks(number, ("d", "a", "b", "c"), {"d": 0.5})}
        assert "d" in above or "d" not in below


def test_likes_follow_clicks_on_the_very_relevant():
    """A like comes right after its click, at the given rate, and adds no net click."""
    model = ClickModel(seed=7, noise=0.0, like_rate=0.3)
    likes = 0
    for number in range(QUERIES):
        done = model.clicks(number, ("a", "b"), {"a": 0.9, "b": 0.7})
        likes += sum(click.kind == "like" for click in done)
        assert net_clicks(done) == sum(click.kind == "click" for click in done)
        assert all(click.object_id == "a" for click in done if click.kind == "like")
    assert likes / QUERIES == pytest.approx(0.9 * 0.3, abs=0.03)


def test_another_seed_draws_other_clicks():
    """The seed changes what happens; the same seed repeats it."""
    relevance = dict.fromkeys(PAGE, 0.5)
    runs = [[ClickModel(seed).clicks(n, PAGE, relevance) for n in range(50)] for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_the_uneager_do_nothing():
    """An uneager visitor does nothing on any system's page; an eager one does what they would have done anyway."""
    always, seldom = ClickModel(seed=7), ClickModel(seed=7, eagerness=0.1)
    relevance = dict.fromkeys(PAGE, 0.9)
    whole = [always.clicks(number, PAGE, relevance) for number in range(QUERIES)]
    some = [seldom.clicks(number, PAGE, relevance) for number in range(QUERIES)]
    other = [seldom.clicks(number, PAGE[::-1], relevance) for number in range(QUERIES)]
    assert all(ours in ((), theirs) for ours, theirs in zip(some, whole, strict=True))
    assert sum(map(bool, some)) / sum(map(bool, whole)) == pytest.approx(0.1, abs=4 * (0.09 / QUERIES) ** 0.5)
    acted = [number for number in range(QUERIES) if some[number] or other[number]]
    assert sum(bool(some[number] and other[number]) for number in acted) > 0.9 * len(acted)
