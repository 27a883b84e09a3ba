"""Mappings that cannot be read: what is said of them."""

from pathlib import Path

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.serving.reading.mapping import read_mapping, write_mapping


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


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"id": "sku"}', 'id is none of columns, .* stand within: {"columns": {"id": "COLUMN"}}'),
        ('{"columns": {"notes": null}}', "columns.notes: null is no column: name .* in leave_out"),
        ('{"columns": {"id": 5}}', "columns.id: give a column's name, a list of them, or an object with `column`"),
        ('{"columns": {"id": {"kind": "text"}}}', "columns.id: give a column's name"),
        ('{"columns": {"id": {"column": "a", "format": "x"}}}', "columns.id.format is none of column, kind, "),
        ('{"columns": {"day": {"column": "a", "date": "ymd"}}}', "columns.day.date: Input should be 'dmy' or 'mdy'"),
        ("[]", "a mapping is an object"),
        ("{", "is no JSON"),
    ],
)
def test_a_file_of_a_mapping_that_cannot_be_read(content: str, message: str, tmp_path: Path):
    """What is wrong is said in the words of the file, with what to write."""
    path = tmp_path / "map.json"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=message):
        read_mapping(str(path))


def test_the_file_of_the_documentation_is_a_mapping(tmp_path: Path):
    """What docs/entities.md shows is read, and written again it is the same."""
    page = (Path(__file__).parents[3] / "docs" / "entities.md").read_text()
    path = tmp_path / "map.json"
    path.write_text(page.partition("<!-- mapping -->\n```json\n")[2].partition("```")[0])
    mapping = read_mapping(str(path))
    assert (mapping.columns["created_s"].date, mapping.leave_out) == ("dmy", ("internal_notes",))
    path.write_text(write_mapping(mapping))
    assert read_mapping(str(path)) == mapping
