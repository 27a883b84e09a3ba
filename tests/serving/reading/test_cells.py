"""Cells as numbers, dates and texts."""

import pytest
from pydantic import JsonValue

from ltrr.serving.reading import cells


@pytest.mark.parametrize(
    ("cell", "decimal", "number"),
    [
        ("12", ".", 12.0),
        (" -2.634 ", ".", -2.634),
        ("1,299.00", ".", 1299.0),
        ("1.299,50", ",", 1299.5),
        ("12,50 €", ",", 12.5),
        ("$ 3.99", ".", 3.99),
        ("49 %", ".", 49.0),
        ("101.58 EUR", ".", 101.58),
        ("EUR 101.58", ".", 101.58),
        ("USD101.58", ".", 101.58),
        ("1.299,50 Euro", ",", 1299.5),
        ("R$ 12,50", ",", 12.5),
        ("99 kr.", ".", 99.0),
        ("1'299", ".", 1299.0),
        ("1e3", ".", 1000.0),
        ("n/a", ".", None),
        ("NULL", ".", None),
    ],
)
def test_numbers_as_people_write_them(cell: str, decimal: str, number: float | None):
    """Currencies, shares and thousands are read through; words for nothing are nothing."""
    assert cells.number(cell, decimal) == number


@pytest.mark.parametrize("cell", ["12,50", "1.2.3", "12 GB", "inf", "12 EURO5", "B 12", "EUR"])
def test_what_could_be_another_number_is_none(cell: str):
    """A comma before decimals is not taken for one between thousands, and units are not left out."""
    with pytest.raises(ValueError, match="is no number"):
        cells.number(cell)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("2019-06-14", 1560470400.0),
        ("2019-06-14T02:00:00+02:00", 1560470400.0),
        ("20190614", 1560470400.0),
        ("2019-06", 1559347200.0),
        ("1957", -410227200.0),
        ("1560470400", 1560470400.0),
        ("1560470400000", 1560470400.0),
        ("Jun 14 2019", 1560470400.0),
        ("June 14th, 2019", 1560470400.0),
        ("14-JUN-2019", 1560470400.0),
        ("14. June 2019", 1560470400.0),
        ("Sept 2019", 1567296000.0),
        ("2019/06/14", 1560470400.0),
        ("2019.6.14 2:00", 1560477600.0),
        ("-", None),
    ],
)
def test_dates_as_people_write_them(cell: str, seconds: float | None):
    """ISO 8601 down to a year alone, a named month, and seconds or milliseconds."""
    assert cells.date(cell) == seconds


@pytest.mark.parametrize(
    "cell", ["14.06.2019", "June", "2019-02-31", "9" * 30, "Jux 14 2019", "Feb 31 2019", "Ma 14 2019", "1 June 14 2019"]
)
def test_other_dates_are_refused(cell: str):
    """A day that may be a month is not guessed at."""
    with pytest.raises(ValueError, match=r"date|time"):
        cells.date(cell)


@pytest.mark.parametrize(
    ("cell", "order", "seconds"),
    [
        ("14.06.2019", "dmy", 1560470400.0),
        ("14.6.2019, 02:00", "dmy", 1560477600.0),
        ("6/14/2019", "mdy", 1560470400.0),
        ("06-14-2019 12:00:30 AM", "mdy", 1560470430.0),
        ("6/14/2019 2:00 pm", "mdy", 1560520800.0),
    ],
)
def test_dates_of_digits_in_the_order_of_the_country(cell: str, order: cells.Order, seconds: float):
    """The day or the month may be first, a time may stand behind; in the other order it is no date."""
    assert cells.date(cell, order) == seconds
    with pytest.raises(ValueError, match=r"date|month"):
        cells.date(cell, "mdy" if order == "dmy" else "dmy")
    with pytest.raises(ValueError, match=r'"date": "dmy" or "mdy" in a map file says which'):
        cells.date(cell)


@pytest.mark.parametrize(
    ("sample", "order", "undecided"),
    [
        (["01/02/2019", "14/02/2019", "soon"], "dmy", None),
        (["01/02/2019", "02/14/2019"], "mdy", None),
        (["01.02.2019"], "dmy", None),
        (["31.13.2019", "01.02.2019"], "dmy", None),
        (["01/02/2019", ""], None, "01/02/2019"),
        (["14/02/2019", "02/14/2019"], None, None),
        (["2019-02-14", "soon"], None, None),
    ],
)
def test_a_day_over_twelve_decides(sample: list[str], order: str | None, undecided: str | None):
    """One cell tells how all are meant; points stand behind days; where nothing tells, or cells disagree, none is."""
    assert cells.kind_of(["since"], sample).date == order
    assert cells.undecided_date(sample) == undecided


def test_weights_have_a_syntax_with_an_escape():
    """`^` and a number up to 1 is a weight; anything else behind it, or a backslash before it, is text."""
    assert cells.texts(r"a^0.8|b|Star Trek: Picard|10^6|c\^0.5|d\|e|f^2| |ratio:0.5", "|") == {
        "a": 0.8,
        "b": 1.0,
        "Star Trek: Picard": 1.0,
        "10^6": 1.0,
        "c^0.5": 1.0,
        "d|e": 1.0,
        "f^2": 1.0,
        "ratio:0.5": 1.0,
    }


def test_whole_numbers_keep_their_digits():
    """Ids of JSON may be longer than a float is exact."""
    assert cells.text(9007199254740993) == "9007199254740993"
    assert cells.text(1.5) == "1.5"


def test_a_lone_zero_has_no_thousands():
    """What begins "0," is less than one, however many digits there are; "1,211" may be more than a thousand."""
    assert cells.kind_of(["share"], ["0,211", "0,137"]) == ("number", ",", None)
    assert cells.number("0,211", ",") == 0.211
    assert cells.kind_of(["sold"], ["1,211", "12"]) == ("number", ".", None)


def test_the_cell_that_makes_a_column_text_is_told():
    """One in fifty that is something else may be a slip; more, and codes, are meant."""
    days, numbers = [f"2019-06-{day:02}" for day in range(1, 31)] * 2, list(map(str, range(100)))
    assert cells.odd_one(["since"], [*days, "2019-02-31"]) == ("date", "2019-02-31")
    assert cells.odd_one(["since"], ["Jun 14 2019"] * 60 + ["Feb 30 2019"]) == ("date", "Feb 30 2019")
    assert cells.odd_one(["price"], ["unknown", "", *numbers]) == ("number", "unknown")
    assert cells.odd_one(["price"], ["unknown", "unknown", "unknown", *numbers]) is None
    assert cells.odd_one(["code"], ["A1", *numbers]) is None
    assert cells.odd_one(["name"], ["a", "b"]) is None
    assert cells.odd_one(["price"], numbers) is None
    values: list[JsonValue] = list(range(100))
    assert cells.odd_text([*values, "many"]) == ("number", "many")
    assert cells.odd_text([*values, *["many"] * 100]) is None
    assert cells.odd_text(values) is None
    assert cells.odd_text(["many"]) is None


@pytest.mark.parametrize(
    ("column", "sample", "kind"),
    [
        ("price", ["1.5", "2", ""], ("number", ".", None)),
        ("price", ["1,5", "1.299,00"], ("number", ",", None)),
        ("since", ["2019-06-14", "2019"], ("date", ".", None)),
        ("since", ["Jun 14 2019", "May 1 2020", ""], ("date", ".", None)),
        ("since", ["Jun 14 2019", "soon"], ("text", ".", None)),
        ("year", ["2019", "2020"], ("number", ".", None)),
        ("since", ["31.10.2022", "n/a"], ("date", ".", "dmy")),
        ("since", ["2022/10/31"], ("date", ".", None)),
        ("since", ["01/02/2022"], ("text", ".", None)),
        ("price", ["101,58 EUR", "EUR 5"], ("number", ",", None)),
        ("ean", ["4006381333931"], ("text", ".", None)),
        ("plan", ["0042", "17"], ("text", ".", None)),
        ("size", ["38", "one size"], ("text", ".", None)),
        ("size", ["", "n/a"], ("text", ".", None)),
    ],
)
def test_kinds_are_found_out(column: str, sample: list[str], kind: tuple[str, str, str | None]):
    """Codes are text, though all digits; a year alone is a number."""
    assert cells.kind_of([column], sample) == kind


@pytest.mark.parametrize(
    ("column", "sample", "kind"),
    [
        ("vegan", ["Yes", "no", "YES", ""], "flag"),
        ("vegan", ["x", "", "x"], "flag"),
        ("Bio", ["ja", "nein"], "flag"),
        ("is_new", ["1", "0", "1"], "flag"),
        ("hasWifi", ["0", "1"], "flag"),
        ("doors", ["1", "0", "1"], "number"),
        ("language", ["ja", "ja"], "text"),
        ("language", ["no", "da"], "text"),
        ("answer", ["yes", "no", "perhaps"], "text"),
        ("answer", ["no", "no"], "text"),
    ],
)
def test_a_column_of_yes_and_no_is_of_flags(column: str, sample: list[str], kind: str):
    """Both words are there, or one that means nothing else; 1 and 0 where the column asks for it."""
    assert cells.kind_of([column], sample).kind == kind


@pytest.mark.parametrize(("cell", "so"), [("Yes", True), ("N", False), ("1", True), ("0", False), ("n/a", None)])
def test_flags_as_people_write_them(cell: str, so: object):
    """Words for nothing are nothing."""
    assert cells.flag(cell) is so


def test_what_is_neither_yes_nor_no_is_no_flag():
    """It is told with what one is."""
    with pytest.raises(ValueError, match="'maybe' is no flag, such as true or false"):
        cells.flag("maybe")
