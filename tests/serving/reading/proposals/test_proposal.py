"""Proposed mappings: of header and sample, so that nothing has to be renamed."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.serving.reading.mapping import as_option, read_mapping, write_mapping
from ltrr.serving.reading.proposals.proposal import propose
from ltrr.serving.reading.records import Record


def table(header: str, *rows: str) -> Sequence[Record]:
    """Return the records of a table."""
    return [{name: cell for name, cell in zip(header.split(","), row.split(","), strict=True) if cell} for row in rows]


SONGS = table(
    "track_name,track_artist,track_popularity,trackReleaseDate,genre,loudness",
    "Again,Ann,66,2019-06-14,pop,-2.6",
    "Again,Ben,67,2019-12,rock,-4.9",
    "Once,Ben,,2018-01-01,pop,-1",
)


def test_columns_become_fields_by_their_names_and_what_is_in_them():
    """Names in any style; numbers are numbers; where no column tells rows apart, several are the id together."""
    found = propose(SONGS, textual=True).mapping
    assert {name: (one.column, one.kind) for name, one in found.columns.items()} == {
        "object_id": (("track_name", "track_artist"), None),
        "name": (("track_name",), None),
        "popularity": (("track_popularity",), None),
        "created_s": (("trackReleaseDate",), None),
        "track_artist": (("track_artist",), "text"),
        "genre": (("genre",), "text"),
        "loudness": (("loudness",), "number"),
    }
    assert as_option(found) == (
        "id=track_name+track_artist,name=track_name,popularity=track_popularity,created=trackReleaseDate"
    )


@pytest.mark.parametrize("columns", ["name.en-US name.de-DE", "title_en title_de", "titleEn titleDe"], ids=str)
def test_names_in_other_languages_are_aliases(columns: str):
    """The first language names, the others are aliases beside those that are called so."""
    first, other = columns.split()
    things = [{"id": f"t{n}", first: f"spoon {n}", other: f"Löffel {n}", "aka": f"s{n}"} for n in range(3)]
    found = propose(things, textual=False).mapping.columns
    assert found["name"].column == (first,)
    assert found["aliases"].column == ("aka", other)


def test_names_beside_a_plain_one_are_aliases():
    """A name without a language has its translations as aliases, too."""
    things = [{"id": f"t{n}", "name": f"spoon {n}", "name_de": f"Löffel {n}"} for n in range(3)]
    found = propose(things, textual=False).mapping.columns
    assert (found["name"].column, found["aliases"].column) == (("name",), ("name_de",))


def test_an_id_that_repeats_is_an_attribute_when_it_is_loaded_too(tmp_path: Path):
    """`id` stands for the field in a mapping: an attribute of that name is written in full."""
    rows = [f"{n % 10},{n},lamp {n % 7},{n}" for n in range(50)]
    mapping = propose(table("id,size,name,price", *rows), textual=True).mapping
    assert mapping.columns["object_id"].column == ("name", "id")
    assert mapping.columns["attributes.id"].column == ("id",)
    file = tmp_path / "map.json"
    file.write_text(write_mapping(mapping))
    assert read_mapping(str(file)) == mapping


def test_numbers_are_the_id_where_no_texts_tell_records_apart():
    """A name that repeats is none, whatever else there is."""
    things = [{"name": f"thing {n % 4}", "rank": n} for n in range(40)]
    assert propose(things, textual=False).mapping.columns["object_id"].column == ("rank",)


def test_a_description_is_in_the_language_of_the_name():
    """What comes first does not count where another is in the name's language."""
    things = [
        {"id": f"t{n}", "name": {"en": f"spoon {n}"}, "description": {"de": f"rund {n}", "en": f"round {n}"}}
        for n in range(3)
    ]
    assert propose(things, textual=False).mapping.columns["description"].column == ("description.en",)


def test_a_name_within_an_object_comes_before_one_that_ends_so():
    """Names of attributes, which a record has several of, name it as little as they are its id."""
    things = [
        {"spec": {"attributes": [{"name": f"color {n}"}, {"name": f"size {n}"}]}, "name": {"shown": f"spoon {n}"}}
        for n in range(30)
    ]
    found = propose(things, textual=False).mapping.columns
    assert found["name"].column == ("name.shown",)
    assert found["object_id"].column == ("name.shown",)


def test_an_id_may_be_glued_and_a_number():
    """`geonameid` is one where it tells records apart, though the name alone would do in the sample."""
    cities = [
        {"geonameid": 10 + n, "name": f"city {n}", "alternatenames": ["A", "B"], "population": n} for n in range(30)
    ]
    found = propose(cities, textual=False).mapping.columns
    assert [found[field].column for field in ("object_id", "aliases", "popularity")] == [
        ("geonameid",),
        ("alternatenames",),
        ("population",),
    ]


def test_of_several_columns_one_that_most_records_have_becomes_the_field():
    """Sales that one film in three has say less of films than votes that all have; where nothing else is, they do."""
    rows = ("A,,900", "B,,30", "C,5,200")
    found = propose(table("title,dvd_sales,imdb_votes", *rows), textual=True).mapping
    assert found.columns["popularity"].column == ("imdb_votes",)
    alone = propose(table("title,dvd_sales", "A,", "B,", "C,5"), textual=True).mapping
    assert alone.columns["popularity"].column == ("dvd_sales",)


def test_a_field_may_be_within_an_object():
    """Where names stand within `name`, those that stand in place of each other are one."""
    things = [{"id": f"t{n}", "name": {"one": f"spoon {n}"}} for n in range(3)]
    pairs = [{"id": f"p{n}", "name": {"many": f"scissors {n}"}} for n in range(2)]
    found = propose([*things, *pairs], textual=False).mapping.columns
    assert found["name"].column == ("name.one", "name.many")
    products = [{"id": f"t{n}", "productName": {"en": f"spoon {n}", "de": f"Löffel {n}"}} for n in range(3)]
    assert propose(products, textual=False).mapping.columns["name"].column == ("productName.en",)


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["Leather", "Leather, Rubber", "Rubber", "Cotton, Leather, Rubber", "Cotton"], ","),
        (["Drama;Comedy", "Drama", "Comedy;Horror", "Horror", "Comedy", "Drama;Crime"], ";"),
        (["macros,format borders", "Basic;macros,read values", "API;paths;settings of paths", "Basic"], ";"),
        (["Tom &amp; Jerry", "Lilo &amp; Stitch", "Mr &amp; Mrs", "Law &amp; Order"], "|"),
        (["Paris, Texas", "Paris, France", "Paris", "Austin, Texas"], "|"),
        ([f"http://x.org/{n}" for n in range(9)] + ["http://x.org/a;http://x.org/b", "http://x.org/c;d=1"], "|"),
        ([f"Tool {n}" for n in range(400)] + ["Tool; small", "Tool; fast"], "|"),
        (["Red, a colour of wine", "Red", "White, another"], "|"),
    ],
)
def test_values_in_a_cell_are_told_apart(cells: list[str], separator: str):
    """Commas are between values where these stand alone in other cells, semicolons where few words are between them."""
    things = [{"id": f"t{n}", "name": f"Thing {n}", "what": cell} for n, cell in enumerate(cells)]
    found = propose(things, textual=True).mapping
    assert found.columns["what"].separator == separator
    assert (as_option(found) is None) == (separator != "|")
    assert propose(things, textual=False).mapping.columns["what"].separator == (None if separator == "|" else separator)


def test_what_few_records_have_is_not_their_type():
    """Of which kind of damage few things are says nothing of the others: it is an attribute."""
    things = [{"id": f"t{n}", "name": f"Thing {n}", **({"damage_type": "fire"} if n < 2 else {})} for n in range(5)]
    assert "type" not in propose(things, textual=False).mapping.columns
    kinds = [one | {"damage_type": "fire"} for one in things[:3]]
    assert propose([*kinds, *things[3:]], textual=False).mapping.columns["type"].column == ("damage_type",)


def test_a_file_without_columns_is_told():
    """A text is no table."""
    with pytest.raises(InvalidInput, match="the first line of a table has to name its columns"):
        propose([{}], textual=True)


def test_what_does_not_fit_a_field_is_an_attribute():
    """A column that is called as a field, and holds something else, keeps its name as an attribute."""
    found = propose(table("id,title,popularity,type", "1,A,high,x", "1,B,low,y", "2,C,low,z"), textual=True).mapping
    assert found.columns["object_id"].column == ("title",)
    assert found.columns["attributes.popularity"].kind == "text"
    assert found.columns["attributes.id"].kind == "text"


def test_a_spoilt_row_takes_no_id_away():
    """One row in ten may lack its id: it is refused when it is read, and the others keep theirs."""
    rows = [f"A-{number},Thing {number % 7},{number}" for number in range(10)]
    found = propose(table("Part No,title,published", *rows, ",Thing,1"), textual=True).mapping
    assert found.columns["object_id"].column == ("Part No",)
    assert found.columns["published"].kind == "number", "no date of 1970"


def test_a_number_of_what_is_listed_is_its_id():
    """A column of numbers of the things is their id before a title that happens to tell them apart."""
    found = propose(table("course_no,title", *(f"EV-{n:04},Course {n}" for n in range(9))), textual=True).mapping
    assert found.columns["object_id"].column == ("course_no",)


def test_headers_of_other_languages():
    """A shop's own words for number and name are known."""
    found = propose(table("Artikelnummer,Bezeichnung", "1,Stuhl", "2,Tisch"), textual=True).mapping
    assert as_option(found) == "id=Artikelnummer,name=Bezeichnung"


def test_a_proposal_is_read_as_it_was_written(tmp_path: Path):
    """The file that is written is a mapping."""
    found = propose(SONGS, textual=True).mapping
    path = tmp_path / "songs.map.json"
    path.write_text(write_mapping(found))
    assert read_mapping(str(path)) == found


def test_long_texts_describe():
    """Where no column is called so, the one of long texts is the description."""
    found = propose(
        table("sku,title,about", "1,A," + "long text " * 20, "2,B," + "more text " * 20), textual=True
    ).mapping
    assert found.columns["description"].column == ("about",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("id=sku,name", "'name' is no field=column"),
        ("id=a,id=b", "id is there twice"),
        ("no.json", "cannot read no.json"),
    ],
)
def test_a_mapping_that_cannot_be_read(given: str, message: str):
    """It is said which part, and what to give instead."""
    with pytest.raises(InvalidInput, match=message):
        read_mapping(given)


def test_a_column_called_name_that_hardly_tells_gives_way():
    """Values that repeat ten times over are categories, where one other column has the names of rows."""
    rows = [
        f"{number},{('Garden', 'House')[number % 2]},Oak chair {chr(97 + number // 26)}{chr(97 + number % 26)}"
        for number in range(60)
    ]
    found = propose(table("sku,name,label", *rows), textual=True).mapping
    assert as_option(found) == "id=sku,name=label"
    alone = propose(table("sku,name", *(row.rpartition(",")[0] for row in rows)), textual=True).mapping
    assert alone.columns["name"].column == ("name",)


@pytest.mark.parametrize(
    ("header", "contact"),
    [
        ("maintainer", "Ann M{0} <ann{0}@shop.example>"),
        ("maintainer name", "ann-{0}"),
        ("userName", "ann{0}"),
        ("hotline", "+49 30 123 45{0}"),
    ],
)
def test_contacts_name_and_describe_nothing(header: str, contact: str):
    """A column of addresses, telephone numbers or accounts is an attribute, and asks nobody whether it is the name."""
    rows = [f"{number},Oak chair {chr(97 + number)},{contact.format(chr(97 + number))}" for number in range(20)]
    found = propose(table(f"sku,c1,{header}", *rows), textual=True).mapping
    assert (found.columns["name"].column, found.columns[header].column) == (("c1",), (header,))
    alone = propose(
        table(f"sku,{header}", *(f"{n},{row.rpartition(',')[2]}" for n, row in enumerate(rows))), textual=True
    )
    assert as_option(alone.mapping) == "id=sku"
    assert alone.unsure[0].endswith("none looks like one either: say which is the name")


def test_the_name_is_guessed_and_said_where_several_look_like_it():
    """Where the column called so repeats and several look like names it stays; else one is guessed."""
    cells = [f"Oak chair {chr(97 + number)},Ann M{chr(97 + number)}" for number in range(20)]
    rows = [f"{number},{('Garden', 'House')[number % 2]},{cell}" for number, cell in enumerate(cells)]
    found = propose(table("sku,name,c1,c2", *rows), textual=True)
    assert (found.mapping.columns["name"].column, found.unsure) == (("name",), ())
    found = propose(table("sku,c1,c2", *(f"{number},{cell}" for number, cell in enumerate(cells))), textual=True)
    assert found.mapping.columns["name"].column == ("c1",)
    assert found.unsure[0].endswith("; c1 is a guess, c2 may be it too: check which is the name")


def test_what_may_be_the_name_is_guessed():
    """Packages are called by one word in small letters, which is name and id at once; parts by what differs most."""
    described = [f"lib-{chr(97 + number)}xy,{number},A library of many" for number in range(20)]
    found = propose(table("Package,Size,Description", *described), textual=True)
    assert as_option(found.mapping) == "id=Package,name=Package,description=Description"
    assert found.unsure[0].endswith("Package is a guess: check which is the name")
    parts = [
        f"{('4xxx', '74xx')[n % 2]}:{n}ls,{('4xxx', '74xx')[n % 2]},{n % 9}LS,https://a.example/{n}" for n in range(20)
    ]
    found = propose(table("lib_id,library,symbol,datasheet", *parts), textual=True)
    assert as_option(found.mapping) == "id=lib_id,name=symbol"
    assert "symbol is a guess" in found.unsure[0]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("playerID,nameFirst,nameLast,nameGiven", "nameFirst+nameLast"),
        ("playerID,last_name,first_name,city", "first_name+last_name"),
        ("playerID,firstname,surname,city", "firstname+surname"),
        ("playerID,family_name,given_name,city", "given_name+family_name"),
        ("playerID,Nachname,Vorname,Ort", "Vorname+Nachname"),
        ("playerID,prénom,nom,ville", "prénom+nom"),
        ("playerID,player_first_name,player_last_name,city", "player_first_name+player_last_name"),
        ("playerID,first_name,last_name,full_name", "full_name"),
        ("playerID,author_first_name,author_last_name,title", "title"),
    ],
)
def test_first_and_last_names_are_the_name_together(header: str, name: str):
    """In any order, style or language; a whole name goes before them, a title before the name of somebody else."""
    rows = [
        f"{first[:2]}{last[:3]}{n},{first},{last},{first} {last} {chr(97 + n)}"
        for n, (first, last) in enumerate(
            (first, last) for first in ("Ann", "Ben", "Cora") for last in ("Moss", "Hill", "Reed")
        )
    ]
    found = propose(table(header, *rows), textual=True).mapping
    assert as_option(found) == f"id=playerID,name={name}"


def test_a_whole_name_beside_a_surname_is_the_name():
    """`name` is the first name beside `surname`, but not where it holds that."""
    rows = [f"p{n},Ann{chr(97 + n)},Moss{chr(97 + n)}" for n in range(9)]
    assert as_option(propose(table("id,name,surname", *rows), textual=True).mapping) == "id=id,name=name+surname"
    rows = [f"p{n},Ann Moss{chr(97 + n)},Moss{chr(97 + n)}" for n in range(9)]
    assert as_option(propose(table("id,name,surname", *rows), textual=True).mapping) == "id=id,name=name"


def test_an_id_of_texts_comes_before_the_number_of_the_row():
    """Rows are numbered anew when a file is written again; where nothing else is called an id the number is it."""
    rows = [f"{n + 1},smith{n:02},Ann {chr(97 + n)}" for n in range(20)]
    assert propose(table("ID,playerID,name", *rows), textual=True).mapping.columns["object_id"].column == ("playerID",)
    assert propose(table("ID,city,name", *rows), textual=True).mapping.columns["object_id"].column == ("ID",)
    high = [f"{n + 4000},smith{n:02},Ann {chr(97 + n)}" for n in range(20)]
    assert propose(table("ID,playerID,name", *high), textual=True).mapping.columns["object_id"].column == ("ID",)


DRAWN = "M" + " ".join(f"{n}.5 {n * 7 % 90}l-{n}-3c{n} 4z" for n in range(40))


def test_drawings_are_left_out_with_what_measures_them():
    """Paths, markup and their sizes are no attributes: an object of nothing else goes whole, words beside them stay."""
    icons = [
        {
            "id": f"i{n}",
            "label": f"Arrow {chr(97 + n)}",
            "svgs": {"solid": {"raw": f'<svg><path d="{DRAWN}"/></svg>', "path": f"{DRAWN}{n}", "box": [0, 0, n]}},
            "preview": {"data": f"{DRAWN}{n}", "width": 3, "alt": "to the left"},
            "price": n,
        }
        for n in range(20)
    ]
    found = propose(icons, textual=False).mapping
    assert found.leave_out == ("svgs", "preview.data", "preview.width")
    assert {"price", "preview.alt"} <= found.columns.keys()
    assert as_option(found) is None


def test_aliases_are_words():
    """Of what stands within `aliases` numbers and hexadecimal codes are none."""
    icons = [
        {
            "id": f"i{n}",
            "label": f"Arrow {chr(97 + n)}",
            "aliases": {"unicodes": {"secondary": [f"10f2b{n % 10}"]}, "names": [f"pointer {chr(97 + n)}"]},
        }
        for n in range(20)
    ]
    found = propose(icons, textual=False).mapping.columns
    assert found["aliases"].column == ("aliases.names",)
    assert "aliases.unicodes.secondary" in found
