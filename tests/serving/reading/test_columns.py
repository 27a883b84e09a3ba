"""Columns of files as fields and attributes: what a mapping says of them, and what is found out."""

import json
from io import BytesIO
from pathlib import Path

import pytest

from ltrr.models.records.entity import Entity
from ltrr.serving.reading.changes import changes_of
from ltrr.serving.reading.mapping import Mapping, read_mapping
from ltrr.serving.reading.proposals.table import taken_line
from tests.serving.reading.files import lines, read


def test_a_mapping_gives_foreign_columns_their_place():
    """Fields and attributes come from where it says; the rest become attributes of their names."""
    table = 'sku,title,category,sales,price\nX1,Lamp,light|home,12,"1,299.00"\n7,Chair,home,,n/a\n'
    assert [change for _, change in read(table.encode(), "id=sku,name=title,genre=category,popularity=sales")] == [
        Entity(
            "X1",
            "item",
            "Lamp",
            attributes={"genre": {"light": 1.0, "home": 1.0}},
            numbers={"price": (1299.0,)},
            popularity=12.0,
        ),
        Entity("7", "item", "Chair", attributes={"genre": {"home": 1.0}}),
    ]


def test_a_mapping_reads_json_too():
    """Fields of objects within objects are `outer.inner`; what stands in JSON is taken as it is."""
    given = {"sku": 12, "title": {"en": "Lamp"}, "tags": ["a|b"], "price": {"amount": 3.5}, "v": [{"s": 1}, {"s": 2}]}
    [(_, change)] = read(lines(given), "id=sku,name=title.en")
    assert change == Entity(
        "12", "item", "Lamp", attributes={"tags": {"a|b": 1.0}}, numbers={"price.amount": (3.5,), "v.s": (1.0, 2.0)}
    )


def test_lists_within_objects_of_a_list_are_one_list():
    """What each level of a thing has in several texts is what the thing has."""
    given = {
        "id": "k",
        "name": "knife",
        "levels": [{"stats": ["+1 cut", "+2 saw"]}, {"stats": "+3 cut"}, {"stats": []}],
    }
    [(_, change)] = read(lines(given), "id=id,name=name")
    assert change.attributes == {"levels.stats": {"+1 cut": 1.0, "+2 saw": 1.0, "+3 cut": 1.0}}


def test_each_part_of_a_nested_category_is_a_value():
    """So that a filter by the parent takes all within it."""
    table = b"sku,title,category\n1,Runner,Shoes > Running > Road\n2,Boot,Shoes\n"
    mapping = Mapping.model_validate(
        {"columns": {"object_id": "sku", "name": "title", "category": {"column": "category", "separator": ">"}}}
    )
    found = [change.attributes["category"] for _, change in read(table, mapping)]  # type: ignore[attr-defined]
    assert found == [{"Shoes": 1.0, "Running": 1.0, "Road": 1.0}, {"Shoes": 1.0}]


def test_lists_within_lists_are_texts():
    """What a record lists in pairs loses nobody the record: each pair is a text."""
    given = {"id": "k", "name": "knife", "qualities": [["CUT", 1], ["SAW", 2.5]], "parts": [[["steel", 2]], "wood"]}
    [(_, change)] = read(lines(given), "id=id,name=name")
    assert change.attributes == {
        "qualities": {"CUT 1": 1.0, "SAW 2.5": 1.0},
        "parts": {"steel 2": 1.0, "wood": 1.0},
    }


def test_a_mapping_says_what_cells_are(tmp_path: Path):
    """A file says kinds, separators, decimals, what is left out, and the type of all."""
    path = tmp_path / "shop.map.json"
    columns = {
        "id": ["maker", "number"],
        "name": "title",
        "genre": {"column": "category", "separator": ","},
        "code": {"column": "ean", "kind": "text"},
        "price": {"column": "price", "kind": "number", "decimal": ","},
        "created": "since",
    }
    path.write_text(json.dumps({"columns": columns, "leave_out": ["notes"], "type": "product"}))
    table = "maker;number;title;category;ean;price;since;notes\nA;1;Lamp;light, home;40063;1.299,50 €;2019;secret\n"
    [(_, change)] = read(table.encode(), str(path))
    assert change == Entity(
        "A/1",
        "product",
        "Lamp",
        attributes={
            "genre": {"light": 1.0, "home": 1.0},
            "code": {"40063": 1.0},
            "maker": {"A": 1.0},
            "number": {"1": 1.0},
        },
        numbers={"price": (1299.5,)},
        created_s=1546300800.0,
    )


def test_what_a_column_is_is_found_out_or_said():
    """A cell that is no number is text where the kind was found out, and refused where it was said."""
    table = "object_id,type,name,size\n" + "a,shoe,A,38\n" * 3
    said = Mapping.model_validate({"columns": {"size": {"column": "size", "kind": "number"}}})
    odd = "c,shoe,C,one size\n"
    many = (table + "b,shoe,B,38\n" * 10_000 + odd).encode()
    assert read(many)[-1][1].attributes == {"size": {"one size": 1.0}}  # type: ignore[attr-defined]
    assert "size: 'one size' is no number" in read((table + odd).encode(), said)[-1][1][1]  # type: ignore[index]


def test_dates_are_read_in_the_order_of_their_country():
    """It is found out of each column, or said; where nothing tells, a field is refused with what to say."""
    table = (
        "sku;name;added;seen;sent\n1;Lamp;31.10.2022;10/31/2022;01/02/2022\n2;Cup;01.02.2022;01/02/2022;03/04/2022\n"
    )
    mapping = Mapping.model_validate({"columns": {"object_id": "sku", "name": "name", "created_s": "added"}})
    _, second = (change for _, change in read(table.encode(), mapping))
    assert isinstance(second, Entity)
    assert (second.created_s, second.dates["seen"]) == (1643673600.0, (1641081600.0,))
    assert second.attributes["sent"] == {"03/04/2022": 1.0}
    sent = {"column": "sent", "kind": "date", "date": "dmy"}
    said = Mapping.model_validate({"columns": {"object_id": "sku", "name": "name", "sent": sent}})
    _, (_, second) = read(table.encode(), said)
    assert isinstance(second, Entity)
    assert second.dates["sent"] == (1648944000.0,)
    refused = [change for _, change in read(table.encode(), "id=sku,name=name,created=sent")]
    assert all('"dmy" or "mdy" in a map file says which' in change[1] for change in refused)  # type: ignore[index]
    with changes_of(BytesIO(table.encode()), mapping) as changes:
        assert changes.columns is not None
        assert "seen (date), sent (text, since '01/02/2022' may begin with the day or with the month)" in taken_line(
            changes.columns
        )


def test_texts_of_json_are_numbers_where_all_are():
    """As in a table; a code stays a text, and what no number is keeps all texts what they are."""
    things = [
        {
            "id": f"a{n}",
            "name": "A",
            "price": f"{n},50 EUR",
            "sku": f"{n}",
            "size": ["38", "39"],
            "mixed": f"{n}" if n % 2 else n,
        }
        for n in range(1, 60)
    ]
    *_, (_, last) = read(lines(*things, {**things[0], "price": "sold out"}), "id=id,name=name")
    assert isinstance(last, Entity)
    assert last.attributes["price"] == {"sold out": 1.0}
    *_, (_, last) = read(lines(*things), "id=id,name=name")
    assert isinstance(last, Entity)
    assert last.numbers == {"price": (59.5,), "size": (38.0, 39.0), "mixed": (59.0,)}
    assert last.attributes == {"sku": {"59": 1.0}}
    with changes_of(BytesIO(lines(*things)), read_mapping("id=id,name=name")) as changes:
        assert changes.columns is not None
        assert taken_line(changes.columns) == (
            "id = id, name = name; attributes: price (number), sku, size (number), mixed (number)"
        )


def test_numbers_that_entities_write_as_texts_are_told():
    """Entities as they are keep what is sent; a load says which fields are in no range for it."""
    things = [
        {"object_id": f"s{n}", "name": "A", "price": "1.5", "attributes": {"plays": n or "none", "zip": "1"}}
        for n in range(9)
    ]
    with changes_of(BytesIO(lines(*things))) as changes:
        (said,) = changes.unsure
        assert said.endswith("no size to compare: price ('1.5'), plays ('none'); write them unquoted")
        assert isinstance(first := next(changes.numbered)[1], Entity)
        assert first.attributes["price"] == {"1.5": 1.0}


@pytest.mark.parametrize(
    ("field", "values", "fits"),
    [
        ("version", [1, 2, 3], True),
        ("version", [0.6, 1, 2], False),
        ("popularity", ["12", "7"], True),
        ("popularity", ["high", "low"], False),
        ("quality", [0.2, 90], False),
        ("created_s", ["31.10.2022"], True),
        ("created_s", ["long ago"], False),
    ],
)
def test_a_column_becomes_the_field_of_its_name_where_it_fits(field: str, values: list[object], *, fits: bool):
    """Else it is an attribute of that name, and costs no record."""
    rows = [{"nr": f"{n}", "title": "A", field: value} for n, value in enumerate(values)]
    for _, change in read(lines(*rows), "id=nr,name=title"):
        assert isinstance(change, Entity)
        assert (field in {*change.attributes, *change.numbers, *change.dates}) != fits


def test_columns_of_yes_and_no_become_flags():
    """In tables and in JSON alike; a cell that is neither is a text, and refused where flags are asked for."""
    table = b"sku,title,vegan,is_new\n1,Soup,Yes,0\n2,Stew,no,1\n"
    flags = [{"vegan": {"true": 1.0}, "is_new": {"false": 1.0}}, {"vegan": {"false": 1.0}, "is_new": {"true": 1.0}}]
    assert [change.attributes for _, change in read(table, "id=sku,name=title")] == flags  # type: ignore[attr-defined]
    records = [
        {"sku": "1", "title": "Soup", "vegan": True, "is_new": 0},
        {"sku": "2", "title": "Stew", "vegan": False, "is_new": 1},
    ]
    assert [change.attributes for _, change in read(lines(*records), "id=sku,name=title")] == flags  # type: ignore[attr-defined]
    odd = b"sku,title,vegan\n1,Soup,maybe\n"
    columns = {"object_id": "sku", "name": "title", "vegan": {"column": "vegan", "kind": "flag"}}
    [(_, refused)] = read(odd, Mapping.model_validate({"columns": columns}))
    assert "'maybe' is no flag" in str(refused)
