"""Which columns of a file are proposed as the name."""

import pytest

from ltrr.serving.reading.mapping import as_option
from ltrr.serving.reading.proposals.proposal import propose
from tests.serving.reading.files import table


def test_maker_and_model_are_the_name_where_nothing_is_called_so():
    """The maker stays an attribute, which the printed option keeps too."""
    things = [{"id": f"p{n}", "make": ("Oki", "Epson")[n % 2], "model": f"Laser {chr(97 + n)}"} for n in range(20)]
    found = propose(things, textual=False)
    assert (as_option(found.mapping), found.unsure) == ("id=id,name=make+model,make=make", ())
    titled = [one | {"title": f"{one['make']} {one['model']}"} for one in things]
    assert propose(titled, textual=False).mapping.columns["name"].column == ("title",)


def test_a_name_that_most_records_lack_is_told():
    """It is not said that nothing is called so."""
    things = [
        {"id": f"t{n}", "colour": f"Dark red {n % 3}"} | ({"title": f"Cup {n}"} if n < 3 else {}) for n in range(9)
    ]
    assert (
        propose(things, textual=True)
        .unsure[0]
        .startswith("title is called like a name, but most records have nothing in it; ")
    )


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


def test_the_only_text_is_the_name_though_it_is_called_otherwise():
    """Where all else is codes; a long one describes, and where another column is of words, this is the name."""
    rows = [f"A{n},B{n % 9},Fever of the {chr(97 + n)} kind" for n in range(20)]
    found = propose(table("code,group,description", *rows), textual=True)
    assert as_option(found.mapping) == "id=code,name=description"
    assert "description is a guess" in found.unsure[0]
    long = [f"A{n},B{n % 9},{f'Fever of the {chr(97 + n)} kind. ' * 9}" for n in range(20)]
    found = propose(table("code,group,description", *long), textual=True)
    assert found.mapping.columns["description"].column == ("description",)


def test_what_most_records_have_none_of_or_several_is_no_name():
    """Nor is a kind: an id says at least which it is."""
    things = [{"key": f"application/{chr(97 + n % 26)}{n}", "source": ("iana", "apache")[n % 2]} for n in range(60)]
    for thing in things[::3]:
        thing["extensions"] = [f"{thing['key'][-2:]}x", f"{thing['key'][-2:]}y", f"{thing['key'][-2:]}z"]  # type: ignore[assignment]
    found = propose(things, textual=False)
    assert found.mapping.columns["name"].column == ("key",)
    assert "key is a guess" in found.unsure[0]
