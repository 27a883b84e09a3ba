"""One visitor is one voice: what his searches weigh is bounded, and most people never come near it."""

from collections.abc import Sequence

import numpy as np
import pytest

from ltrr.serving.decisions.voices import Voices

NOON_S = 1_767_268_800.0


def said(voices: Voices, times_s: Sequence[float], visitor: str | None = "user:ann", query: str = "") -> list[float]:
    """Return the voices of searches, each for words of its own where no query is given."""
    return [
        voices.voice("shop", visitor, query or f"about {n}", f"{visitor} {t} {n}", t) for n, t in enumerate(times_s)
    ]


def test_who_searches_as_people_do_is_heard_in_full():
    """Thirty-nine searches a day, and the same words three times, count in full."""
    assert set(said(Voices(20, 3), [NOON_S + 2_160.0 * number for number in range(39)])) == {1.0}
    assert said(Voices(20, 3), [NOON_S, NOON_S + 60, NOON_S + 120], query="love") == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("seed", range(4))
def test_nobody_says_more_than_is_allowed(seed: int):
    """In any stretch the voices of a visitor sum up to what is allowed at once and for its length, at most."""
    rng = np.random.default_rng(seed)
    times_s = np.sort(NOON_S + rng.choice([5.0, 3_600.0, 90_000.0]) * rng.random(400))
    queries = [f"query {number}" for number in rng.integers(0, 5, 400)]
    voices = Voices(20, 3)
    heard = np.array(
        [voices.voice("shop", "user:bot", q, str(n), t) for n, (q, t) in enumerate(zip(queries, times_s, strict=True))]
    )
    assert ((heard >= 0) & (heard <= 1)).all()
    for first in range(0, 400, 40):
        for last in range(first, 400, 40):
            part, days = slice(first, last + 1), (times_s[last] - times_s[first]) / 86_400
            assert heard[part].sum() <= 20 * (1 + days) + 1e-9
            of_one = heard[part][np.array(queries[part]) == "query 0"].sum()
            assert of_one <= 3 * (1 + days) + 1e-9


def test_others_are_heard_beside_who_shouts():
    """What one has said takes nothing from others, from the same one elsewhere, nor from those nobody can name."""
    voices = Voices(20, 3)
    assert sum(said(voices, [NOON_S] * 1 + [NOON_S + number / 100 for number in range(1, 400)])) == pytest.approx(
        20.0, abs=0.05
    )
    assert said(voices, [NOON_S + 5], "user:ben") == [1.0]
    assert voices.voice("other shop", "user:ann", "love", "q", NOON_S + 5) == 1.0
    assert said(voices, [NOON_S + number / 100 for number in range(400)], None) == [1.0] * 400


def test_a_day_later_all_can_be_said_again():
    """An allowance fills up with time, up to what it is, and never by times that go back."""
    voices = Voices(2, 0)
    assert said(voices, [NOON_S, NOON_S, NOON_S - 7_200]) == [1.0, 1.0, 0.0]
    assert said(voices, [NOON_S + 21_600, NOON_S + 200_000, NOON_S + 200_000, NOON_S + 200_000]) == [0.5, 1.0, 1.0, 0.0]


def test_pages_of_one_search_have_one_voice():
    """Further pages of a query id say no more than the first."""
    voices = Voices(1.5, 0)
    one = [voices.voice("shop", "user:ann", "love", query_id, NOON_S) for query_id in ("a", "a", "b", "b", "c")]
    assert one == [1.0, 1.0, 0.5, 0.5, 0.0]


def test_without_bounds_everybody_is_heard():
    """Where nothing is bounded all count in full."""
    assert said(Voices(), [NOON_S] * 100) == [1.0] * 100


def test_few_allowances_are_known():
    """The table is bounded: those longest unused go first."""
    voices = Voices(1, 0, most=2)
    for visitor in ("a", "b", "c", "b"):
        said(voices, [NOON_S], visitor)
    assert said(voices, [NOON_S + 864], "b") == [0.01]
    assert said(voices, [NOON_S + 864], "a") == [1.0]


def test_a_search_that_showed_nothing_gives_its_voice_back():
    """Whoever asks what cannot be asked has as much to say afterwards as before; another search's voice stays taken."""
    voices = Voices(2, 1)
    assert voices.voice("shop", "ada", "love", "q1", NOON_S) == 1.0
    voices.give_back("shop", "ada", "love", "q1")
    assert voices.voice("shop", "ada", "love", "q2", NOON_S) == 1.0
    voices.give_back("shop", "ada", "love", "q1")
    assert voices.voice("shop", "ada", "love", "q3", NOON_S) == 0.0
    assert voices.voice("shop", "ada", "night", "q4", NOON_S) == 1.0
