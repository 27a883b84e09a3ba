"""Tables: whether their first row is a header."""

from io import BufferedReader, BytesIO

import pytest

from ltrr.serving.reading.tables import read


def _read(text: str) -> tuple[tuple[str, ...], int]:
    """Return the columns of a table, and how many records it has."""
    records = read(BufferedReader(BytesIO(text.encode())))
    return records.columns, len(list(records.rows))


@pytest.mark.parametrize(
    "rows",
    [
        "AD,Andorra,http://a.example/\nAE,Emirates,http://b.example/\nAE,Dubai,http://c.example/\n",
        "1\tWellington\tNew Zealand\t-41.3\n2\tAuckland\tNew Zealand\t174.7\n3\tParis\tFrance\t2.3\n",
        "Toyota,Corolla,red\nToyota,Yaris,blue\nFord,Focus,red\n",
    ],
)
def test_a_first_row_that_is_a_record_is_no_header(rows: str):
    """It has an address, or texts of its columns beside others or numbers; it is read as a record."""
    columns, count = _read(rows)
    assert columns == tuple(f"column_{place}" for place in range(1, len(columns) + 1))
    assert count == rows.count("\n")


@pytest.mark.parametrize(
    "rows",
    [
        "country,2019,2020,2021\nFrance,1,2,3\nItaly,4,5,6\n",  # years
        "name,vegan,nuts\nSoup,vegan,\nCake,,nuts\n",  # flags that say their name
        "id,name\n1,A\nid,name\n2,B\n",  # two tables, one behind the other
        "name,kind\nApple,name\nPear,fruit\n",
        "name\nname,other\n",
        "name,price\n",
    ],
)
def test_what_may_be_a_header_is_one(rows: str):
    """Whatever else its columns have."""
    assert _read(rows)[0] == tuple(rows.split("\n", maxsplit=1)[0].split(","))


def test_columns_without_a_header_are_read_whatever_the_rows_behind():
    """Those of another width are refused as ever."""
    columns, count = _read("Ford,Ka,1\nFord,Fiesta,2\nSeat,Leon,3\nSeat,Ibiza\n")
    assert (columns, count) == (("column_1", "column_2", "column_3"), 4)
