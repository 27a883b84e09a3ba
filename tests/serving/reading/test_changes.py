"""Files of the catalogue in all their forms, compressed or not, with the numbers of bad records."""

import datetime as dt
import gzip
import json
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest
from backports import zstd
from pyarrow import parquet

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.models.records.entity import Entity, Place
from ltrr.serving.reading.changes import NeedsMapping, changes_of
from ltrr.serving.reading.mapping import Mapping, as_option, read_mapping
from ltrr.streams.events.timestamps import read_date
from tests.serving.reading.files import archive, lines, ods, read, xlsx

WHOLE = Entity(
    "song-42",
    "song",
    'Love, "Story"',
    attributes={"genre": {"country": 0.8, "a^b": 0.5, "pop": 1.0, "x|y": 1.0}, "mood": {"romantic": 1.0}},
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
    "attributes.genre,mood,deleted\r\n"
    'song-42,song,"Love, ""Story""","two\nlines",love story|taylor\'s version,artist-7,1520,0.9,-1.5,music,3,'
    "country^0.8|a\\^b^0.5|pop|x\\|y,romantic,n\r\n"
    "\r\n"
    "song-43,song,Plain,,,,,,,,,,,\r\n"
    "song-44,,,,,,,,,music,,,,yes\r\n"
)
SONG = {"object_id": "a", "type": "song", "name": "A"}
A = Entity("a", "song", "A")


def test_a_table_has_all_that_json_has():
    """Columns become fields and attributes, empty cells nothing; `deleted` takes out; a row has its first line."""
    found = read(CSV.encode())
    assert found == [(2, WHOLE), (5, Entity("song-43", "song", "Plain")), (6, Place("music", "song-44"))]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_separators_are_found_out(separator: str):
    """A table has commas, semicolons, tabs or bars, whatever else stands in its cells."""
    table = "object_id,type,name,price\na,song,A; or B's, 1.5\n" + "b,song,B,2\n" * 3
    (number, change), *_ = read(table.replace(",", separator, 99).replace(f"A{separator}", "A,").encode())
    assert (number, change.numbers) == (2, {"price": (1.5,)})


def test_a_table_with_tabs_may_have_quotes_that_are_none():
    """What is no quoted cell is text as it is."""
    table = 'object_id\ttype\tname\na\tscreen\t"Heroes" 15.6"\nb\tscreen\t"Low\nc\tscreen\tC\n'
    assert [change.name for _, change in read(table.encode())] == ['"Heroes" 15.6"', '"Low', "C"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("content", [CSV.encode(), lines(SONG)])
def test_what_is_compressed_is_read_as_what_is_in_it(content: bytes):
    """Gzip and Zstandard are told by their beginning; UTF-16 by its mark."""
    assert read(gzip.compress(content)) == read(content)
    assert read(zstd.compress(content) + zstd.compress(b"")) == read(content)
    assert read(content.decode("utf-8-sig").encode("utf-16")) == read(content)


@pytest.mark.parametrize(
    "content",
    [
        lines(SONG),
        b"\xef\xbb\xbf" + lines(SONG),
        json.dumps([SONG]).encode(),
        json.dumps([SONG], indent=2).encode(),
        json.dumps(SONG, indent=2).encode(),
        json.dumps({"took": 3, "hits": {"total": 1, "hits": [{"_id": "a", "_source": SONG}]}}).encode(),
        json.dumps({"total": 1, "products": [SONG]}, indent=1).encode(),
        lines({"_index": "songs", "_id": "a", "_score": 1, "_source": {"type": "song", "name": "A"}}),
        lines({"index": {"_index": "songs", "_id": "a"}}, {"type": "song", "name": "A"}),
        lines([SONG]),
    ],
)
def test_json_in_every_form(content: bytes):
    """Lines, arrays, one object, a search's hits, exports and `_bulk` bodies hold the same."""
    assert [change for _, change in read(content)] == [A]


def test_objects_by_their_keys_are_read():
    """An object of ten others, or of three that have a name, is these, each with its key; else it is one."""
    songs = {f"s{n}": {"type": "song", "name": f"Song {n}", "rank": n} for n in range(10)}
    mapping = "id=key,name=name,type=type"
    for content in (json.dumps(songs).encode(), json.dumps(songs, indent=1).encode()):
        assert [getattr(change, "object_id", change) for _, change in read(content, mapping)] == list(songs)
    few = {key: songs[key] for key in ("s1", "s2", "s3")}
    assert [getattr(change, "object_id", change) for _, change in read(json.dumps(few).encode(), mapping)] == list(few)
    ranked = {str(n): {"type": "song", "name": "Song", "rank": n} for n in range(10)}
    assert [getattr(change, "object_id", change) for _, change in read(json.dumps(ranked).encode(), mapping)] == list(
        ranked
    )
    told = {"name": {"en": "A"}, "description": {"en": "B"}, "slug": {"en": "c"}}
    assert [
        getattr(change, "object_id", change) for _, change in read(json.dumps(told).encode(), "id=slug.en,name=name.en")
    ] == ["c"]


def test_a_list_alone_in_an_object_is_read():
    """Whatever it is called; one record in it may be a field of one."""
    songs = [{**SONG, "object_id": str(n)} for n in range(3)]
    for content in (json.dumps({"songs": songs}).encode(), json.dumps({"songs": songs}, indent=1).encode()):
        assert [change.object_id for _, change in read(content)] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("document", "mapping"),
    [
        (
            {"type": "FeatureCollection", "name": "layer", "features": "properties"},
            "id=properties.id,name=properties.name",
        ),
        ({"@context": "https://schema.org", "@graph": ""}, "id=id,name=name"),
        ({"@type": "ItemList", "name": "lamps", "itemListElement": "item"}, "id=item.id,name=item.name"),
        ({"records": "fields", "offset": "x"}, "id=fields.id,name=fields.name"),
        ({"count": 3, "things": ""}, "id=id,name=name"),
        ({"success": True, "Records": ""}, "id=id,name=name"),
    ],
)
def test_a_list_that_a_document_is_about_is_read(document: dict[str, str], mapping: str):
    """What holds one by a name that says so, or one alone; whether it is written in one line or in several."""
    lamps = [{"id": f"l{n}", "name": f"Lamp {n}"} for n in range(3)]
    (held,) = (
        name for name in document if name in {"features", "@graph", "itemListElement", "records", "things", "Records"}
    )
    within = document[held]
    whole = document | {held: [{within: lamp} if within else lamp for lamp in lamps]}
    answer = {"status": "ok", "answer": whole}
    for content in (json.dumps(whole), json.dumps(whole, indent=1), json.dumps(answer)):
        assert [change.object_id for _, change in read(content.encode(), mapping)] == ["l0", "l1", "l2"]


@pytest.mark.parametrize("field", ["features", "records", "values", "items of it"])
def test_a_record_may_have_a_list_of_its_own(field: str):
    """One with a name and an id, or of a few objects, is a record; so is one whose list has texts alone."""
    for held in ([{"of": "A"}, {"of": "B"}, {"of": "C"}], ["A", "B"]):
        ((_, change),) = read(json.dumps({"id": "l1", "name": "Lamp", field: held}).encode(), "id=id,name=name")
        assert change.object_id == "l1"
    part = {"sku": "l1", "of": {"parts": [{"a": 1}, {"a": 2}, {"a": 3}]}}
    assert [change.object_id for _, change in read(json.dumps(part).encode(), "id=sku,name=sku")] == ["l1"]


@pytest.mark.parametrize(
    "document",
    [
        [["id", "name"], ["l0", "Lamp 0"], ["l1", "Lamp 1"]],
        {"range": "A1:B3", "values": [["id", "name"], ["l0", "Lamp 0"], ["l1", "Lamp 1"]]},
        {"columns": ["id", "name"], "index": [0, 1], "data": [["l0", "Lamp 0"], ["l1", "Lamp 1"]]},
        {"id": {"0": "l0", "1": "l1"}, "name": {"0": "Lamp 0", "1": "Lamp 1"}},
        {"id": ["l0", "l1"], "name": ["Lamp 0", "Lamp 1"]},
    ],
)
def test_tables_in_json_are_read(document: object):
    """Rows behind a row of names, and what pandas writes."""
    for content in (json.dumps(document).encode(), json.dumps(document, indent=1).encode()):
        assert [change.name for _, change in read(content, "id=id,name=name")] == ["Lamp 0", "Lamp 1"]


def test_bulk_actions_delete_and_never_update_in_part():
    """`delete` takes out; an update of a part would lose the rest, and is refused by its line."""
    found = read(lines({"delete": {"_id": "a"}}, {"update": {"_id": "b"}}, {"doc": {"price": 2}}, {"index": {}}, SONG))
    assert (found[0], found[2]) == ((1, Place("default", "a")), (5, A))
    assert found[1][0] == 3
    assert "send the entity whole" in found[1][1][1]  # type: ignore[index]


def test_a_long_array_on_one_line_is_read():
    """The limit of a line is that of an entity, not that of the array that holds them all."""
    many = [{**SONG, "object_id": str(n), "description": "x" * 1000} for n in range(400)]
    assert len(read(json.dumps(many).encode())) == 400


def test_damaged_json_costs_its_line_alone():
    """A line that is no JSON, or too long, is refused, whichever it is."""
    good = json.dumps(SONG).encode()
    found = read(b'{"object_id": \n' + good + b"\n[]\n" + b'{"name": "' + b"x" * 300_000 + b'"}\n' + good)
    assert [number for number, _ in found] == [1, 2, 4, 5]
    assert [change[0] for _, change in found if isinstance(change, tuple)] == ["not_json", "too_large"]


def test_values_as_people_have_them():
    """Lists, one text, numbers, dates and null; other fields are attributes; a colon or a bar in a text is its own."""
    given = {"series": "Star Trek: Picard", "tags": ["a|b", "c"], "price": 12.5, "sizes": [38, 39], "maker": None}
    given |= {"released": "2019-06-14", "new": True, "created_s": 1560470400000, "aliases": "one"}
    [(_, change)] = read(lines({**SONG, **given, "attributes": {"mood": {"calm": 0.3}}}))
    assert change == Entity(
        **SONG,
        attributes={
            "mood": {"calm": 0.3},
            "series": {"Star Trek: Picard": 1.0},
            "tags": {"a|b": 1.0, "c": 1.0},
            "new": {"true": 1.0},
        },
        numbers={"price": (12.5,), "sizes": (38.0, 39.0)},
        dates={"released": (1560470400.0,)},
        created_s=1560470400.0,
        aliases=("one",),
    )


def test_what_a_database_writes_for_nothing_is_nothing():
    """Its NULL is no description, attribute or number, in JSON as in tables; somebody may be called so."""
    record = {"nr": 7, "title": "NULL", "text": "NULL", "kind": "NULL", "sold": "NULL"}
    [(_, change)] = read(lines(record), "id=nr,name=title,description=text,popularity=sold")
    assert change == Entity("7", "item", "NULL")
    [(_, change)] = read(
        lines({**record, "kind": ["NULL", r"\N", "red"]}), "id=nr,name=title,description=text,popularity=sold"
    )
    assert change == Entity("7", "item", "NULL", {"kind": {"red": 1.0}})


def test_a_list_of_names_or_of_paragraphs_loses_none():
    """The first is what it is called, others are aliases; paragraphs are one text."""
    record = {
        "nr": 7,
        "title": ["Casablanca", "Everybody Comes to Rick's", None, "Casablanca"],
        "also": "Casa",
        "text": ["One.", "Two."],
    }
    [(_, change)] = read(lines(record, record), "id=nr,name=title,description=text,aliases=also")[:1]
    assert isinstance(change, Entity)
    assert (change.name, change.aliases) == ("Casablanca", ("Casa", "Everybody Comes to Rick's"))
    assert change.description == "One. Two."
    [(_, change)] = read(lines({**record, "title": [None, "", "Second", "Third"]}), "id=nr,name=title")
    assert isinstance(change, Entity)
    assert (change.name, change.aliases) == ("Second", ("Third",))
    [(_, change)] = read(lines({**record, "title": []}), "id=nr,name=title")
    assert isinstance(change, tuple)
    assert "name" in change[1]


@pytest.mark.parametrize(
    ("word", "gone"), [("true", True), ("Yes", True), ("1", True), ("n", False), ("0", False), ("FALSE", False)]
)
def test_deleted_is_one_of_few_words(word: str, gone: bool):  # noqa: FBT001  # a parameter
    """Words for yes delete, words for no do not, in tables and JSON."""
    expected = Place("default", "a") if gone else A
    assert read(f"object_id,type,name,deleted\na,song,A,{word}\n".encode()) == [(2, expected)]
    assert read(lines({**SONG, "deleted": word})) == [(1, expected)]


def test_other_words_for_deleted_are_refused():
    """A word that could mean either deletes nothing and says so."""
    [(_, (reason, said))] = read(b"object_id,type,name,deleted\na,song,A,maybe\n")  # type: ignore[misc]
    assert reason == "bad_field"
    assert said.startswith("deleted:")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,song", "2 cells where the header has 4"),
        ("a,song,A,much", "popularity: 'much' is no number"),
        (",song,A,1", "object_id: it is missing"),
        ('a,song,"A"x,1', "no CSV"),
    ],
)
def test_a_bad_row_is_named(row: str, message: str):
    """It is refused by itself with its line; the next one is read."""
    table = f"object_id,type,name,popularity\n{row}\n" + "b,song,B,1\n" * 9
    (number, (reason, said)), after, *_ = read(table.encode())  # type: ignore[misc]
    assert (number, reason) == (2, "bad_field")
    assert message in said
    assert after == (3, Entity("b", "song", "B", popularity=1.0))


def test_parquet_has_types_of_its_own(tmp_path: Path):
    """Dates, decimals, lists, maps and what is not known are read as what they are."""
    held = {
        "object_id": ["a", "b"],
        "name": ["A", "B"],
        "released": [dt.date(2019, 6, 14), None],
        "price": [Decimal("12.50"), None],
        "weight": [float("nan"), 2.0],
        "tags": [["x", "y"], []],
    }
    parquet.write_table(pa.table(held), tmp_path / "shop.parquet")
    assert [change for _, change in read((tmp_path / "shop.parquet").read_bytes())] == [
        Entity(
            "a",
            "item",
            "A",
            attributes={"tags": {"x": 1.0, "y": 1.0}},
            numbers={"price": (12.5,)},
            dates={"released": (1560470400.0,)},
        ),
        Entity("b", "item", "B", numbers={"weight": (2.0,)}),
    ]


@pytest.mark.parametrize(
    ("content", "mapping", "message"),
    [
        (b"object_id,name,name\n", None, "line 1: the column 'name' is there twice"),
        (b"object_id,type,name\na,song,\xff\n", None, "line 2 is not UTF-8"),
        (gzip.compress(CSV.encode(), mtime=0)[:-9], None, "cannot be decompressed"),
        (zstd.compress(CSV.encode())[:-9], None, "cannot be decompressed"),
        (b'[{"object_id": "a"},', None, "no whole JSON array"),
        (b"PAR1 and no more", None, "no whole Parquet"),
        (b"sku,title\n1,A\n", "id=number", "there is no column 'number'; there are: sku, title"),
        (b'[{"nr": 1, "title": "A"}]', "id=nr,name=nome", "there is no column 'nome'; there are: nr, title"),
        (
            b"sku,title,text\n1,A,B\n",
            "id=sku,name=title,descripton=text",
            "no field is called 'descripton'; did you mean 'description'.* attributes.descripton=text",
        ),
        (b"what\nis this\nis this\n", None, "give --map, or --propose"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><rss></rss>', None, "XML or HTML, which is not read: write .* JSON lines"),
        (gzip.compress(b"<feed><entry/></feed>", mtime=0), None, "XML or HTML, which is not read"),
        (b"PK\x03\x04 and no more", None, "a ZIP archive, and no spreadsheet: unpack it"),
        (archive({"songs.csv": CSV}), None, "a ZIP archive, and no spreadsheet: unpack it"),
        (b"\xd0\xcf\x11\xe0 and no more", None, "of an old office program, and no spreadsheet"),
        (xlsx({"S": [["name"]]}), None, "no sheet of the spreadsheet has a row of names and rows below it"),
        (b"%PDF-1.7", None, "a PDF: export what it was made of as CSV"),
    ],
)
def test_a_file_that_cannot_be_used(content: bytes, mapping: str | None, message: str):
    """What cannot be read at all ends the load, with what to do."""
    with pytest.raises(InvalidInput, match=message):
        read(content, mapping)


def test_spreadsheets_are_read_as_their_first_table():
    """Cells as they stand there: whole numbers, dates and flags; what is empty is not there. Rows are counted."""
    rows = [
        ["sku", "title", "price", "added", "organic", "size"],
        ["t1", "Tea & milk", 3.5, dt.date(2019, 6, 14), True, 250],
        [None, "Nothing", None, None, None, None],
        ["t2", "Black tea", 12, None, False, None],
    ]
    option = "id=sku,name=title,created=added"
    first, second, third = read(xlsx({"About": [["tea"]], "Teas": rows}), option)
    assert first == (
        2,
        Entity(
            "t1",
            "item",
            "Tea & milk",
            {"organic": {"true": 1.0}},
            numbers={"price": (3.5,), "size": (250.0,)},
            created_s=read_date("2019-06-14"),
        ),
    )
    assert (second[0], third[0], third[1].numbers) == (3, 4, {"price": (12.0,)})  # type: ignore[attr-defined]
    assert "it is missing" in second[1][1]  # type: ignore[index]
    assert [change.name for _, change in read(ods([["id", "name"], ["t1", "Tea"]]), "id=id,name=name")] == ["Tea"]
    with changes_of(BytesIO(xlsx({"Teas": rows})), read_mapping(option)) as changes:
        assert changes.form == "a spreadsheet, of which the sheet 'Teas' is read"


def test_foreign_names_need_a_mapping():
    """A file with other names is not refused row by row: what would do is proposed."""
    with pytest.raises(NeedsMapping) as needs:
        read(b"sku,title\n1,A\n2,B\n")
    assert {name: column.column for name, column in needs.value.proposal.columns.items()} == {
        "object_id": ("sku",),
        "name": ("title",),
    }


def test_what_is_left_out_is_left_out_with_all_within_it():
    """An object is left out whole, but for what the mapping names; what no record has is told with what is near."""
    records = [{"nr": n, "title": f"A {n}", "svgs": {"a": {"raw": "x", "w": n}, "b": "y"}, "size": 1} for n in range(3)]
    mapping = Mapping.model_validate(
        {"columns": {"object_id": "nr", "name": "title", "width": "svgs.a.w"}, "leave_out": ["svgs", "sizes"]}
    )
    with changes_of(BytesIO(json.dumps(records).encode()), mapping) as changes:
        first = next(one for _, one in changes.numbered)
        assert changes.unsure == (
            "no record of the first 10,000 has what the mapping calls 'sizes'; did you mean 'size'?",
        )
    assert isinstance(first, Entity)
    assert {*first.attributes, *first.numbers} == {"width", "size"}
    table = BytesIO(b"sku,title,svgs.a\n1,A,x\n")
    with (
        pytest.raises(InvalidInput, match="there is no column 'svg'"),
        changes_of(table, Mapping(leave_out=("svgs", "svg"))),
    ):
        pass


@pytest.mark.parametrize("mapping", [None, "id=object_id,name=name"])
def test_a_record_that_is_refused_is_called_as_it_is(mapping: str | None):
    """By its name, else by its id, whether the mapping or what it makes cannot be read."""
    lines = [{"object_id": None, "name": "A"}, {"object_id": "b", "name": None}, {"object_id": "c", "name": "C"}]
    with changes_of(
        BytesIO("\n".join(map(json.dumps, lines)).encode()), read_mapping(mapping) if mapping else None
    ) as changes:
        called = [one.called for _, one in changes.numbered if isinstance(one, InvalidEvent)]
    assert called == ["A", "b"]


def test_the_keys_of_an_object_of_weights_are_values():
    """Where each record has a few of them; what each has is a number, and so is what the mapping names."""
    tags = [
        f'{{"id": "{n}", "name": "N{n}", "attributes": {{"tag": {{"text {n}": 1.0, "b{n}": 0.4}}}}}}' for n in range(4)
    ]
    content = "\n".join(tags).encode()
    with pytest.raises(
        NeedsMapping, match="object_id is what the file calls id, all else has the names of ltrr"
    ) as needs:
        read(content)
    assert as_option(needs.value.proposal) == "id=id,name=name"
    weighed = Entity("0", "item", "N0", {"tag": {"text 0": 1.0, "b0": 0.4}})
    assert read(content, "id=id,name=name")[0] == (1, weighed)
    (_, named), *_ = read(content, "id=id,name=name,first=attributes.tag.b0")
    assert isinstance(named, Entity)
    assert named.numbers["first"] == (0.4,)
    alike = b'{"id": "1", "name": "A", "mood": {"joy": 0.5}}\n{"id": "2", "name": "B", "mood": {"joy": 0.1}}'
    (_, one), _ = read(alike, "id=id,name=name")
    assert isinstance(one, Entity)
    assert one.numbers == {"mood.joy": (0.5,)}
