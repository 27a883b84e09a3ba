"""How often pages are acted on, and what silence of whom says of a page."""

import numpy as np
import pytest

from ltrr.models.rewards.engagement import EVERYONE, USUAL_RATE, Senders
from ltrr.models.statistics.decay import Decay
from tests.models.states import swept

DAY = 1_440  # stretches


def counted(senders: Senders, name: str | None, pages: int, acted: int = 0, time_s: float = 0.0) -> float:
    """Count pages of a sender, the first of them acted on; return the sum of the weights that they had."""
    total = 0.0
    for number in range(pages):
        total += senders.weight(name, time_s)
        senders.show(name, time_s)
        if number < acted:
            senders.act(name, time_s)
    return total


def visits(seed: int, pages: int, chance: float, bots: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of silent pages, of people and of a bot: people come for four pages in the mean."""
    rng, senders, visit = np.random.default_rng(seed), Senders(Decay()), 0
    weights: tuple[list[float], list[float]] = ([], [])
    for _ in range(pages):
        visit += rng.random() < 0.25
        is_bot = rng.random() < bots
        name = "bot" if is_bot else f"visit {visit}"
        weight = senders.weight(name, 0.0)
        senders.show(name, 0.0)
        if not is_bot and rng.random() < chance:
            senders.act(name, 0.0)
        else:
            weights[is_bot].append(weight)
    return np.array(weights[0]), np.array(weights[1])


def test_where_nothing_is_known_silence_counts():
    """The first page of a new application, of whomever, is taken for one of a usual visitor."""
    assert Senders(Decay()).weight(None, 0.0) == Senders(Decay()).weight("user:ann", 0.0) == 1.0


def test_a_site_where_people_click_learns_from_silence():
    """Where every other page is acted on, silent ones count nearly in full: but for those of unlucky visitors."""
    weights, _ = visits(1, 2_000, 0.5)
    assert weights.mean() > 0.85


def test_a_site_where_nobody_clicks_teaches_little():
    """300 silent pages of nobody in particular count like some 35, of one sender like 6."""
    assert counted(Senders(Decay()), None, 300) == pytest.approx(35, abs=1)
    assert counted(Senders(Decay()), "user:monitor", 300) == pytest.approx(6, abs=1)


def test_silence_weighs_as_people_click():
    """Where people click at a tenth of the usual rate, a silent page counts like a tenth of one."""
    weights, _ = visits(2, 5_000, USUAL_RATE / 10)
    assert weights[1_000:].mean() == pytest.approx(0.1, abs=0.03)


def test_a_bot_among_people_teaches_little():
    """Of a bot under an id of its own 300 silent pages count like less than 20, and people's count as without it."""
    alone, _ = visits(3, 3_000, 0.4)
    people, bot = visits(3, 3_000, 0.4, bots=0.1)
    assert len(bot) > 250
    assert bot.sum() < 20
    assert people.mean() > alone.mean() - 0.02


def test_a_sender_that_goes_quiet_teaches_ever_less():
    """Who acted on a third of 40 pages, where that is usual, counts half after some 50 more and a fifth after 200."""
    senders = Senders(Decay())
    counted(senders, None, 10_000, 3_500)
    counted(senders, "user:ann", 40, 14)
    assert senders.weight("user:ann", 0.0) == 1.0
    counted(senders, "user:ann", 60)
    assert senders.weight("user:ann", 0.0) == pytest.approx(0.5, abs=0.05)
    counted(senders, "user:ann", 140)
    assert senders.weight("user:ann", 0.0) == pytest.approx(0.22, abs=0.03)


def test_counts_fade():
    """What was counted a half-life ago counts half, so that a silence of long ago is forgotten."""
    senders = Senders(Decay(100.0))
    counted(senders, "user:ann", 8, 2)
    now = senders.of("user:ann", 100.0)
    assert (now.pages, now.acted) == (4.0, 1.0)
    assert senders.weight("user:ann", 1e5) == pytest.approx(1.0)


def test_partitions_add_up():
    """A sender whose pages lie in several partitions is known as if they lay in one; adding copies nothing."""
    rng, whole, parts = np.random.default_rng(4), Senders(Decay(50.0)), [Senders(Decay(50.0)) for _ in range(3)]
    for time_s in np.sort(rng.uniform(0, 500, 300)).tolist():
        name = str(rng.choice(["user:ann", "session:s"]))
        for one in (whole, parts[rng.integers(3)]):
            one.show(name, time_s)
            if time_s % 1 < 0.4:
                one.act(name, time_s)
    summed = parts[0] + (parts[1] + parts[2])
    assert set(summed) == set(whole) == {EVERYONE, "user:ann", "session:s"}
    for name in whole:
        mine, theirs = summed.of(name, 600.0), whole.of(name, 600.0)
        assert (mine.pages, mine.acted) == pytest.approx((theirs.pages, theirs.acted), rel=1e-9)
    assert summed.weight("user:ann", 600.0) == pytest.approx(whole.weight("user:ann", 600.0), rel=1e-9)


def test_senders_are_bounded():
    """A full table takes no new sender in; the sweep drops those of least pages and makes room; everyone stays."""
    senders = Senders(Decay(), most=4)
    for name, pages in zip("abcd", (3, 1, 2, 4), strict=True):
        counted(senders, name, pages)
    assert senders.show("e", 0.0) == [EVERYONE]
    assert senders.act("e", 0.0) == [EVERYONE]
    assert swept(senders.sweep(0, 1)) == ["b"]
    assert set(senders) == {EVERYONE, "a", "c", "d"}
    assert senders.show("e", 60.0, stretch=1) == [EVERYONE, "e"]
    assert senders.of(EVERYONE, 0.0).pages == 12


def test_an_action_from_before_a_senders_birth_does_not_count():
    """One that was dropped and came again knows nothing of pages before, whenever their actions are read."""
    senders = Senders(Decay(), most=2)
    counted(senders, "a", 1)
    counted(senders, "b", 2)
    assert swept(senders.sweep(0, 1)) == ["a"]
    senders.show("a", 60.0, stretch=1)
    assert senders.act("a", 0.0, stretch=0) == [EVERYONE]
    assert senders.act("a", 60.0, stretch=1) == [EVERYONE, "a"]


def test_what_has_faded_is_dropped():
    """Once less than a hundredth of a page is left, where a half-life or a day of the log has passed."""
    senders = Senders(Decay(3_600.0))
    senders.show("a", 0.0)
    assert swept(senders.sweep(1, 6 * 60)) == []
    assert swept(senders.sweep(6 * 60, 7 * 60 - 1)) == []
    assert swept(senders.sweep(7 * 60 - 1, 7 * 60)) == ["a"]
    assert set(senders) == {EVERYONE}
