"""The embedded log: order, durability, and what happens when the disk or the process fails."""

import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.events.partitions import partition_of
from ltrr.streams.files.record_file import Record
from ltrr.streams.files.room import Room
from tests.disk import Disk, full_disk

TOPICS = {"ltrr.impressions": 3, "ltrr.actions": 3}
ONE = {"t": 1}
NOISE = random.Random(0).randbytes(1000)  # noqa: S311  # what cannot be made shorter


@pytest.fixture(params=["files", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Return where to keep the log: every test of behaviour holds for both."""
    return tmp_path / "log" if request.param == "files" else None


def values(log: EmbeddedLog, topic: str = "t", partition: int = 0) -> list[bytes]:
    """Return what a partition holds."""
    return [record.value for record in log.read(topic, partition)]


def fill(folder: Path, count: int = 3) -> Path:
    """Write value-0, value-1, ... to the one partition of a new log; return its file."""
    with EmbeddedLog(ONE, folder) as log:
        for number in range(count):
            log.append("t", "key", b"value-%d" % number, 100.0 + number)
    return folder / "t" / "0.log"


def test_keys_go_where_kafka_sends_them(folder: Path | None):
    """The partition is murmur2's, offsets count from 0 in each, and records are read back as appended."""
    with EmbeddedLog(TOPICS, folder) as log:
        appended = [log.append("ltrr.actions", f"q{n}", bytes([n]), 100.0 + n) for n in range(30)]
        for partition in range(3):
            mine = [record for record in appended if record.partition == partition]
            assert [record.offset for record in mine] == list(range(len(mine)))
            assert list(log.read("ltrr.actions", partition)) == mine
            assert list(log.read("ltrr.actions", partition, 2)) == mine[2:]
            assert log.end_offset("ltrr.actions", partition) == len(mine)
        assert all(record.partition == partition_of(record.key or "", 3) for record in appended)


def test_keys_and_values_of_any_content(folder: Path | None):
    """No key, an empty one, other scripts and empty or large binary values come back unchanged."""
    with EmbeddedLog(ONE, folder) as log:
        contents = [(None, b""), ("", b"\n\x00\xff"), ("søk 検索", b"x" * 3_000_000), ("k", b"last")]
        for key, value in contents:
            log.append("t", key, value, 1.0, partition=0)
        assert [(record.key, record.value) for record in log.read("t", 0)] == contents


def test_timestamps_never_decrease(folder: Path | None):
    """A clock that goes back is held, in each partition by itself."""
    with EmbeddedLog({"t": 2}, folder) as log:
        for partition, now_s in [(0, 5.0), (0, 4.0), (1, 3.0), (0, 6.0)]:
            log.append("t", None, b"", now_s, partition=partition)
        assert [record.timestamp_s for record in log.read("t", 0)] == [5.0, 5.0, 6.0]
        assert [record.timestamp_s for record in log.read("t", 1)] == [3.0]


def test_batches_are_spread_over_partitions(folder: Path | None):
    """A batch returns its records in its order, and they are where single appends would be."""
    items = [(f"q{n}", b"%d" % n) for n in range(20)]
    with EmbeddedLog({"t": 4}, folder) as log, EmbeddedLog({"t": 4}) as single:
        assert log.append_batch("t", items, 7.0) == [single.append("t", key, value, 7.0) for key, value in items]
        assert all(values(log, "t", p) == values(single, "t", p) for p in range(4))
        assert log.append_batch("t", [], 8.0) == []


def test_merged_reading_has_one_order(folder: Path | None):
    """Two topics of a partition come by record timestamp, then topic, then offset, from given offsets on."""
    with EmbeddedLog({"b": 1, "a": 1}, folder) as log:
        for topic, now_s in [("b", 1.0), ("a", 2.0), ("b", 2.0), ("b", 2.0), ("a", 2.0), ("a", 3.0)]:
            log.append(topic, "k", b"", now_s)
        merged = [(r.timestamp_s, r.topic, r.offset) for r in log.read_merged(["b", "a"], 0)]
        assert merged == sorted(merged)
        assert len(merged) == 6
        later = [(r.topic, r.offset) for r in log.read_merged(["b", "a"], 0, {"b": 2, "a": 1})]
        assert later == [("a", 1), ("b", 2), ("a", 2)]


def test_a_reading_ends_where_the_log_ended(folder: Path | None):
    """A reader sees what was there when it asked, even while the log grows."""
    with EmbeddedLog(ONE, folder) as log:
        log.append("t", "k", b"1", 1.0)
        reading, merged = log.read("t", 0), log.read_merged(["t"], 0)
        log.append("t", "k", b"2", 2.0)
        assert [r.value for r in reading] == [r.value for r in merged] == [b"1"]
        assert list(log.read("t", 0, 99)) == []


def test_threads_append_together(folder: Path | None):
    """Appends of many threads are all there, each offset once."""
    with EmbeddedLog(TOPICS, folder) as log:

        def work(worker: int) -> list[Record]:
            return [log.append("ltrr.actions", f"{worker}-{n}", b"v" * n, float(n)) for n in range(50)]

        with ThreadPoolExecutor(8) as pool:
            acknowledged = {record for run in pool.map(work, range(8)) for record in run}
        assert {record for p in range(3) for record in log.read("ltrr.actions", p)} == acknowledged
        assert len(acknowledged) == 400


def test_reopening_continues(tmp_path: Path):
    """Records, offsets and the held clock are there after a restart."""
    fill(tmp_path)
    with EmbeddedLog(ONE, tmp_path, fsync=True) as log:
        record = log.append("t", "key", b"more", 1.0)
        assert (record.offset, record.timestamp_s) == (3, 102.0)
        assert values(log) == [b"value-0", b"value-1", b"value-2", b"more"]
        assert log.cut_off_records == 0


def test_a_cut_off_record_is_dropped(tmp_path: Path):
    """Wherever the last record was cut off, it alone is dropped and counted, and the log goes on."""
    whole = fill(tmp_path).read_bytes()
    for length in range(len(whole) * 2 // 3 + 1, len(whole)):
        (tmp_path / "t" / "0.log").write_bytes(whole[:length])
        with EmbeddedLog(ONE, tmp_path) as log:
            assert log.cut_off_records == 1
            assert values(log) == [b"value-0", b"value-1"]
            assert log.append("t", "key", b"next", 1.0).offset == 2
        with EmbeddedLog(ONE, tmp_path) as log:
            assert (log.cut_off_records, values(log)[2]) == (0, b"next")


def test_zeros_at_the_end_are_dropped(tmp_path: Path):
    """A file that had grown when the power went, without its content, loses nothing that was there."""
    file = fill(tmp_path)
    file.write_bytes(file.read_bytes() + bytes(5000))
    with EmbeddedLog(ONE, tmp_path) as log:
        assert (log.cut_off_records, len(values(log))) == (1, 3)


def test_damage_inside_is_an_error(tmp_path: Path):
    """A flipped bit in any byte before the last record is reported, never taken for a cut-off end."""
    file = fill(tmp_path)
    whole = file.read_bytes()
    for at in range(len(whole) * 2 // 3):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(StorageFailed, match="damaged at byte"):
            EmbeddedLog(ONE, tmp_path)
    file.write_bytes(whole)
    with EmbeddedLog(ONE, tmp_path) as log:
        file.write_bytes(whole.replace(b"value-1", b"value-X"))
        with pytest.raises(StorageFailed, match="damaged at byte"):
            values(log)


def test_who_stops_early_decodes_nothing_of_what_follows(tmp_path: Path):
    """Each record is looked at when it is come to, as a learner does that takes a few at a time."""
    file = fill(tmp_path)
    with EmbeddedLog(ONE, tmp_path) as log:
        file.write_bytes(file.read_bytes().replace(b"value-2", b"value-X"))
        records = log.read("t", 0)
        assert [next(records).value, next(records).value] == [b"value-0", b"value-1"]
        with pytest.raises(StorageFailed, match="damaged at byte"):
            next(records)


def test_acknowledged_appends_survive_sigkill(tmp_path: Path):
    """Killed while it appends, a process leaves every record that it had acknowledged."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ltrr.streams.embedded.log import EmbeddedLog\n"
        "log = EmbeddedLog({'t': 1}, Path(sys.argv[1]))\n"
        "number = 0\n"
        "while True:\n"
        "    log.append('t', 'k', b'%d' % number, 1.0)\n"
        "    print(number, flush=True)\n"
        "    number += 1\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(200):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().splitlines(keepends=True)
    acknowledged = 200 + sum(line.endswith("\n") for line in rest)
    with EmbeddedLog(ONE, tmp_path) as log:
        found = values(log)
    assert len(found) >= acknowledged
    assert found == [b"%d" % number for number in range(len(found))]


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path):
    """A write that fits only in part is undone, says what to do, and the next one that fits succeeds."""
    size = fill(tmp_path).stat().st_size
    with EmbeddedLog(ONE, tmp_path) as log:
        with full_disk(size + 40), pytest.raises(StorageFailed, match="free some space"):
            log.append("t", "k", NOISE[:100], 200.0)
        assert (tmp_path / "t" / "0.log").stat().st_size == size
        record = log.append("t", "k", b"small", 150.0)
        assert (record.offset, record.timestamp_s) == (3, 150.0)
    with EmbeddedLog(ONE, tmp_path) as log:
        assert (log.cut_off_records, values(log)[3]) == (0, b"small")


def test_appends_look_at_the_room(tmp_path: Path):
    """An append that would go into the reserve is refused with the log as it was; reading goes on."""
    disk = Disk(1_000_100)
    with EmbeddedLog(ONE, tmp_path, room=Room(tmp_path, 1, disk)) as log:
        log.append("t", "k", b"fits", 1.0)
        log.need_room(100)
        for refused in (lambda: log.append("t", "k", NOISE[:101], 2.0), lambda: log.need_room(101)):
            with pytest.raises(StorageFailed, match="free some space"):
                refused()
        assert values(log) == [b"fits"]
        disk.free = 2_000_000
        assert log.append("t", "k", NOISE[:101], 2.0).offset == 1


def test_a_quota_is_tried_again(tmp_path: Path):
    """After an append that failed though the disk had room, asking for room tells whether the next would."""
    with EmbeddedLog(ONE, tmp_path) as log:
        log.append("t", "k", b"whole", 1.0)
        with full_disk(200):
            log.need_room()  # nothing has failed yet
            with pytest.raises(StorageFailed):
                log.append("t", "k", NOISE, 2.0)
            for _ in range(2):
                with pytest.raises(StorageFailed, match="File too large; free some space"):
                    log.need_room()
        log.need_room()
        assert log.append("t", "k", b"next", 2.0).offset == 1
    with EmbeddedLog(ONE, tmp_path) as log:
        assert (log.cut_off_records, values(log)) == (0, [b"whole", b"next"])


def test_a_batch_on_a_full_disk_is_undone_everywhere(tmp_path: Path):
    """When one partition's part fails, what other partitions had taken is taken back."""
    with EmbeddedLog({"t": 4}, tmp_path) as log:
        items = [(f"q{n}", NOISE * 4 if n == 39 else b"x" * 10) for n in range(40)]
        with full_disk(2000), pytest.raises(StorageFailed):
            log.append_batch("t", items, 9.0)
        assert [log.end_offset("t", p) for p in range(4)] == [0, 0, 0, 0]
        assert all(file.stat().st_size == 0 for file in (tmp_path / "t").iterdir())
        assert log.append("t", "q1", b"", 5.0).timestamp_s == 5.0
        log.append_batch("t", items, 9.0)
        assert sum(len(values(log, "t", p)) for p in range(4)) == 41


def test_one_process_at_a_time(tmp_path: Path):
    """A second opening names the folder; after closing, it succeeds."""
    with EmbeddedLog(ONE, tmp_path), pytest.raises(StorageFailed, match=f"{tmp_path} is in use"):
        EmbeddedLog(ONE, tmp_path)
    EmbeddedLog(ONE, tmp_path).close()


def test_a_folder_that_cannot_be(tmp_path: Path):
    """A folder under a file cannot be opened; the message names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match=f"cannot open the log in {tmp_path}/file/log: Not a directory"):
        EmbeddedLog(ONE, tmp_path / "file" / "log")


def test_the_number_of_partitions_is_fixed(tmp_path: Path):
    """Another number would send keys elsewhere: refused, naming the right one; a new topic is welcome."""
    fill(tmp_path)
    with pytest.raises(InvalidSettings, match="ask for 1"):
        EmbeddedLog({"t": 2}, tmp_path)
    with EmbeddedLog({"t": 1, "new": 2}, tmp_path) as log:
        assert (log.partitions("t"), log.partitions("new"), len(values(log))) == (1, 2, 3)
    with pytest.raises(InvalidSettings, match="ask for 2"):
        EmbeddedLog({"new": 1}, tmp_path)


@pytest.mark.parametrize("topics", [{"../up": 1}, {"": 1}, {".lock": 1}, {"a/b": 1}, {"t": 0}])
def test_refuses_names_that_are_no_topics(topics: dict[str, int], tmp_path: Path):
    """Names follow Kafka's rules, so that none leaves the folder."""
    with pytest.raises(InvalidSettings, match="topic"):
        EmbeddedLog(topics, tmp_path)


def test_wrong_use_is_named(folder: Path | None):
    """A topic, partition, key or clock that does not exist, and a closed log, have errors that say so."""
    log = EmbeddedLog(ONE, folder)
    with pytest.raises(InvalidSettings, match="there are: t"):
        log.append("u", "k", b"", 1.0)
    with pytest.raises(ValueError, match="partitions 0 to 0"):
        log.append("t", "k", b"", 1.0, partition=1)
    with pytest.raises(ValueError, match="partitions 0 to 0"):
        log.end_offset("t", -1)
    with pytest.raises(ValueError, match="needs a partition"):
        log.append("t", None, b"", 1.0)
    with pytest.raises(ValueError, match="now_s"):
        log.append("t", "k", b"", float("nan"))
    log.append("t", "k", b"", 1.0)
    log.close()
    log.close()
    with pytest.raises(StorageFailed, match="closed"):
        log.append("t", "k", b"", 1.0)
    with pytest.raises(StorageFailed, match="closed"):
        values(log)
