"""`ltrr index`: interrupted loads go on, and the data folder's engines are rebuilt."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidInput, InvalidSettings, StorageFailed
from ltrr.retrievers.index.cards import stored_places
from ltrr.serving.commands.cli import app
from ltrr.serving.events.bookmark import Bookmark
from ltrr.serving.reading import changes
from ltrr.serving.reading.mapping import read_mapping
from ltrr.serving.terminal import load_progress

pytestmark = pytest.mark.whole

LTRR = str(Path(sys.executable).parent / "ltrr")
MANY = 40_000


def ltrr(*arguments: str) -> int:
    """Run the command in this process; return its exit code."""
    return app(list(arguments), standalone_mode=False) or 0


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LTRR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LTRR_TEXT_DEADLINE_S", "10")
    monkeypatch.setenv("LTRR_VECTOR_DEADLINE_S", "10")


def table(path: Path, rows: int) -> str:
    """Write a CSV file."""
    path.write_text("object_id,type,name\n" + "".join(f"s{n},song,Song {n}\n" for n in range(rows)))
    return str(path)


def test_an_interrupted_load_goes_on(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """Ctrl-C ends with 130 and one line; the same command goes on there and counts all; --restart begins anew."""
    file = table(tmp_path / "songs.csv", MANY)
    running = subprocess.Popen([LTRR, "index", file], stderr=subprocess.PIPE, text=True)
    end_s = time.monotonic() + 60
    while not list(tmp_path.glob("data/loading/*.json")):
        assert running.poll() is None
        assert time.monotonic() < end_s
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=60)[1]
    assert (running.returncode, said.count("\n")) == (130, 1)
    assert "is loaded; the same command goes on there" in said
    kept = next(tmp_path.glob("data/loading/*.json"))
    mark = json.loads(kept.read_text())
    assert 0 < mark["counts"]["read"] == mark["line"] - 1 < MANY

    short = json.dumps({**mark, "line": MANY - 4, "counts": {"read": MANY - 5, "taken": MANY - 5, "bad": 0}})
    kept.write_text(short)  # the rest would take a while
    assert ltrr("index", file, "--json") == 0
    out, err = capfd.readouterr()
    assert json.loads(out) == {
        "read": MANY,
        "taken": MANY,
        "bad": 0,
        "repeated": 0,
        "removed": 0,
        "unlisted": 0,
        "refused": [],
    }
    assert err == f"going on after line {MANY - 4} of {file}; --restart begins anew\n"
    assert not kept.exists()

    os.truncate(file, 0)
    file = table(Path(file), 5)
    stale = json.loads(short)
    stat = Path(file).stat()
    kept.write_text(json.dumps({**stale, "size": stat.st_size, "changed_ns": stat.st_mtime_ns, "line": 4}))
    assert ltrr("index", file, "--restart", "--json") == 0
    assert json.loads(capfd.readouterr().out)["read"] == 5


def found(capfd: pytest.CaptureFixture[str], query: str) -> list[str]:
    """Return the ids that a search finds."""
    ltrr("search", query, "--json", "--size", "3")
    return sorted(item["object_id"] for item in json.loads(capfd.readouterr().out)["items"])


def test_rebuild_of_the_data_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """Engines that were lost are there again from the cards, and what an interrupted rebuild left is cleared."""
    assert ltrr("index", table(tmp_path / "songs.csv", 3)) == 0
    capfd.readouterr()
    before = found(capfd, "song 1")
    index = tmp_path / "data" / "index"
    for engine in ("text", "vectors"):
        shutil.rmtree(index / engine)
    (index / "rebuilt" / "text").mkdir(parents=True)
    (index / "rebuilt" / "text" / "meta.json").write_text("half")
    assert ltrr("index", "rebuild", "--json") == 0
    [rebuilt] = json.loads(capfd.readouterr().out)["rebuilt"]
    assert (rebuilt["engine"], rebuilt["entities"]) == ("data folder", 3)
    assert found(capfd, "song 1") == before
    assert sorted(path.name for path in index.iterdir() if path.is_dir()) == ["text", "vectors"]


def test_no_room_for_entities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Without room neither a load nor a rebuild begins, and what was found before is found."""
    assert ltrr("index", table(tmp_path / "songs.csv", 3)) == 0
    capfd.readouterr()
    before = found(capfd, "song 1")
    monkeypatch.setenv("LTRR_DISK_RESERVE_MB", str(10**12))
    for arguments in (("index", table(tmp_path / "more.csv", 5)), ("index", "rebuild")):
        with pytest.raises(StorageFailed, match="free some space"):
            ltrr(*arguments)
    assert found(capfd, "song 1") == before
    assert sorted(path.name for path in (tmp_path / "data" / "index").iterdir() if path.is_dir()) == ["text", "vectors"]


FOREIGN = "sku,title,category,sales,price\nX1,Lamp,light|home,12,9.50\nX2,Chair,home,,n/a\nX3,Desk,home,3,99\n"


def test_a_file_with_foreign_names_is_loaded_after_one_proposal(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """Without a mapping nothing is loaded and one is shown; written, it loads everything."""
    file = tmp_path / "shop.csv"
    file.write_text(FOREIGN)
    with pytest.raises(InvalidInput, match="give --map, or --propose"):
        ltrr("index", str(file))
    assert "--map 'id=sku,name=title,popularity=sales,sales=sales'" in capfd.readouterr().out
    assert ltrr("index", str(file), "--propose") == 0
    with pytest.raises(InvalidInput, match="is there already"):
        ltrr("index", str(file), "--propose")
    capfd.readouterr()
    assert ltrr("index", str(file), "--map", f"{file}.map.json", "--json") == 0
    assert json.loads(capfd.readouterr().out) == {
        "read": 3,
        "taken": 3,
        "bad": 0,
        "repeated": 0,
        "removed": 0,
        "unlisted": 0,
        "refused": [],
    }
    assert found(capfd, "lamp")[0] == "X1"


def test_a_proposal_is_written_where_nothing_is_called_a_name(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """There is a file to be changed, with the best guess or without a name, and what to check is said."""
    parts, numbers = tmp_path / "parts.csv", tmp_path / "numbers.csv"
    parts.write_text("lib_id,symbol,ref\n" + "".join(f"x:LM{n}T,LM{n}T,U\n" for n in range(20)))
    numbers.write_text("sku,price\n" + "".join(f"{n},{n}.5\n" for n in range(20)))
    assert ltrr("index", str(parts), "--propose") == 0
    assert "symbol is a guess: check which is the name" in capfd.readouterr().err
    assert read_mapping(f"{parts}.map.json").columns["name"].column == ("symbol",)
    assert ltrr("index", str(numbers), "--propose") == 0
    assert "none looks like one either: say which is the name" in capfd.readouterr().err
    with pytest.raises(InvalidInput, match="no column becomes the name: add name=COLUMN"):
        ltrr("index", str(numbers), "--map", f"{numbers}.map.json")
    with pytest.raises(InvalidInput, match="give --map, or --propose"):
        ltrr("index", str(numbers))
    assert "--map 'id=sku,name=COLUMN'" in capfd.readouterr().out


def test_what_was_taken_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """Under a mapping each column is told with what it becomes, and which one looks like a description that none is."""
    told = "Eine Lampe, die jeden Raum am Abend in warmes Licht taucht"
    file = tmp_path / "shop.csv"
    file.write_text("nr;ware;angaben;preis\n" + "".join(f"X{n};Lampe {n};{told} {n};{n},5\n" for n in range(9)))
    assert ltrr("index", str(file), "--map", "id=nr,name=ware", "--json") == 0
    assert capfd.readouterr().err == (
        "taken: id = nr, name = ware; attributes: angaben, preis (number)\n"
        "not sure: angaben may describe, and is searched as attributes are: "
        "--map description=COLUMN says which describes\n"
    )
    assert ltrr("index", str(file), "--map", "id=nr,name=ware,description=angaben", "--json") == 0
    assert "not sure" not in capfd.readouterr().err


def test_what_is_made_in_the_future_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """Years of two digits may be read so, and all that is ordered by newest begins with them."""
    file = tmp_path / "films.csv"
    rows = ["2136-02-05,Modern Times", "2133-04-07,King Kong", "1994-10-14,Pulp Fiction"]
    file.write_text("\n".join(["created_s,name,object_id,type", *(f"{row},{n},film" for n, row in enumerate(rows))]))
    assert ltrr("index", str(file), "--json") == 0
    told = "2 entities are made after today, as late as 2136-02-05 ('Modern Times'): newest begins with them\n"
    assert told in capfd.readouterr().err
    file.write_text(f"created_s,name,object_id,type\n{rows[2]},9,film\n")
    assert ltrr("index", str(file), "--json") == 0
    assert "after today" not in capfd.readouterr().err


def test_the_stemmer_of_the_texts_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """A load says which language most texts are in, where none was chosen; with it a plural finds its singular."""
    told = {
        "Wolf": "Ein Tier mit Fell",
        "Haus": "Die Wölfe sind nicht in ihm",
        "Dach": "Das auf dem Haus mit den Ziegeln",
    }
    file = tmp_path / "catalogue.jsonl"
    lines = [
        {"object_id": name, "type": "thing", "name": name, "description": description}
        for name, description in told.items()
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    monkeypatch.setenv("LTRR_ARMS", '["fulltext", "fuzzy"]')
    monkeypatch.setenv("LTRR_POLICY", "static")  # a plan that is drawn may leave out the arm that reads descriptions
    assert ltrr("index", str(file), "--json") == 0
    assert (
        "most texts are german: set LTRR_STEMMER=german for every command, and run `ltrr index rebuild`"
        in capfd.readouterr().err
    )
    assert found(capfd, "Häuser") == ["Haus"]  # begins so; descriptions need a stem
    monkeypatch.setenv("LTRR_STEMMER", "german")
    assert ltrr("index", "rebuild") == 0
    assert ltrr("index", str(file), "--json") == 0
    assert "most texts" not in capfd.readouterr().err
    assert found(capfd, "Häuser") == ["Dach", "Haus"]
    monkeypatch.setenv("LTRR_STEMMER", "english")
    with pytest.raises(InvalidSettings, match="stemmer=german, not english: set it so"):
        ltrr("search", "Häuser")


def test_progress_tells_a_share_of_what_is_read_piece_by_piece(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """JSON that has to be read whole is not done before its first entity is loaded: it says how many were."""
    monkeypatch.setattr(load_progress, "EVERY_S", 0.0)
    monkeypatch.setattr(changes, "SAMPLE", 10)  # records that are read before the first is loaded
    many = [{"object_id": f"s{n}", "name": f"Song {n}", "description": "x" * 900} for n in range(1500)]
    whole, lines = tmp_path / "songs.json", tmp_path / "songs.jsonl"
    whole.write_text(json.dumps({one["object_id"]: one for one in many}))
    lines.write_text("\n".join(map(json.dumps, many)))
    assert ltrr("index", str(whole)) == 0
    said = capfd.readouterr().err.splitlines()
    assert next(line for line in said if line.startswith("loading, ")) == "loading, 0 entities so far: 0"
    assert ltrr("index", str(lines)) == 0
    said = capfd.readouterr().err
    assert "loading, 0 entities so far: 0%" in said
    assert re.search(r"loading, 1,000 entities so far: [6-9]\d%", said)


def test_a_mapping_may_come_in_parts(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """What several --map say holds together; where none says what becomes the id or the name, nothing is read."""
    file = tmp_path / "shop.csv"
    file.write_text(FOREIGN)
    with pytest.raises(InvalidInput, match="no column becomes the name: add name=COLUMN"):
        ltrr("index", str(file), "--map", "id=sku")
    with pytest.raises(InvalidInput, match="no column becomes the id: add id=COLUMN"):
        ltrr("index", str(file), "--map", "name=title")
    capfd.readouterr()
    assert ltrr("index", str(file), "--map", "id=sku", "--map", "name=title", "--json") == 0
    assert json.loads(capfd.readouterr().out)["taken"] == 3


def test_bad_records_are_told_by_kind(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """However many there are, each kind is one line with its first example."""
    file = tmp_path / "shop.jsonl"
    good = json.dumps({"object_id": "a", "type": "song", "name": "A"})
    bad = [json.dumps({"object_id": n, "type": "song", "name": "B", "popularity": -n}) for n in range(1, 900)]
    file.write_text("\n".join([good, *bad, "{"]))
    assert ltrr("index", str(file)) == 1
    out, err = capfd.readouterr()
    assert out.startswith("1 of 901 entities were new or changed; 900 could not be read\n")
    assert err.splitlines()[0].startswith("899 lines, the first 2 (B), 3 (B), 4 (B), 5 (B), 6 (B): bad_field: popul")
    assert err.splitlines()[1].startswith("line 901: not_json:")


def test_a_file_is_loaded_by_the_server_that_runs(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """`ltrr serve` goes on over the data folder while a file is loaded into it."""
    with subprocess.Popen([LTRR, "serve", "--port", "0"], stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            assert "ltrr serves 0 entities" in server.stderr.readline()
            file = tmp_path / "songs.jsonl"
            many = [{"object_id": f"s{n}", "name": f"Song {n}", "description": "x" * 900} for n in range(900)]
            file.write_text("\n".join(json.dumps(one) for one in [*many, {"object_id": "s1", "deleted": True}]))
            assert ltrr("index", str(file), "--json") == 0
            report = json.loads(capfd.readouterr().out)
            assert (report["read"], report["taken"], report["bad"]) == (901, 901, 0)
            assert "s7" in found(capfd, "song 7")
            assert "s1" not in found(capfd, "song 1")
            assert report["unlisted"] == 0
            file.write_text("\n".join(json.dumps(one) for one in many[:800]))
            assert ltrr("index", str(file), "--replace", "--json") == 0
            report = json.loads(capfd.readouterr().out)
            assert (report["taken"], report["removed"], report["unlisted"]) == (1, 100, 0)  # the deleted one is new
            assert held(tmp_path) == sorted(one["object_id"] for one in many[:800])
        finally:
            server.send_signal(signal.SIGINT)


def songs(path: Path, *numbers: int, application: str = "default") -> str:
    """Write a file of some songs."""
    lines = [{"object_id": f"s{n}", "name": f"Song {n}", "application": application} for n in numbers]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def held(folder: Path) -> list[str]:
    """Return the ids of all entities of a data folder, with the applications of those that are another's."""
    places = stored_places(folder / "data" / "index")
    return sorted(one.object_id if one.application == "default" else "/".join(one) for one in places)


def test_records_belong_to_what_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    """The only application is that of a record without one; of several one has to be named, and no other is taken."""
    monkeypatch.setenv("LTRR_APPLICATIONS", '["shop"]')
    file = tmp_path / "songs.csv"
    assert ltrr("index", table(file, 2)) == 0
    assert ltrr("index", table(file, 3), "--map", "id=object_id,name=name") == 0
    assert held(tmp_path) == ["shop/s0", "shop/s1", "shop/s2"]
    capfd.readouterr()
    assert found(capfd, "song 1") != []
    songs(tmp_path / "other.jsonl", 1, application="b")
    assert ltrr("index", str(tmp_path / "other.jsonl")) == 1
    assert "not served here, as shop is" in capfd.readouterr().err
    monkeypatch.setenv("LTRR_APPLICATIONS", '["shop", "b"]')
    assert ltrr("index", str(file)) == 1
    assert "several are served: name one of shop, b" in capfd.readouterr().err
    assert len(held(tmp_path)) == 3


def test_a_file_that_replaces_removes_what_it_does_not_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    """Without --replace others are counted and left; with it they go, and those of other applications stay."""
    monkeypatch.setenv("LTRR_APPLICATIONS", '["default", "b"]')
    file = tmp_path / "songs.jsonl"
    assert ltrr("index", songs(file, 1, 2, 3, application="b"), "--json") == 0
    assert ltrr("index", songs(file, 1, 2, 3), "--json") == 0
    assert [json.loads(line)["unlisted"] for line in capfd.readouterr().out.splitlines()] == [0, 0]
    assert ltrr("index", songs(file, 2, 3, 4)) == 0
    assert "; 1 others are left that it does not have (--replace removes such)" in capfd.readouterr().out
    assert ltrr("index", songs(file, 2, 3, 5), "--replace", "--json") == 0
    report = json.loads(capfd.readouterr().out)
    assert (report["taken"], report["removed"], report["unlisted"]) == (1, 2, 0)
    assert held(tmp_path) == ["b/s1", "b/s2", "b/s3", "s2", "s3", "s5"]
    assert found(capfd, "song 4") == ["s2", "s3", "s5"]


def test_a_file_that_may_not_replace_changes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """More than half, an entity that cannot be read, and what is read once alone: all is as it was, and it says why."""
    file = tmp_path / "songs.jsonl"
    assert ltrr("index", songs(file, 1, 2, 3)) == 0
    with pytest.raises(InvalidInput, match=r"2 of 3 entities are not in .*, more than half: add --yes"):
        ltrr("index", songs(file, 3, 7, 8, 9, 10), "--replace")
    file.write_text(Path(songs(file, 1, 2)).read_text() + '{"object_id": "s3", "name": "3", "popularity": -1}\n')
    with pytest.raises(InvalidInput, match="nothing was changed, as line 3 cannot be read"):
        ltrr("index", str(file), "--replace")
    with pytest.raises(InvalidInput, match="give it a file"):
        ltrr("index", "-", "--replace")
    with pytest.raises(InvalidInput, match="--yes goes with --replace"):
        ltrr("index", str(file), "--yes")
    assert held(tmp_path) == ["s1", "s2", "s3"]
    capfd.readouterr()
    assert ltrr("index", songs(file, 3, 7), "--replace", "--yes", "--json") == 0
    assert json.loads(capfd.readouterr().out)["removed"] == 2
    assert held(tmp_path) == ["s3", "s7"]


def test_nothing_is_removed_before_all_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    """A load that fails removes nothing, and one that goes on where it stopped knows what it had loaded before."""
    file = tmp_path / "songs.jsonl"
    assert ltrr("index", songs(file, 1, 2, 3)) == 0
    with monkeypatch.context() as full:
        full.setenv("LTRR_DISK_RESERVE_MB", str(10**12))
        with pytest.raises(StorageFailed, match="free some space"):
            ltrr("index", songs(file, 2, 3, 4), "--replace")
    assert held(tmp_path) == ["s1", "s2", "s3"]
    bookmark = Bookmark.open(tmp_path / "data", file, "data folder")
    bookmark.move(2, {"read": 2, "taken": 2, "bad": 0, "repeated": 0, "removed": 0})
    capfd.readouterr()
    assert ltrr("index", str(file), "--replace", "--json") == 0
    report = json.loads(capfd.readouterr().out)
    assert (report["read"], report["taken"], report["removed"]) == (3, 3, 1)
    assert held(tmp_path) == ["s2", "s3", "s4"]
