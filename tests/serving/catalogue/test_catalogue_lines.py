"""Files of the catalogue: JSON lines and CSV, compressed or not, with the numbers of bad lines."""

import gzip
import json
from io import BytesIO

import pytest

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.models.records.entity import Entity, Place
from ltrr.serving.catalogue.lines import numbered_changes

WHOLE = Entity(
    "song-42",
    "song",
    'Love, "Story"',
    attributes={"genre": {"country": 0.8, "a:b": 0.5, "pop": 1.0}, "mood": {"romantic": 1.0}},
    description="two\nlines",
    aliases=("love story", "taylor's version"),
    related=("artist-7",),
    popularity=1520.0,
    quality=0.9,
    created_s=-1.5,
    application="music",
    version=3,
)
CSV = (
    "\ufeffobject_id,type,name,description,aliases,related,popularity,quality,created_s,application,version,"
    "attributes.genre,attributes.mood,deleted\r\n"
    'song-42,song,"Love, ""Story""","two\nlines",love story|taylor\'s version,artist-7,1520,0.9,-1.5,music,3,'
    "country:0.8|a:b:0.5|pop,romantic,\r\n"
    "\r\n"
    "song-43,song,Plain,,,,,,,,,,,\r\n"
    "song-44,,,,,,,,,music,,,,true\r\n"
)


def read(content: bytes) -> list[tuple[int, object]]:
    """Return (line, change, or the reason and message of a refusal)."""
    return [
        (number, (change.reason, str(change)) if isinstance(change, InvalidEvent) else change)
        for number, change in numbered_changes(BytesIO(content))
    ]


def test_csv_has_all_that_json_lines_have():
    """Columns become fields, empty cells defaults, `deleted` takes out; a row has the number of its first line."""
    found = read(CSV.encode())
    assert found == [(2, WHOLE), (5, Entity("song-43", "song", "Plain")), (6, Place("music", "song-44"))]


@pytest.mark.parametrize("content", [CSV.encode(), b'{"object_id":"a","type":"song","name":"A"}\n'])
def test_gzip_is_read_as_what_is_in_it(content: bytes):
    """What begins as gzip does is decompressed."""
    assert read(gzip.compress(content)) == read(content)


def test_json_lines_go_on_as_before():
    """JSON lines are told by their first character, and a file that is neither is refused line by line."""
    entity = json.dumps({"object_id": "object_id", "type": "song", "name": "A"}).encode()
    assert read(b"\n" + entity) == [(2, Entity("object_id", "song", "A"))]
    assert [reason for _, (reason, _) in read(b"what\nis this")] == ["not_json", "not_json"]  # type: ignore[misc]
    assert read(b"") == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,song", "2 cells where the header has 4"),
        ("a,song,A,much", "popularity: Input should be a valid number"),
        (",song,A,1", "object_id: Field required"),
        ('a,song,"A"x,1', "no CSV"),
    ],
)
def test_a_bad_row_is_named(row: str, message: str):
    """It is refused by itself with its line; the next one is read."""
    (number, (reason, said)), after = read(f"object_id,type,name,popularity\n{row}\nb,song,B,1\n".encode())  # type: ignore[misc]
    assert (number, reason) == (2, "bad_field")
    assert message in said
    assert after == (3, Entity("b", "song", "B", popularity=1.0))


def test_a_weight_is_a_number():
    """A value with a colon needs its weight, so that a mistyped weight is no value."""
    [(_, (reason, said))] = read(b"object_id,type,name,attributes.genre\na,song,A,jazz:o.8\n")  # type: ignore[misc]
    assert reason == "bad_field"
    assert "attributes.genre: 'jazz:o.8' has no weight after its last colon" in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"object_id,genre\n", "line 1: there is no column 'genre'"),
        (b"object_id,name,name\n", "line 1: the column 'name' is there twice"),
        (b"object_id,type,name\na,song,\xff\n", "line 2 is not UTF-8"),
        (gzip.compress(CSV.encode())[:-9], "no whole gzip"),
    ],
)
def test_a_file_that_cannot_be_used(content: bytes, message: str):
    """A header that is not known, another encoding, and a file that was cut off end the load, with what to do."""
    with pytest.raises(InvalidInput, match=message):
        read(content)
