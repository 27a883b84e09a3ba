"""Proposed mappings: of header and sample, so that nothing has to be renamed."""

from pathlib import Path

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.serving.reading.mapping import as_option, read_mapping, write_mapping
from ltrr.serving.reading.proposals.proposal import propose
from tests.serving.reading.files import table

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
        "track_popularity": (("track_popularity",), "number"),
        "trackReleaseDate": (("trackReleaseDate",), "date"),
        "genre": (("genre",), "text"),
        "loudness": (("loudness",), "number"),
    }
    assert as_option(found) == (
        "id=track_name+track_artist,name=track_name,popularity=track_popularity,created=trackReleaseDate"
        ",track_popularity=track_popularity,trackReleaseDate=trackReleaseDate"
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


def test_a_common_name_is_an_alias_beside_a_name():
    """People type it; where nothing else is called like a name it is the name."""
    birds = [{"id": f"t{n}", "scientific_name": f"Corvus {n}", "list_common_name": f"Crow {n}"} for n in range(3)]
    found = propose(birds, textual=False).mapping.columns
    assert (found["name"].column, found["aliases"].column) == (("scientific_name",), ("list_common_name",))
    alone = [{key: value for key, value in one.items() if key != "scientific_name"} for one in birds]
    found = propose(alone, textual=False).mapping.columns
    assert (found["name"].column, "aliases" in found) == (("list_common_name",), False)


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


@pytest.mark.parametrize(("outer", "field"), [("title", "name"), ("description", "description")])
def test_what_several_languages_say_comes_before_what_only_ends_so(outer: str, field: str):
    """A title in two languages is no worse a name than one in one; a brand's own name is not the product's."""
    things = [
        {"id": f"t{n}", "name" if field != "name" else "code": f"spoon {n}", f"brand.{field}": f"of brand {n % 5}"}
        | {f"{outer}.{language}": f"{outer} of {n} in {language}" for language in ("de", "en")}
        for n in range(30)
    ]
    assert propose(things, textual=False).mapping.columns[field].column == (f"{outer}.de",)


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
        (["Pan, Tilt, Zoom", "Dimmer, Pan, Gobo, Tilt", "Gobo, Zoom, Dimmer, Strobe", "Strobe, Gobo, Pan"], ","),
        (["Paris, Texas", "Paris, France", "Paris", "Austin, Texas"], "|"),
        ([f"Street {n}, {city}, {state}" for n in range(9) for city, state in (("Oslo", "NO"), ("Bergen", "NO"))], "|"),
        ([f"http://x.org/{n}" for n in range(9)] + ["http://x.org/a;http://x.org/b", "http://x.org/c;d=1"], "|"),
        ([f"Tool {n}" for n in range(400)] + ["Tool; small", "Tool; fast"], "|"),
        (["Red, a colour of wine", "Red", "White, another"], "|"),
        (["Shoes > Running > Road", "Shoes > Running", "Shoes", "Home > Light", "Home > Kitchen > Cups"], ">"),
        (["Shoes &gt; Road", "Shoes &gt; Trail", "Home &gt; Light", "Home &gt; Cups"], ">"),
        (["Shoes » Road", "Shoes » Trail", "Home » Light", "Home » Cups"], "»"),
        (["a > b", "c > d", "e > f", "g > h"], "|"),
        (["<p>One</p>", "<p>Two</p>", "<p>Three</p>", "<p>Four</p>"], "|"),
    ],
)
def test_values_in_a_cell_are_told_apart(cells: list[str], separator: str):
    """Commas are between values that stand alone in other cells, semicolons between few words, `>` in a category."""
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


def test_nested_categories_are_no_type():
    """A type is one value: of "Shoes > Road" each part is a value of an attribute, so that filters take all shoes."""
    things = [{"id": f"t{n}", "name": f"Thing {n}", "type": f"Shoes > {('Road', 'Trail')[n % 2]}"} for n in range(9)]
    found = propose(things, textual=True).mapping.columns
    assert ("type" in found, found["attributes.type"].separator) == (False, ">")


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


def test_an_id_that_hardly_ever_repeats_stays_it():
    """One slip in a thousand makes no other id, and is told; where two in a hundred repeat it is none."""
    rows = [{"id": f"t{n}", "title": f"Thing {n}"} for n in range(2_000)]
    found = propose([*rows, rows[7]], textual=True)
    assert found.mapping.columns["object_id"].column == ("id",)
    assert found.unsure == ("several records have the id 't7': the last of them is kept",)
    assert propose([*rows[:98], *rows[:2]], textual=True).mapping.columns["object_id"].column != ("id",)


def test_a_code_is_the_id_before_a_name():
    """`hexcode` ends as ids do: what is called otherwise in another language keeps its id."""
    things = [{"label": f"Heart {chr(97 + n)}", "hexcode": f"1F{n:03}"} for n in range(20)]
    assert as_option(propose(things, textual=False).mapping) == "id=hexcode,name=label"


def test_what_is_printed_makes_the_attributes_that_are_shown():
    """An attribute that is called as a field is written out, else a load would take its column for the field."""
    things = [{"hexcode": f"1F{n:03}", "label": f"Heart {chr(97 + n)}", "version": n / 10} for n in range(20)]
    option = as_option(propose(things, textual=False).mapping)
    assert option == "id=hexcode,name=label,attributes.version=version"
    assert read_mapping(option).columns["attributes.version"].column == ("version",)


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


def test_an_object_with_a_name_is_another_thing():
    """What it is also called, tells or counts is not what the record does; neither is one of several dates."""
    things = [
        {
            "id": f"thing {number}",
            "name": ("Lamp", "Chair", "Table")[number],
            "made": {"name": "House 15", "aliases": ["15.0", "15.1"], "description": "A house of much glass"},
            "changes": [{"date": "2020-01-01"}, {"date": f"2021-01-0{number + 1}"}],
        }
        for number in range(3)
    ]
    found = propose(things, textual=False).mapping.columns
    assert {field for field in ("name", "aliases", "description", "created_s") if field in found} == {"name"}
    assert found["changes.date"].column == ("changes.date",)


def test_a_list_needs_no_separator():
    """Its values are apart: what one has between its words is its own."""
    rows = [{"id": f"b{n}", "name": f"bot {n}", "agents": [f"A/{n}; of B", f"C/{n}; of D"]} for n in range(20)]
    assert propose(rows, textual=False).mapping.columns["agents"].separator is None
    texts = [{**row, "agents": "; ".join(row["agents"])} for row in rows]
    assert propose(texts, textual=False).mapping.columns["agents"].separator == ";"
