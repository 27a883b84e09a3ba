"""`ltrr bench lastfm`, on a folder that the tests write."""

import json
from pathlib import Path

import numpy as np
import pytest

from ltrr.bench.played import lastfm
from ltrr.bench.played.figures import Results
from ltrr.bench.played.plans import Evidence, hand_rules
from ltrr.models.errors import InvalidInput
from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Candidate, Source
from ltrr.serving.commands.cli import app

ARTISTS = ("Blue River", "Amber Lake", "Silent Moths", "Golden Hour", "Paper Kites", "Iron Bells")
LOG = (
    ("2009-07", 5, "blue river", [0], "spear_exact", True),
    ("2009-07", 6, "silent moths", [2], "spear_exact", True),
    ("2009-07", 7, "jazz", [1], "topic_head", True),
    ("2009-08", 5, "jazz", [1, 3], "topic_head", True),
    ("2009-08", 6, "jazz", [2], "topic_head", False),
    ("2009-08", 7, "golden huor", [3], "spear_typo", True),
    ("2009-09", 5, "jazz", [1], "topic_head", False),
    ("2009-09", 8, "folk", [4], "topic_tail", True),
)
TAGGED = ((7, 1, 10, "6", "2009"), (5, 1, 10, "8", "2009"), (5, 3, 10, "8", "2009"), (6, 4, 11, "8", "2009"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a whole small folder."""
    artists = "".join(f"{number}\t{name}\n" for number, name in enumerate(ARTISTS))
    (tmp_path / "artists.dat").write_text(f"id\tname\n{artists}")
    (tmp_path / "tags.dat").write_text("tagID\ttagValue\n10\tjazz\n11\tfolk\n")
    tagged = "".join(f"{u}\t{a}\t{t}\t1\t{month}\t{year}\n" for u, a, t, month, year in TAGGED)
    (tmp_path / "user_taggedartists.dat").write_text(f"userID\tartistID\ttagID\tday\tmonth\tyear\n{tagged}")
    (tmp_path / "spotify_songs.csv").write_text("track_name,track_artist\n")
    names = ("month", "user", "query", "relevant", "type", "fresh")
    lines = [json.dumps(dict(zip(names, values, strict=True)) | {"split": "train"}) for values in LOG]
    (tmp_path / "queries.jsonl").write_text("\n".join(lines))
    return tmp_path


def eras(folder: Path, *, frozen: bool = False, drift: str | None = None) -> list[lastfm.Era]:
    """Return the eras of the whole log."""
    requests = lastfm.requests_of(folder, None, drift, 0)
    return list(lastfm.eras(folder, requests, 1e9, frozen=frozen, drift=drift, seed=0))


def bench(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, dict[str, dict[str, float]]]:
    """Call the command."""
    app(["bench", "lastfm", *arguments, "--seeds", "1", "--json"], standalone_mode=False)
    return json.loads(capsys.readouterr().out)


def test_knows_earlier_months_alone(folder: Path):
    """Profiles and tags are those of the months before a query's; a frozen index never learns a tag."""
    months = eras(folder)
    wishes = [(wish, at) for at, era in enumerate(months) for wish in era.wishes]
    profiles = {(wish.request.user_id, at): [hit.object_id for hit in wish.profile] for wish, at in wishes}
    assert profiles["user:7", 0] == profiles["user:7", 1] == ["artist:1"]
    assert profiles["user:5", 0] == profiles["user:5", 1] == []
    assert profiles["user:5", 2] == ["artist:1", "artist:3"]
    tagged = [[e.object_id for e in era.changes if isinstance(e, Entity) and e.attributes] for era in months]
    assert tagged == [["artist:1"], [], ["artist:1", "artist:3", "artist:4"]]
    assert [len(era.changes) for era in eras(folder, frozen=True)] == [6, 0, 0]
    assert months[2].wishes[0].recent == ("artist:3", "artist:1", "artist:0")


@pytest.mark.whole
def test_plays_the_log(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Every call is counted, names are found, the same run gives the same figures, and a picture is drawn."""
    picture = tmp_path / "picture.svg"
    document = bench(capsys, "--data", str(folder), "--svg", str(picture))
    figures = document["figures"]
    assert figures["fresh: calls of hand rules"]["value"] == 2
    assert figures["fresh: calls of fulltext"]["value"] == 1
    assert figures["fresh: calls of hybrid"]["value"] == 2
    assert figures["fresh: calls of memory"]["value"] == 0
    assert figures["fresh: calls of learned, 2 calls"]["value"] <= 2
    assert figures["fresh: calls of recency list"]["value"] == 0
    assert figures["spear_exact: nDCG@10 of fulltext"]["value"] == 1.0
    assert figures["repeat: nDCG@10 of recency list"]["value"] > 0
    assert {target["figure"] for target in document["targets"]} <= set(document["tabled"]) < set(figures)
    assert len(document["tabled"]) < 60
    assert picture.read_text().startswith("<svg")
    assert bench(capsys, "--data", str(folder))["figures"] == figures


@pytest.mark.whole
@pytest.mark.parametrize("drift", lastfm.DRIFTS)
def test_drifts(folder: Path, capsys: pytest.CaptureFixture[str], drift: str):
    """Each change in the middle is played, and the gap to an oracle that knows it is a target."""
    arguments = ("--data", str(folder), "--drift", drift, "--frozen", "--delay", "2", "--calls", "all")
    document = bench(capsys, *arguments)
    if drift != "mix":  # of which too few are left here
        assert f"{drift}: gap to oracle, after minus before" in document["figures"]


@pytest.mark.whole
def test_counts_the_queries_of_some_users(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """All queries teach, those of the named users are counted; a file that names nobody is refused."""
    some = tmp_path / "users"
    some.write_text("5\n7\n")
    figures = bench(capsys, "--data", str(folder), "--eval-users", str(some))["figures"]
    assert "topic_tail: nDCG@10 of fulltext" not in figures
    assert "spear_typo: nDCG@10 of fulltext" in figures
    some.write_text("99")
    with pytest.raises(InvalidInput, match="names no user of the log"):
        bench(capsys, "--data", str(folder), "--eval-users", str(some))


def test_says_what_it_takes(folder: Path, capsys: pytest.CaptureFixture[str]):
    """Caps, drifts and budgets that there are not are refused."""
    for option, value in (("--calls", "4"), ("--drift", "flood"), ("--budget", "10")):
        with pytest.raises(InvalidInput, match=option):
            bench(capsys, "--data", str(folder), option, value)


def test_differences_are_clustered_by_user(folder: Path):
    """Two queries of one user are one observation, and a ratio's interval knows that both sides are measured."""
    wishes = [wish for era in eras(folder) for wish in era.wishes]
    asked = [type("Asked", (), {"wish": wish}) for wish in wishes]
    users = [wish.request.user_id for wish in wishes]
    ours = np.zeros((len(users), 6))
    ours[:, 0] = [float(user == "user:5") for user in users]
    results = Results(asked, {"ours": ours, "theirs": np.zeros_like(ours) + 0.5}, np.ones(len(users), dtype=bool))
    every = np.ones(len(users), dtype=bool)
    difference = results.ahead("ours", "theirs", "nDCG@10", every)
    away = ours[:, 0] - ours[:, 0].mean()
    sums = np.array([away[np.array(users) == user].sum() for user in set(users)])
    error = np.sqrt(sums @ sums * len(sums) / (len(sums) - 1)) / len(users)
    assert difference.high - difference.value == pytest.approx(1.959963984540054 * error)
    assert results.ratio("ours", "theirs", "nDCG@10", every).value == pytest.approx(ours[:, 0].mean() / 0.5 - 1)


def test_evidence_leaves_arms_out():
    """Without an arm a candidate loses that arm's part of its score, and is gone where nothing else brought it."""
    evidence = Evidence(("a", "b"))
    union = [
        Candidate("x", (Source("a", 1, 1.0),), 3.0, {"a": 2.0}),
        Candidate("y", (Source("a", 2, 0.5), Source("b", 1, 1.0)), 2.0, {"a": 0.5, "b": 0.5}),
    ]
    evidence.add(union, {"y": 1.0})
    assert evidence.quality({"b": 5}, [0]) == 1.0
    assert evidence.quality({"a": 1}, [0]) == 0.0
    assert evidence.quality({"a": 5}, [0]) == pytest.approx(1 / np.log2(3))


def test_hand_rules_read_the_query():
    """A known tag goes to structured and personal, a name to popular and fuzzy, anything else to fuzzy and personal."""
    choose = hand_rules(20)
    assert choose({"attribute_exact": 1.0}, "") == {"structured": 10, "personal": 10}
    assert choose({"attribute_exact": 1.0, "name_exact": 1.0}, "") == {"popular": 10, "fuzzy": 10}
    assert choose({"alias_exact": 1.0}, "") == {"fulltext": 10, "fuzzy": 10}
    assert choose({"attribute_part": 0.5}, "") == {"fulltext": 10, "fuzzy": 10}
    assert choose({}, "") == {"fuzzy": 10, "personal": 10}
