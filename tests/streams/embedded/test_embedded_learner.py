"""The embedded learner: restarts, damaged checkpoints and unreadable records leave what the log says."""

import itertools
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.models.errors import StorageFailed
from ltrr.models.learning.fold import Fold
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.state.learning import Learning
from ltrr.models.state.records import RecordKey
from ltrr.streams.embedded.checkpoint import read_checkpoint
from ltrr.streams.embedded.learner import EmbeddedLearner
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.events.codec import encode_action, encode_impression, parse_impressions
from ltrr.streams.events.topics import Topic
from tests.models.learning.test_join import shown
from tests.models.logs import LEARNING, START_S, Message, partition_log
from tests.streams.states import assert_same

TOPICS = {str(topic): 1 for topic in Topic}
LONG_AFTER_S = START_S + 1e6


@pytest.fixture
def log() -> Iterator[EmbeddedLog]:
    """Return an empty log in memory."""
    with EmbeddedLog(TOPICS) as log:
        yield log


def encoded(event: Impression | Action) -> bytes:
    """Return an event as it stands in the log."""
    return encode_impression(event) if isinstance(event, Impression) else encode_action(event)


def append(log: EmbeddedLog, messages: Sequence[Message]) -> None:
    """Put messages of one event or a batch into the log."""
    for message in messages:
        events = [encoded(event) for event in message.events]
        value = events[0] if len(events) == 1 else b"[" + b",".join(events) + b"]"
        log.append(f"ltrr.{message.topic}", None, value, message.recorded_s, partition=0)


def learned(log: EmbeddedLog, learning: Learning = LEARNING, now_s: float = LONG_AFTER_S) -> EmbeddedLearner:
    """Return the learner of the whole log."""
    learner = EmbeddedLearner(log, learning)
    learner.poll(now_s)
    return learner


def click(query_id: str = "q", object_id: str = "e", time_s: float = START_S) -> Action:
    """Return an action."""
    return Action(query_id, object_id, "click", time_s)


@pytest.mark.parametrize("seed", range(2))
def test_polling_as_the_log_grows_equals_one_reading(seed: int, log: EmbeddedLog):
    """However often it polls, the learner ends where one reading of the whole log ends."""
    growing = EmbeddedLearner(log, LEARNING)
    messages = partition_log(seed)
    for message in messages:
        append(log, [message])
        assert growing.poll(message.recorded_s) == 1
    assert growing.poll(LONG_AFTER_S) == 0
    assert_same(growing.fold, learned(log).fold)
    assert growing.fold.state.revision == len(messages)


@pytest.mark.whole
@pytest.mark.parametrize("seed", range(4))
def test_restarts_from_checkpoints_equal_uninterrupted_learning(seed: int, log: EmbeddedLog, tmp_path: Path):
    """Stopped and started anywhere, with and without a fresh checkpoint, nothing is lost or learned twice."""
    checkpoint = tmp_path / "state.bin"
    messages = partition_log(seed)
    for part, start in enumerate(range(0, len(messages), 9)):
        learner = EmbeddedLearner(log, LEARNING, checkpoint)
        for message in messages[start : start + 9]:
            append(log, [message])
            learner.poll(message.recorded_s)
        if part % 3:
            learner.save(LONG_AFTER_S)
    restarted = EmbeddedLearner(log, LEARNING, checkpoint)
    restarted.poll(LONG_AFTER_S)
    assert_same(restarted.fold, learned(log).fold)


def test_a_dangling_action_is_counted_once_over_a_restart(log: EmbeddedLog, tmp_path: Path):
    """An action that was given up before a checkpoint is not given up again after it."""
    learner = EmbeddedLearner(log, LEARNING, tmp_path / "state.bin")
    append(log, [Message("actions", 0, START_S, (click("nowhere"),))])
    learner.poll(START_S + 2 * LEARNING.late_s)
    assert learner.fold.state.counts["actions", "dangling"] == 1
    append(log, [Message("actions", 1, START_S + 3 * LEARNING.late_s, (click("elsewhere"),))])
    learner.poll(START_S + 3 * LEARNING.late_s)
    learner.save(LONG_AFTER_S)
    restarted = EmbeddedLearner(log, LEARNING, tmp_path / "state.bin")
    restarted.poll(LONG_AFTER_S)
    assert restarted.fold.state.counts["actions", "dangling"] == 2


def test_a_restart_reads_back_what_matters_and_says_so(log: EmbeddedLog, tmp_path: Path):
    """Pages from before the stretch that is read back are not counted, as they are not read; few are not told of."""
    learner = EmbeddedLearner(log, LEARNING, tmp_path / "state.bin")
    recent_s = START_S + 2 * learner.fold.join.reach_s
    pages = [shown(START_S, query_id=f"old-{number}") for number in range(10)]
    pages += [shown(recent_s, query_id=f"new-{number}") for number in range(1_000)]
    append(log, [Message("impressions", at, page.time_s, (page,)) for at, page in enumerate(pages)])
    learner.poll(recent_s)
    learner.save(recent_s)
    told: list[str] = []
    restarted = EmbeddedLearner(log, LEARNING, tmp_path / "state.bin", tell=told.append)
    assert told == [f"reading back 1,000 pages of the last {learner.fold.join.reach_s / 60:.0f} minutes"]
    assert restarted.fold.join.open_pages == 1_000
    EmbeddedLearner(log, LEARNING, tmp_path / "none.bin", tell=told.append)
    assert told[1:] == ["learning 1,010 pages and actions of the log"]


@pytest.mark.parametrize("damage", ["flipped", "cut off", "grown", "empty"])
def test_a_damaged_checkpoint_is_learned_again(
    damage: str, log: EmbeddedLog, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """Whatever befell the checkpoint, the learner says so and reads the whole log instead."""
    checkpoint = tmp_path / "state.bin"
    append(log, partition_log(1)[:40])
    first = EmbeddedLearner(log, LEARNING, checkpoint)
    first.poll(LONG_AFTER_S)
    first.save(LONG_AFTER_S)
    whole = checkpoint.read_bytes()
    middle = len(whole) // 2
    checkpoint.write_bytes(
        {
            "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "cut off": whole[:middle],
            "grown": whole + b"\0",
            "empty": b"",
        }[damage]
    )
    with caplog.at_level(logging.WARNING):
        restarted = EmbeddedLearner(log, LEARNING, checkpoint)
    assert f"{checkpoint} is damaged; learning the whole log again" in caplog.text
    restarted.poll(LONG_AFTER_S)
    assert_same(restarted.fold, first.fold)


def test_a_log_shorter_than_its_checkpoint_is_refused(log: EmbeddedLog, tmp_path: Path):
    """A log that lacks what was learned stops the start, says what to do, and leaves the checkpoint as it is."""
    checkpoint = saved_ahead(log, tmp_path)
    before = checkpoint.read_bytes()
    with EmbeddedLog(TOPICS) as older:
        append(older, partition_log(2)[:20])
        for _ in range(2):
            with pytest.raises(StorageFailed, match=r"lacks ltrr.impressions .*--accept-shorter-log"):
                EmbeddedLearner(older, LEARNING, checkpoint)
    assert checkpoint.read_bytes() == before


def test_a_shorter_log_that_is_accepted_is_learned_anew(
    log: EmbeddedLog, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """Once accepted, what the log has is learned into a new state, each old one is kept, and restarts need no more."""
    with EmbeddedLog(TOPICS) as older:
        append(older, partition_log(2)[:20])
        kept = []
        for _ in range(2):
            kept.append(saved_ahead(log, tmp_path).read_bytes())
            restarted = EmbeddedLearner(older, LEARNING, tmp_path / "state.bin", accept_shorter=True)
            restarted.poll(LONG_AFTER_S)
            assert_same(restarted.fold, learned(older).fold)
            restarted.save(LONG_AFTER_S)
        assert [(tmp_path / f"state.kept-{number}.bin").read_bytes() for number in (1, 2)] == kept
        assert "kept as" in caplog.text
        assert_same(EmbeddedLearner(older, LEARNING, tmp_path / "state.bin").fold, restarted.fold)


def saved_ahead(log: EmbeddedLog, folder: Path) -> Path:
    """Return a checkpoint of a whole log, which is appended where it is not there yet."""
    if not log.end_offset(Topic.IMPRESSIONS, 0):
        append(log, partition_log(2))
    (folder / "state.bin").unlink(missing_ok=True)
    ahead = EmbeddedLearner(log, LEARNING, folder / "state.bin")
    ahead.poll(LONG_AFTER_S)
    ahead.save(LONG_AFTER_S)
    return folder / "state.bin"


def other_ladder() -> Learning:
    """Return settings under which the levels of plans mean other budgets."""
    return replace(LEARNING, rules=replace(LEARNING.rules, ladder=(0, 3)))


def fewer_arms() -> Learning:
    """Return settings without one of the arms that the log knows."""
    return replace(LEARNING, rules=replace(LEARNING.rules, arms=LEARNING.rules.arms[:2], baseline=()))


def other_half_life() -> Learning:
    """Return settings under which decayed sums mean something else."""
    return replace(LEARNING, half_life_s=7200.0)


@pytest.mark.parametrize("changed", [other_ladder, fewer_arms, other_half_life])
def test_other_settings_learn_the_log_again(
    changed: object, log: EmbeddedLog, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """A state that was learned under settings that do not fit is replaced by what the log teaches under the new."""
    assert callable(changed)
    learning = changed()
    append(log, partition_log(3)[:80])
    first = EmbeddedLearner(log, LEARNING, tmp_path / "state.bin")
    first.poll(LONG_AFTER_S)
    first.save(LONG_AFTER_S)
    with caplog.at_level(logging.WARNING):
        restarted = EmbeddedLearner(log, learning, tmp_path / "state.bin")
    assert "learned with other settings" in caplog.text
    assert "topics" not in caplog.text, "there are none here"
    restarted.poll(LONG_AFTER_S)
    assert_same(restarted.fold, learned(log, learning).fold)
    assert restarted.fold.state.counts["impressions", "accepted"] > 0


def test_saving_is_skipped_when_nothing_changed(log: EmbeddedLog, tmp_path: Path):
    """A checkpoint is written when something was learned, and only then."""
    learner = EmbeddedLearner(log, LEARNING, tmp_path / "state.bin")
    learner.save(LONG_AFTER_S)
    assert not (tmp_path / "state.bin").exists()
    append(log, partition_log(0)[:3])
    learner.poll(LONG_AFTER_S)
    learner.save(LONG_AFTER_S)
    (tmp_path / "state.bin").unlink()
    learner.save(LONG_AFTER_S)
    assert list(tmp_path.iterdir()) == []


def letters(log: EmbeddedLog) -> list[dict[str, object]]:
    """Return the dead letters without their messages."""
    found = [json.loads(record.value) for record in log.read(Topic.DEADLETTER, 0)]
    left_out = {"message", "bytes", "sha256"}
    return [{name: value for name, value in letter.items() if name not in left_out} for letter in found]


def test_a_poison_record_costs_itself_alone(log: EmbeddedLog, tmp_path: Path):
    """What cannot be read goes to the dead letter with its reason, offset and index; its neighbours are learned."""
    shown = next(m.events[0] for m in partition_log(0) if m.topic == "impressions")
    assert isinstance(shown, Impression)
    acted = click(shown.query_id, next(iter(shown.looks())), shown.time_s + 1)
    log.append(Topic.IMPRESSIONS, "k", b"\xff not json", shown.time_s)
    log.append(Topic.IMPRESSIONS, "k", encode_impression(shown), shown.time_s)
    batch = b'[{"action_name":"click"},%s,7]' % encode_action(acted)
    log.append(Topic.ACTIONS, "k", batch, shown.time_s + 1)
    learner = EmbeddedLearner(log, LEARNING, tmp_path / "state.bin")
    learner.poll(shown.time_s + 2)
    assert learner.fold.state.counts == {("impressions", "accepted"): 1, ("actions", "accepted"): 1}
    assert learner.dead_letters == {"not_json": 1, "bad_timestamp": 1, "not_an_event": 1}
    where = {"partition": 0, "topic": "ltrr.actions", "offset": 0}
    assert letters(log) == [
        {"topic": "ltrr.impressions", "partition": 0, "offset": 0, "index": 0, "reason": "not_json"}
        | {"raw": "\N{REPLACEMENT CHARACTER} not json"},
        where | {"index": 0, "reason": "bad_timestamp", "raw": '{"action_name":"click"}'},
        where | {"index": 2, "reason": "not_an_event", "raw": "7"},
    ]
    learner.save(LONG_AFTER_S)
    EmbeddedLearner(log, LEARNING, tmp_path / "state.bin").poll(shown.time_s + 3)
    assert len(letters(log)) == 3


def test_a_duplicate_is_learned_once(log: EmbeddedLog):
    """A page and a click that are sent again are counted as duplicates and change nothing."""
    shown = next(m.events[0] for m in partition_log(0) if m.topic == "impressions")
    assert isinstance(shown, Impression)
    acted = click(shown.query_id, next(iter(shown.looks())), shown.time_s + 1)
    for _ in range(2):
        log.append(Topic.IMPRESSIONS, "k", encode_impression(shown), shown.time_s + 1)
        log.append(Topic.ACTIONS, "k", encode_action(acted), shown.time_s + 1)
    learner = learned(log)
    assert learner.fold.state.counts == {
        (topic, outcome): 1 for topic in ("impressions", "actions") for outcome in ("accepted", "duplicate")
    }
    once = Fold(LEARNING)
    once.absorb_impressions(0, shown.time_s + 1, parse_impressions(encode_impression(shown)))
    once.absorb_actions(0, shown.time_s + 1, [acted])
    learned_twice, learned_once = (fold.state.application(shown.application).memory for fold in (learner.fold, once))
    assert learned_twice.queries.keys() == learned_once.queries.keys()
    for key in (RecordKey("query", shown.application, query) for query in learned_once.queries):
        assert learner.fold.write(key) == once.write(key)


def after(steps: int) -> Callable[[], bool]:
    """Return what says after so many steps that it is enough."""
    left = itertools.count(steps, -1)
    return lambda: next(left) <= 1


@pytest.mark.parametrize("seed", range(2))
def test_a_checkpoint_in_pieces_is_as_of_one_moment(log: EmbeddedLog, tmp_path: Path, seed: int):
    """Records that are written bit by bit, while more is learned, go on as if nothing had happened."""
    messages = partition_log(seed)
    file = tmp_path / "state.bin"
    learner = EmbeddedLearner(log, LEARNING, file)
    for at, message in enumerate(messages):
        append(log, [message])
        learner.poll(message.recorded_s)
        if at % 40 == 39:
            learner.stage(after(7))
        if at % 200 == 199:
            while not learner.stage(after(7)):
                pass
            learner.commit(learner.staged(), message.recorded_s)
    learner.save(messages[-1].recorded_s)
    written = dict(read_checkpoint(file))
    assert written.keys() <= set(learner.fold.keys())
    for key in learner.fold.keys():  # noqa: SIM118  # a method of the fold, not of a dict
        if key in written:
            assert written[key] == learner.fold.write(key), key
    again = EmbeddedLearner(log, LEARNING, file)
    for one in (again, learner):
        one.poll(LONG_AFTER_S)
    assert_same(again.fold, learner.fold)
    assert_same(again.fold, learned(log).fold)


def test_a_checkpoint_that_fails_is_tried_again_whole(log: EmbeddedLog, tmp_path: Path):
    """What was to be written is not lost with the file."""
    messages = partition_log(3)
    append(log, messages)
    file = tmp_path / "gone" / "state.bin"
    learner = EmbeddedLearner(log, LEARNING, file)
    learner.poll(messages[-1].recorded_s)
    with pytest.raises(StorageFailed):
        learner.save(messages[-1].recorded_s)
    file.parent.mkdir()
    learner.save(messages[-1].recorded_s)
    again = EmbeddedLearner(log, LEARNING, file)
    assert again.fold.progress.offsets == learner.fold.progress.offsets
    for one in (again, learner):
        one.poll(LONG_AFTER_S)
    assert_same(again.fold, learner.fold)


@pytest.mark.parametrize(("seed", "steps"), [(0, 1), (1, 3)])
def test_learning_in_pieces_is_learning_at_once(log: EmbeddedLog, tmp_path: Path, seed: int, steps: int):
    """A few steps of a record or a sweep at a time, with checkpoints and restarts between: the same comes out."""
    learning = replace(LEARNING, memory_queries=6, memory_pairs=4, senders=3)
    append(log, partition_log(seed))
    file, left = tmp_path / "state.bin", 0
    learner = EmbeddedLearner(log, learning, file)
    for at in itertools.count(1):
        if not learner.behind(learner.ends):
            break
        left += learner.poll(START_S, enough=after(steps)) == 0
        if at % 7 == 0:
            while not learner.stage(after(5)):
                pass
            learner.commit(learner.staged(), START_S)
        if at % 200 == 0:
            learner = EmbeddedLearner(log, learning, file)
    assert left > 0
    learner.poll(LONG_AFTER_S)
    assert_same(learner.fold, learned(log, learning).fold)


def test_a_record_of_many_events_is_learned_in_pieces(log: EmbeddedLog):
    """However many things one record names, each is a step, and it is learned when all of them are."""
    shown = partition_log(0)[0].events[0]
    assert isinstance(shown, Impression)
    ids = [candidate.object_id for candidate in shown.candidates if candidate.position]
    basket = tuple(click(shown.query_id, object_id, shown.time_s + 1) for object_id in [*ids, *map(str, range(300))])
    append(log, [Message("impressions", 0, shown.time_s, (shown,)), Message("actions", 0, shown.time_s + 1, basket)])
    learner, pieces = EmbeddedLearner(log, LEARNING), 0
    while learner.behind(learner.ends):
        assert learner.poll(shown.time_s + 1, enough=after(10)) <= 2
        assert learner.stage(after(1)) is False or not learner.behind(learner.ends)
        pieces += 1
    assert pieces >= len(basket) / 11
    assert learner.fold.state.counts == learned(log, now_s=shown.time_s + 1).fold.state.counts


def test_pages_that_are_over_close_in_pieces(log: EmbeddedLog):
    """After a pause thousands of pages may be over at once: each is a step."""
    messages = [one for one in partition_log(1) if one.topic == "impressions"][:20]
    append(log, messages)
    learner = EmbeddedLearner(log, LEARNING)
    learner.poll(messages[-1].recorded_s)
    still_open = learner.fold.join.open_pages
    assert still_open > 3
    assert learner.poll(LONG_AFTER_S, enough=after(1)) == 0
    assert learner.behind(learner.ends)
    pieces = 1
    while learner.behind(learner.ends):
        learner.poll(LONG_AFTER_S, enough=after(1))
        pieces += 1
    assert pieces >= still_open
    assert_same(learner.fold, learned(log).fold)
