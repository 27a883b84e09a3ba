"""The spool: order, durability, bounds, and what happens when the disk or the process fails."""

import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.streams.files.record_file import encode_record
from ltrr.streams.files.room import Room
from ltrr.streams.publishing.spool import Spool, Spooled
from tests.disk import Disk, full_disk

TOPIC = "ltrr.actions"


def waiting(spool: Spool, limit: int = 7) -> list[Spooled]:
    """Return everything that is not acknowledged."""
    found: list[Spooled] = []
    position = spool.acknowledged
    while position < spool.end:
        events, position = spool.read(position, limit)
        found += events
    return found


def values(spool: Spool) -> list[bytes]:
    """Return the values of everything that is not acknowledged."""
    return [event.value for event in waiting(spool)]


def segments(folder: Path) -> list[Path]:
    """Return the files of events."""
    return sorted(folder.glob("*.log"))


def fill(folder: Path, count: int = 3) -> Path:
    """Append value-0, value-1, ...; return the one segment."""
    with Spool(folder) as spool:
        for number in range(count):
            spool.append(TOPIC, "key", b"value-%d" % number)
    return segments(folder)[0]


def test_events_of_any_content_come_back_in_order(tmp_path: Path):
    """Topics, keys with a slash or none, binary and large values are read as they were appended."""
    contents = [("a", "", b""), ("b.c", "x/y", b"\n\x00\xff"), ("a", "søk 検索", b"x" * 300_000), ("d", "k", b"last")]
    with Spool(tmp_path, max_bytes=1 << 20, segment_bytes=1000, clock=lambda: 5.0) as spool:
        positions = [spool.append(*content) for content in contents]
        assert positions == [0, 1, 2, 3]
        assert waiting(spool) == [Spooled(n, 5.0, *content) for n, content in enumerate(contents)]
        assert spool.read(2, 1)[0][0].position == 2
        assert spool.read(4) == ([], 4)


def test_a_batch_has_successive_positions(tmp_path: Path):
    """A batch returns where its events stand; an empty one takes no place."""
    with Spool(tmp_path) as spool:
        spool.append(TOPIC, "k", b"0")
        assert spool.append_batch(TOPIC, [("k", b"1"), ("l", b"2")]) == range(1, 3)
        assert spool.append_batch(TOPIC, []) == range(3, 3)
        assert values(spool) == [b"0", b"1", b"2"]


def test_threads_append_together(tmp_path: Path):
    """Appends of many threads are all there, each position once, each thread's in its order."""
    with Spool(tmp_path, max_bytes=1 << 20, segment_bytes=2000) as spool:

        def work(worker: int) -> list[tuple[int, bytes]]:
            contents = [b"%d-%d" % (worker, number) for number in range(50)]
            return [(spool.append(TOPIC, "k", content), content) for content in contents]

        with ThreadPoolExecutor(8) as pool:
            runs = list(pool.map(work, range(8)))
        assert sorted(pair for run in runs for pair in run) == [(e.position, e.value) for e in waiting(spool)]
        assert all(run == sorted(run) for run in runs)


@settings(max_examples=50)
@example([[b"", b""], 1.0, [b"", b""]])
@given(
    st.lists(
        st.one_of(
            st.lists(st.binary(max_size=60), max_size=5),
            st.floats(0, 1),
            st.just("reopen"),
        ),
        max_size=40,
    )
)
def test_it_holds_what_is_not_acknowledged(steps: list[list[bytes] | float | str]):
    """Whatever is appended, acknowledged and reopened, exactly the rest is there, in few enough files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spool = Spool(folder, max_bytes=1 << 20, segment_bytes=150)
        appended: list[bytes] = []
        for step in steps:
            if isinstance(step, list):
                assert spool.append_batch(TOPIC, [("k", value) for value in step]).start == len(appended)
                appended += step
            elif isinstance(step, float):
                spool.acknowledge(spool.acknowledged + int(step * (spool.end - spool.acknowledged)))
            else:
                before = spool.acknowledged
                spool.close()
                spool = Spool(folder, max_bytes=1 << 20, segment_bytes=150)
                assert spool.acknowledged == before
            assert values(spool) == appended[spool.acknowledged :]
            assert spool.size == sum(path.stat().st_size for path in segments(folder))
            assert all(int(path.stem) > spool.acknowledged for path in segments(folder)[1:])
        spool.close()


def test_acknowledged_segments_are_deleted(tmp_path: Path):
    """Files go as soon as all in them is acknowledged, and their space is free for others."""
    with Spool(tmp_path, max_bytes=4000, segment_bytes=500) as spool:
        for _ in range(20):
            spool.append(TOPIC, "k", b"x" * 100)
        files = segments(tmp_path)
        assert len(files) > 3
        spool.acknowledge(int(files[2].stem))
        assert segments(tmp_path) == files[2:]
        spool.acknowledge(spool.end)
        assert spool.size <= 500


def test_a_full_spool_says_so_and_goes_on(tmp_path: Path):
    """At its limit it takes nothing more, keeps what it has, and takes again when that is acknowledged."""
    with Spool(tmp_path, max_bytes=3000, segment_bytes=1500) as spool:
        for _ in range(6):
            spool.append(TOPIC, "k", b"x" * 400)
        with pytest.raises(StorageFailed, match=rf"{tmp_path} is full: \d+ of 3000 bytes"):
            spool.append(TOPIC, "k", b"x" * 400)
        held = values(spool)
        with pytest.raises(StorageFailed, match="is full"):
            spool.append_batch(TOPIC, [("k", b"x" * 400)] * 3)
        assert values(spool) == held
        for size in (1600, 1600, 100, 1400):  # also one after another that is larger than a segment
            spool.acknowledge(spool.end)
            spool.append(TOPIC, "k", b"y" * size)
        assert values(spool) == [b"y" * 1400]


def test_reopening_goes_on_from_the_progress(tmp_path: Path):
    """What was acknowledged is not read again, positions go on, with or without anything left."""
    fill(tmp_path)
    with Spool(tmp_path) as spool:
        spool.acknowledge(2)
    with Spool(tmp_path, fsync=True) as spool:
        assert (spool.acknowledged, values(spool), spool.append(TOPIC, "k", b"more")) == (2, [b"value-2"], 3)
        spool.acknowledge(4)
    with Spool(tmp_path) as spool:
        assert (waiting(spool), spool.append(TOPIC, "k", b"")) == ([], 4)


def test_a_cut_off_event_is_dropped(tmp_path: Path):
    """Wherever the last event was cut off, it alone is dropped, and the spool goes on."""
    file = fill(tmp_path)
    whole = file.read_bytes()
    for length in range(len(whole) * 2 // 3 + 1, len(whole)):
        file.write_bytes(whole[:length])
        with Spool(tmp_path) as spool:
            assert values(spool) == [b"value-0", b"value-1"]
            assert spool.append(TOPIC, "key", b"next") == 2
        with Spool(tmp_path) as spool:
            assert values(spool)[2] == b"next"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"acknowledged": "x"}'])
def test_a_damaged_progress_sends_everything_again(tmp_path: Path, damage: bytes):
    """Readers recognise what they had; nothing is lost."""
    fill(tmp_path)
    with Spool(tmp_path) as spool:
        spool.acknowledge(2)
    (tmp_path / "progress.json").write_bytes(damage)
    with Spool(tmp_path) as spool:
        assert len(values(spool)) == 3


def test_what_a_power_cut_may_leave(tmp_path: Path):
    """A lost end of a file, acknowledged or not, and the remains of a failed write do not stop the rest."""
    with Spool(tmp_path, max_bytes=4000, segment_bytes=100) as spool:
        for number in range(6):
            spool.append(TOPIC, "key", b"value-%d" % number)
    first, second, third = segments(tmp_path)
    whole = first.read_bytes()
    first.write_bytes(whole[: len(whole) // 2])
    second.write_bytes(second.read_bytes() + encode_record("t/k", b"nobody was told of it", 1.0))
    with Spool(tmp_path) as spool:
        assert [(e.position, e.value) for e in waiting(spool)] == [(n, b"value-%d" % n) for n in (0, 2, 3, 4, 5)]
        spool.acknowledge(6)
    third.write_bytes(b"")
    with Spool(tmp_path) as spool:
        assert (spool.append(TOPIC, "key", b"next"), values(spool)) == (6, [b"next"])


def test_damage_inside_is_an_error(tmp_path: Path):
    """A flipped bit before the last event is reported, never taken for a cut-off end."""
    file = fill(tmp_path)
    whole = file.read_bytes()
    for at in range(0, len(whole) * 2 // 3, 5):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(StorageFailed, match="damaged at byte"):
            Spool(tmp_path)


def test_what_append_returned_for_survives_sigkill(tmp_path: Path):
    """Killed while it appends and acknowledges, a process leaves every event that it was told is kept."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ltrr.streams.publishing.spool import Spool\n"
        "spool = Spool(Path(sys.argv[1]), max_bytes=1 << 20, segment_bytes=2000)\n"
        "while True:\n"
        "    position = spool.append('t', 'k', b'%d' % spool.end)\n"
        "    print(position, flush=True)\n"
        "    if position % 10 == 0:\n"
        "        spool.acknowledge(max(0, position - 150))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(400):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().splitlines(keepends=True)
    told = 400 + sum(line.endswith("\n") for line in rest)
    with Spool(tmp_path, max_bytes=1 << 20, segment_bytes=2000) as spool:
        assert told - 170 < spool.acknowledged < told - 140
        assert spool.end >= told
        assert values(spool) == [b"%d" % number for number in range(spool.acknowledged, spool.end)]


def test_a_full_disk_leaves_the_spool_as_it_was(tmp_path: Path):
    """A write that fits only in part is undone, says what to do, and the next one that fits succeeds."""
    size = fill(tmp_path).stat().st_size
    with Spool(tmp_path) as spool:
        with full_disk(size + 40), pytest.raises(StorageFailed, match="free some space"):
            spool.append_batch(TOPIC, [("k", b"small"), ("k", b"x" * 100)])
        assert (spool.size, spool.end, len(values(spool))) == (size, 3, 3)
        assert spool.append(TOPIC, "k", b"small") == 3
    with Spool(tmp_path) as spool:
        assert values(spool)[3:] == [b"small"]


def test_it_asks_for_room(tmp_path: Path):
    """No room on the disk, a quota and a full spool refuse appends, are told before one is tried, and pass."""
    disk = Disk(2_000_000)
    with Spool(tmp_path, max_bytes=800_000, segment_bytes=400_000, room=Room(tmp_path, 1, disk)) as spool:
        spool.need_room()
        disk.free = 1_000_000
        for refused in (lambda: spool.append(TOPIC, "k", b"x"), spool.need_room):
            with pytest.raises(StorageFailed, match="LTRR_DISK_RESERVE_MB"):
                refused()
        disk.free = 2_000_000
        with full_disk(100):
            for refused in (lambda: spool.append(TOPIC, "k", b"x" * 1000), spool.need_room):
                with pytest.raises(StorageFailed, match="File too large"):
                    refused()
        spool.need_room()
        for _ in range(2):
            spool.append(TOPIC, "k", b"x" * 300_000)
        with pytest.raises(StorageFailed, match="bring Kafka back"):
            spool.need_room()
        spool.acknowledge(spool.end)
        spool.need_room()
        assert spool.append(TOPIC, "k", b"x") == 2


def test_progress_on_a_full_disk(tmp_path: Path):
    """Progress that cannot be written is an error that changes nothing; it still frees what it can."""
    with Spool(tmp_path, max_bytes=4000, segment_bytes=100) as spool:
        for _ in range(6):
            spool.append(TOPIC, "key", b"value")
        with full_disk(1), pytest.raises(StorageFailed, match="free some space"):
            spool.acknowledge(5)
        assert (spool.acknowledged, len(segments(tmp_path))) == (0, 1)
        spool.acknowledge(5)
        assert len(values(spool)) == 1


def test_one_process_at_a_time(tmp_path: Path):
    """A second opening names the folder; after closing, it succeeds."""
    with Spool(tmp_path), pytest.raises(StorageFailed, match=f"{tmp_path} is in use by another process"):
        Spool(tmp_path)
    Spool(tmp_path).close()


def test_a_folder_that_cannot_be(tmp_path: Path):
    """A folder under a file cannot be opened; the message names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match=f"cannot open the spool in {tmp_path}/file/spool: Not a directory"):
        Spool(tmp_path / "file" / "spool")


def test_wrong_use_is_named(tmp_path: Path):
    """Names that are no topics, positions that do not exist, bad limits and a closed spool have errors that say so."""
    with pytest.raises(InvalidSettings, match="segments of 50 bytes at most"):
        Spool(tmp_path, max_bytes=100, segment_bytes=51)
    spool = Spool(tmp_path)
    for topic in ("", "a/b", "a b", "x" * 250):
        with pytest.raises(ValueError, match="no topic's name"):
            spool.append(topic, "k", b"")
    with pytest.raises(ValueError, match="1 is not between 0 and 0"):
        spool.acknowledge(1)
    spool.close()
    spool.close()
    for use in (lambda: spool.append("t", "k", b""), lambda: spool.read(0), lambda: spool.acknowledge(0)):
        with pytest.raises(StorageFailed, match="closed"):
            use()
