"""Retention of the embedded log: what is dropped, what never is, and that a restart does not miss it."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.models.errors import StorageFailed
from ltrr.models.records.impression import Impression
from ltrr.streams.embedded.learner import EmbeddedLearner
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.embedded.retention import FOR_EVER, Retention
from ltrr.streams.events.codec import encode_impression
from ltrr.streams.events.topics import Topic
from ltrr.streams.files.record_file import encode_record
from tests.disk import full_disk
from tests.models.logs import LEARNING, partition_log
from tests.streams.embedded.test_embedded_learner import LONG_AFTER_S, TOPICS, append, learned
from tests.streams.states import assert_same

SMALL = Retention(size=8000)  # files of 1,000 bytes
NOISE = random.Random(0)  # noqa: S311  # what cannot be made shorter
TWO = {"a": 1, "b": 1}


@pytest.fixture(params=["files", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Return where to keep the log: what holds for files holds for memory."""
    return tmp_path / "log" if request.param == "files" else None


def fill(log: EmbeddedLog, count: int, topic: str = "a") -> None:
    """Append records of 300 bytes or some more, a second apart."""
    for _ in range(count):
        log.append(topic, "k", NOISE.randbytes(300), log.end_offset(topic, 0) + 1.0)


def kept(log: EmbeddedLog, topic: str = "a") -> range:
    """Return the offsets that are read, which are those that the log says it has."""
    found = [record.offset for record in log.read(topic, 0)]
    assert found == list(range(log.begin_offset(topic, 0), log.end_offset(topic, 0)))
    return range(found[0], found[-1] + 1)


def test_the_oldest_go_where_there_is_too_much(folder: Path | None):
    """Whole files go, oldest first, until the rest fits; offsets, timestamps and appends go on, after opening too."""
    with EmbeddedLog(TWO, folder, retention=SMALL) as log:
        fill(log, 20)
        fill(log, 60, "b")
        assert log.trim(1e9, {}) > 0
        assert 7000 < log.size <= 8000
        assert kept(log)[-1] == 19  # the last record of a partition stays, and so its clock
        assert kept(log, "b")[0] > 20
        assert log.trim(1e9, {}) == 0
        offsets = kept(log), kept(log, "b")
        assert [record.timestamp_s for record in log.read("b", 0)] == [offset + 1.0 for offset in offsets[1]]
        assert [r.offset for r in log.read("b", 0, 57)] == [57, 58, 59]
    if folder is not None:
        with EmbeddedLog(TWO, folder, retention=SMALL) as log:
            assert (kept(log), kept(log, "b")) == offsets
            assert log.append("b", "k", b"", 0.0).timestamp_s == 60.0


def test_what_is_old_goes(folder: Path | None):
    """Records past their age go, but for an eighth of that, since files go whole."""
    with EmbeddedLog(TWO, folder, retention=Retention(age_s=16.0)) as log:
        fill(log, 40)
        log.trim(40.0, {})
        assert kept(log)[0] in {22, 23, 24}
        log.trim(1e9, {})
        assert len(kept(log)) <= 2


def test_what_is_needed_stays(folder: Path | None):
    """Neither what is not learned yet nor what a restart reads back is dropped, however old and large."""
    with EmbeddedLog(TWO, folder, retention=replace(SMALL, age_s=1.0)) as log:
        fill(log, 60)
        for needed in ((0, 1e9), (60, 0.0), (60, 1.0)):
            assert log.trim(1e9, {"a": needed}) == 0
        log.trim(1e9, {"a": (30, 1e9)})
        assert 20 < kept(log)[0] <= 30
        log.trim(1e9, {"a": (60, 41.0)})
        assert 30 < kept(log)[0] <= 40


def test_for_ever_is_for_ever(folder: Path | None):
    """Without a limit nothing is dropped."""
    with EmbeddedLog(TWO, folder, retention=FOR_EVER) as log:
        fill(log, 60)
        assert log.trim(1e9, {}) == 0
        assert Retention.of(None, None) == FOR_EVER
        assert Retention.of(5.0, 2) == Retention(5.0, 2e6)


def test_a_file_that_is_missing_is_an_error(tmp_path: Path):
    """Records in the middle that are gone are told, never skipped."""
    with EmbeddedLog(TWO, tmp_path, retention=SMALL) as log:
        fill(log, 20)
    sorted((tmp_path / "a").iterdir())[2].unlink()
    with pytest.raises(StorageFailed, match="lacks 4 records of partition 0 before offset"):
        EmbeddedLog(TWO, tmp_path)


def test_what_a_failed_append_left_is_dropped(tmp_path: Path):
    """Whole records that nobody was told of, at the end of a file behind which the log went on, are not read."""
    with EmbeddedLog(TWO, tmp_path, retention=SMALL) as log:
        fill(log, 20)
        before = list(log.read("a", 0))
    first = tmp_path / "a" / "0.log"
    first.write_bytes(first.read_bytes() + encode_record("k", b"nobody was told of it", 1.0))
    with EmbeddedLog(TWO, tmp_path) as log:
        assert list(log.read("a", 0)) == before


def test_a_full_disk_where_a_file_begins(tmp_path: Path):
    """An append that fails in a new file leaves the log as it was, and the next one goes there."""
    with EmbeddedLog(TWO, tmp_path, retention=SMALL) as log:
        fill(log, 4)
        with full_disk(100), pytest.raises(StorageFailed, match="free some space"):
            fill(log, 1)
        assert kept(log) == range(4)
        fill(log, 1)
    with EmbeddedLog(TWO, tmp_path) as log:
        assert kept(log) == range(5)


def test_records_of_a_kind_are_deflated(tmp_path: Path):
    """Impressions take less than half of their bytes on the disk, and come back as they were."""
    events = [event for message in partition_log(0) for event in message.events]
    values = [encode_impression(event) for event in events if isinstance(event, Impression)]
    with EmbeddedLog(TWO, tmp_path) as log:
        log.append_batch("a", [("k", value) for value in values[:3]], 1.0)
        for value in values[3:]:
            log.append("a", "k", value, 1.0)
    with EmbeddedLog(TWO, tmp_path) as log:
        assert [record.value for record in log.read("a", 0)] == values
        assert log.size < sum(map(len, values)) / 2


@pytest.fixture
def trimmed(tmp_path: Path) -> Iterator[EmbeddedLog]:
    """Return a log of which the beginning was dropped once it was learned, with a checkpoint beside it."""
    with EmbeddedLog(TOPICS, tmp_path / "log", retention=Retention(size=20_000)) as log:
        append(log, partition_log(5))
        learner = EmbeddedLearner(log, LEARNING, tmp_path / "state.bin")
        learner.poll(LONG_AFTER_S)
        learner.save(LONG_AFTER_S)
        assert log.begin_offset(Topic.IMPRESSIONS, 0) > 0
        yield log


@pytest.mark.whole
@pytest.mark.parametrize("retention", [Retention(age_s=400.0), Retention(size=10_000)])
@pytest.mark.parametrize("seed", range(2))
def test_restarts_on_a_trimmed_log_equal_uninterrupted_learning(seed: int, retention: Retention, tmp_path: Path):
    """With all dropped that may be, and restarts anywhere, what is learned is what the whole log teaches."""
    messages = partition_log(seed, 130)
    with EmbeddedLog(TOPICS) as whole, EmbeddedLog(TOPICS, tmp_path / "log", retention=retention) as log:
        append(whole, messages)
        for part, start in enumerate(range(0, len(messages), 60)):
            learner = EmbeddedLearner(log, LEARNING, tmp_path / "state.bin")
            for message in messages[start : start + 60]:
                append(log, [message])
                learner.poll(message.recorded_s)
            if part % 3:
                learner.save(message.recorded_s)
        assert all(log.begin_offset(topic, 0) > 0 for topic in (Topic.IMPRESSIONS, Topic.ACTIONS))
        restarted = EmbeddedLearner(log, LEARNING, tmp_path / "state.bin")
        restarted.poll(LONG_AFTER_S)
        assert_same(restarted.fold, learned(whole).fold)


@pytest.mark.parametrize("lost", ["state", "settings", "records"])
def test_a_trimmed_log_alone_is_refused(lost: str, trimmed: EmbeddedLog, tmp_path: Path):
    """What was dropped is in the state alone: without that, or under other settings, the start says what to do."""
    checkpoint = tmp_path / "state.bin"
    learning = LEARNING
    if lost == "state":
        checkpoint.unlink()
    elif lost == "settings":
        learning = replace(LEARNING, half_life_s=7200.0)
    else:
        with EmbeddedLog(TOPICS) as older:  # a state from before what the log has now
            append(older, partition_log(5, 2))
            learner = EmbeddedLearner(older, LEARNING, checkpoint, accept_shorter=True)
            learner.poll(LONG_AFTER_S)
            learner.save(LONG_AFTER_S)
    before = checkpoint.read_bytes() if lost != "state" else b""
    with pytest.raises(StorageFailed, match=r"lacks ltrr.impressions \d+ to \d+ .*--accept-shorter-log"):
        EmbeddedLearner(trimmed, learning, checkpoint)
    accepted = EmbeddedLearner(trimmed, learning, checkpoint, accept_shorter=True)
    accepted.poll(LONG_AFTER_S)
    assert_same(accepted.fold, learned(trimmed, learning).fold)
    accepted.save(LONG_AFTER_S)
    assert_same(EmbeddedLearner(trimmed, learning, checkpoint).fold, accepted.fold)
    assert [path.read_bytes() for path in sorted(tmp_path.glob("state.kept-*"))][-1:] == ([before] if before else [])
