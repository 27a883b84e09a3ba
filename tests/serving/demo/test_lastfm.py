"""The Last.fm loader, on a folder that the tests write."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.serving.demo.people.lastfm import read_entities, read_requests

FILES = {
    "artists.dat": 'id\tname\n1\tThe "Moths"\n2\tZora\n3\tQuiet\n',
    "tags.dat": "tagID\ttagValue\n10\tjazz\n11\tblue\n",
    "user_taggedartists.dat": (
        "userID\tartistID\ttagID\tday\tmonth\tyear\n"
        "5\t1\t10\t1\t6\t2009\n6\t1\t10\t1\t5\t2008\n5\t1\t11\t1\t12\t2008\n"
        "5\t1\t11\t1\t7\t2009\n5\t2\t11\t1\t1\t1956\n5\t99\t11\t1\t1\t2008\n5\t2\t99\t1\t1\t2008\n\n"
    ),
    "spotify_songs.csv": (
        'track_name,track_artist,year\n"Lamp, Lit",the moths,2001\n"Lamp, Lit",The Moths,2002\n'
        "Blue,ZORA,1999\n,Zora,1\n"
    ),
}
LOG = tuple(
    dict(zip(("month", "user", "query", "relevant", "type", "split", "fresh"), values, strict=True))
    for values in (
        ("2009-07", 5, "blue", [1, 2], "ambig", "train", True),
        ("2009-07", 6, "moths", [1], "track", "train", False),
        ("2009-12", 5, "jazz\u2028", [1], "topic", "eval", True),
    )
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a whole small folder."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    lines = [json.dumps(line, ensure_ascii=False) for line in LOG]
    (tmp_path / "queries.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_artists_carry_tags_titles_and_popularity(folder: Path):
    """Weights are relative to the top tag, titles come once, only earlier and sensible events count."""
    moths, zora, quiet = read_entities(folder)
    assert (moths.object_id, moths.type, moths.name) == ("artist:1", "artist", 'The "Moths"')
    assert moths.attributes == {"tag": {"jazz": 1.0, "blue": 0.5}}
    assert moths.popularity == 3.0
    assert moths.aliases == ("Lamp, Lit",)
    assert (zora.attributes, zora.aliases, zora.popularity) == ({}, ("Blue",), 0.0)
    assert (quiet.attributes, quiet.aliases) == ({}, ())


def test_a_later_month_sees_more_events(folder: Path):
    """An index of August 2009 holds the events of July."""
    assert read_entities(folder, before="2009-08")[0].attributes == {"tag": {"blue": 1.0, "jazz": 1.0}}


def test_only_the_most_used_tags_are_kept(folder: Path):
    """An artist with forty tags has thirty in its document."""
    tags = "".join(f"{n}\ttag {n}\n" for n in range(40))
    events = "".join(f"5\t1\t{n}\t1\t1\t2008\n" for n in range(40))
    (folder / "tags.dat").write_text("tagID\ttagValue\n" + tags, encoding="utf-8")
    (folder / "user_taggedartists.dat").write_text(
        "userID\tartistID\ttagID\tday\tmonth\tyear\n" + events, encoding="utf-8"
    )
    moths = read_entities(folder)[0]
    assert len(moths.attributes["tag"]) == 30
    assert moths.popularity == 40.0


def test_requests_keep_the_log(folder: Path):
    """Text, user, kind, relevance, fresh and split come through, in file order, inside their month."""
    requests = list(read_requests(folder))
    assert [request.text for request in requests] == ["blue", "moths", "jazz\u2028"]
    assert requests[0].relevance == {"artist:1": 1.0, "artist:2": 1.0}
    assert [(r.user_id, r.kind, r.fresh, r.split) for r in requests[:2]] == [
        ("user:5", "ambig", True, "train"),
        ("user:6", "track", False, "train"),
    ]
    months = [datetime.fromtimestamp(r.time_s, tz=UTC).strftime("%Y-%m") for r in requests]
    assert months == [line["month"] for line in LOG]
    assert [datetime.fromtimestamp(r.time_s, tz=UTC).day for r in requests[:2]] == [8, 24]


def test_a_limit_takes_the_first_and_moves_no_time(folder: Path):
    """The first N of the log are the same requests as in the whole log."""
    assert list(read_requests(folder, 1)) == list(read_requests(folder))[:1]


@pytest.mark.parametrize("name", [*FILES, "queries.jsonl"])
def test_a_missing_file_is_named(folder: Path, name: str):
    """The message names the file that is not there."""
    (folder / name).unlink()
    with pytest.raises(InvalidInput, match=name):
        (read_entities(folder), list(read_requests(folder)))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("artists.dat", "id\ttitle\n1\tX\n", "artists.dat has no column 'name'"),
        ("artists.dat", "", "artists.dat has no column 'id'"),
        ("tags.dat", "tagID\ttagValue\n10\n", "tags.dat, line 2: 1 of 2 cells"),
        ("queries.jsonl", "\n{oops\n", "queries.jsonl, line 2: not JSON"),
        ("queries.jsonl", "[]", "queries.jsonl, line 1"),
        ("queries.jsonl", '{"month": "2009-13"}', "queries.jsonl, line 1: month"),
        ("queries.jsonl", json.dumps(LOG[0] | {"relevant": "all"}), "queries.jsonl, line 1: relevant"),
    ],
)
def test_a_broken_file_is_named_with_its_place(folder: Path, name: str, text: str, message: str):
    """The message names the file and the column or line."""
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=message):
        (read_entities(folder), list(read_requests(folder)))


def test_another_encoding_is_refused(folder: Path):
    """A Latin-1 file is named, not read as rubbish."""
    (folder / "tags.dat").write_bytes("tagID\ttagValue\n10\tcafé\n".encode("latin-1"))
    with pytest.raises(InvalidInput, match=r"tags\.dat is not UTF-8"):
        read_entities(folder)


def test_a_broken_log_is_refused_before_its_first_request(folder: Path):
    """No request is given of a log with a broken last line."""
    with (folder / "queries.jsonl").open("a", encoding="utf-8") as log:
        log.write("{}\n")
    with pytest.raises(InvalidInput, match="line 4"):
        read_requests(folder, 1)
