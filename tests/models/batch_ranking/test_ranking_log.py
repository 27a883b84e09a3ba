"""A log as a ranker trained in batches reads it: joined as the learner joins, features as they were logged."""

from dataclasses import replace

import numpy as np
from msgspec import structs

from ltrr.models.batch_ranking.log import RankingLog
from ltrr.models.ranking.batch_ranker import batch_features
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from tests.models.logs import LEARNING, START_S, impression

LAYOUT = RankerLayout(LEARNING.rules.names)


def pages(count: int = 6) -> list[Impression]:
    """Return first pages of one application that show something, ten seconds apart."""
    rng = np.random.default_rng(4)
    found: list[Impression] = []
    while len(found) < count:
        made = impression(rng, f"q{len(found)}", START_S + 10 * len(found))
        if made.looks():
            found.append(replace(made, application="shop0"))
    return found


def act(page: Impression, row: int = 0, name: str = "click", after_s: float = 5.0) -> Action:
    """Return an action on the entity in a row of a page."""
    return Action(page.query_id, list(page.looks())[row], name, page.time_s + after_s, application="shop0")


def test_pages_with_actions_are_kept_as_logged():
    """Features equal the logged ones bit for bit; of an entity's actions the most valuable counts."""
    log, shown = RankingLog(LEARNING, "shop0", START_S), pages()
    for one in shown:
        log.absorb_impressions(one.time_s, [one])
    taken = shown[2]
    for action in (act(taken), act(taken, 0, "like"), act(taken, 0, "click"), act(shown[1], 0, "hover")):
        log.absorb_actions(action.time_s, [action])
    (kept,) = log.pages()
    rows = sorted((c for c in taken.candidates if c.position), key=lambda c: c.object_id)
    raw = np.array([c.features for c in rows], dtype=np.float64)
    assert np.array_equal(kept.features, batch_features(raw, taken.context), equal_nan=True)
    assert np.isnan(kept.features).any()
    at = [c.object_id for c in rows].index(act(taken).object_id)
    assert kept.values[at] == LEARNING.action_weights["like"]
    assert np.count_nonzero(kept.values) == 1
    assert kept.looks.tolist() == [taken.looks()[c.object_id] for c in rows]
    assert kept.scores.tolist() == [c.score for c in rows]
    assert (log.shown, kept.ranker) == (6, "online")


def test_features_of_another_layout_are_found_by_name():
    """What was logged in another order keeps its meaning, and what was not logged is missing."""
    log, one = RankingLog(LEARNING, "shop0", START_S), pages(1)[0]
    names = one.feature_names[::-1][:-1]
    moved = tuple(structs.replace(c, features=c.features[::-1][:-1]) if c.position else c for c in one.candidates)
    log.absorb_impressions(one.time_s, [replace(one, feature_names=names, candidates=moved)])
    log.absorb_actions(one.time_s + 5, [act(one)])
    kept = log.pages()[0].features[:, : len(LAYOUT.names)]
    expected = np.array([c.features for c in sorted(one.candidates, key=lambda c: c.object_id) if c.position])
    assert np.isnan(kept[:, 0]).all()
    assert np.array_equal(kept[:, 1:], expected[:, 1:], equal_nan=True)


def test_what_is_left_out():
    """Pages before the range, of other tenants, without features or repeated, and late actions, teach nothing."""
    log, shown = RankingLog(LEARNING, "shop0", START_S + 15), pages()
    early, foreign, bare, late = shown[0], replace(shown[2], application="shop1"), shown[3], shown[4]
    silent = replace(shown[5], learn=False)
    bare = replace(bare, feature_names=(), candidates=tuple(structs.replace(c, features=()) for c in bare.candidates))
    for one in (early, foreign, bare, late, late, silent):
        log.absorb_impressions(one.time_s, [one])
    for one in (early, foreign, bare, silent):
        log.absorb_actions(one.time_s + 5, [act(one)])
    log.absorb_actions(late.time_s + 5, [act(late, after_s=LEARNING.join_window_s + LEARNING.late_s + 1)])
    assert log.pages() == []
    assert log.shown == 2
    reasons = ("no features of ours", "not to be learned", "repeated, late or from the future")
    assert dict(log.unusable) == dict.fromkeys(reasons, 1)


def test_an_action_that_is_read_first_waits():
    """The order in which the topics are read changes nothing."""
    log, one = RankingLog(LEARNING, "shop0", START_S), pages(1)[0]
    log.absorb_actions(one.time_s - 1, [act(one)])
    log.absorb_impressions(one.time_s, [one])
    assert [page.key for page in log.pages()] == [("q0", 1)]
