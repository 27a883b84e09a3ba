"""A log that is read beside the process that appends to it, and what a replay of it teaches."""

import asyncio
import math
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidInput, StorageFailed
from ltrr.streams.embedded.learner import EmbeddedLearner
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.embedded.retention import Retention
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.replay.embedded_rebuild import learn_again
from ltrr.streams.replay.event_stretch import embedded_stretch
from ltrr.streams.replay.rebuild import Rebuilt
from tests.models.logs import LEARNING, partition_log
from tests.streams.embedded.test_embedded_learner import TOPICS, append

ONE = {"t": 1}
MESSAGES = partition_log(3)
HALF = {"impressions": 20, "actions": 20}
NOTHING = {"impressions": 0, "actions": 0}


def values(log: EmbeddedLog) -> list[bytes]:
    """Return what a log holds."""
    return [record.value for record in log.read("t", 0)]


def test_a_reader_sees_what_was_there(tmp_path: Path):
    """It neither waits for the writer nor disturbs it: not by a half-written end, nor when the writer drops files."""
    with EmbeddedLog(ONE, tmp_path, retention=Retention(size=400)) as log:
        for number in range(20):
            log.append("t", "k", b"value-%d" % number, 1.0)
        last = max((tmp_path / "t").iterdir())
        whole = last.read_bytes()
        last.write_bytes(whole + whole[:10])
        with EmbeddedLog(ONE, tmp_path, read_only=True) as reader:
            assert log.trim(1e9, {}) > 0
            log.append("t", "k", b"later", 1.0)
            assert values(reader) == [b"value-%d" % number for number in range(20)]
            assert reader.cut_off_records == 0
            with pytest.raises(StorageFailed):
                reader.append("t", "k", b"from a reader", 1.0)
        assert values(log)[-1] == b"later"
        before = {path: path.read_bytes() for path in (tmp_path / "t").iterdir()}
        with EmbeddedLog({"t": 1, "new": 1}, tmp_path, read_only=True) as reader:
            assert list(reader.read("new", 0)) == []
        assert {path: path.read_bytes() for path in (tmp_path / "t").iterdir()} == before
        assert not (tmp_path / "new").exists()


def test_times_have_offsets(tmp_path: Path):
    """The first record of a time or later is found, among those that are kept."""
    with EmbeddedLog(ONE, tmp_path, retention=Retention(size=400)) as log:
        for number in range(20):
            log.append("t", "k", b"value-%d" % number, float(number // 2))
        assert [log.offset_at("t", 0, time_s) for time_s in (-1.0, 0.0, 3.5, 4.0, 9.0, 9.1)] == [0, 0, 8, 8, 18, 20]
        log.trim(1e9, {})
        assert log.offset_at("t", 0, 0.0) == log.begin_offset("t", 0) > 0


def replayed(log: EmbeddedLog, start: dict[str, int], end: dict[str, int]) -> Rebuilt:
    """Return what a stretch teaches."""
    return learn_again(log, LEARNING, start, end, lambda _: None)


def test_a_replay_teaches_what_was_learned(tmp_path: Path):
    """Of the whole log, counts are those of the learner; the same stretch has the same digest, another one another."""
    with EmbeddedLog(TOPICS, tmp_path / "log") as log:
        append(log, MESSAGES)
        ends = {topic.short: log.end_offset(topic, 0) for topic in EVENT_TOPICS}
        learner = EmbeddedLearner(log, LEARNING)
        learner.poll(MESSAGES[-1].recorded_s)
        with EmbeddedLog(TOPICS, tmp_path / "log", read_only=True) as reader:
            whole = replayed(reader, NOTHING, ends)
            assert (whole.counts, whole.revision) == (learner.fold.state.counts, learner.fold.state.revision)
            assert (whole.messages, whole.events) == (len(MESSAGES), sum(len(one.events) for one in MESSAGES))
            assert replayed(reader, NOTHING, ends).digest == whole.digest
            half = replayed(reader, HALF, ends)
            assert half.digest != whole.digest
            assert half.messages == len(MESSAGES) - 40
            with pytest.raises(InvalidInput, match="of which the log keeps 0 to"):
                replayed(reader, ends, NOTHING)


def test_a_stretch_has_the_topics_that_were_asked_for(tmp_path: Path):
    """Messages come from one time on and before another, in the order of their times; no folder is an error."""
    with EmbeddedLog(TOPICS, tmp_path / "log") as log:
        append(log, MESSAGES)
    from_s, to_s = MESSAGES[30].recorded_s, MESSAGES[60].recorded_s

    async def read(folder: Path) -> list[float]:
        ends_s = {Topic.ACTIONS: to_s, Topic.DEADLETTER: math.inf}
        return [origin.recorded_s async for origin, _ in embedded_stretch(folder, from_s, ends_s)]

    times = [message.recorded_s for message in MESSAGES if message.topic == "actions"]
    assert asyncio.run(read(tmp_path)) == [time_s for time_s in times if from_s <= time_s < to_s]
    with pytest.raises(InvalidInput, match="there is no log in"):
        asyncio.run(read(tmp_path / "elsewhere"))
