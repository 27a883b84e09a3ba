"""Objects within records whose keys are no fields: codes of what is in them."""

import json

import pytest

from ltrr.serving.reading.objects import Objects, flat, objects_of
from tests.serving.reading.files import read

CODES = [f"{first}{second}x" for first in "abcde" for second in "abcd"]


def _records(keys: list[str], value: object = "V") -> list[dict]:
    return [{"id": str(n), "name": f"Name {n}", "spoken": {key: value}} for n, key in enumerate(keys)]


def test_an_object_of_codes_is_called_as_it_is():
    """What is in it has its name, and so have the fields of objects in it."""
    assert objects_of(_records(CODES)).keyed == {"spoken"}
    keyed = Objects(keyed=frozenset(("spoken",)))
    assert flat({"spoken": {"deu": "German", "fra": "French"}}, keyed) == {"spoken": ["German", "French"]}
    money = {"spoken": {"EUR": {"name": "Euro", "sign": "€"}, "CHF": {"name": "Franc"}}}
    assert flat(money, keyed) == {"spoken.name": ["Euro", "Franc"], "spoken.sign": "€"}


@pytest.mark.parametrize(
    "keys",
    [
        CODES[:8],  # few
        ["ram", "processor", *CODES],  # words of any length
        ["eng"] * 20 + CODES,  # one that is usual has what the name is in that language
        ["Weight", "Height", *CODES],
    ],
)
def test_other_objects_have_fields(keys: list[str]):
    """As each has one of its own."""
    assert objects_of(_records(keys)) == Objects()


def test_a_mapping_names_what_is_in_objects_of_codes():
    """As a proposal does, by the names without codes."""
    content = json.dumps(_records(CODES, {"name": "V", "sign": "$"})).encode()
    (_, first), *_ = read(content, "id=id,name=name,money=spoken.name")
    assert first.attributes == {"money": {"V": 1.0}, "spoken.sign": {"$": 1.0}}  # type: ignore[attr-defined]


def test_a_column_within_that_is_mapped_is_one():
    """So it is somebody's wish."""
    content = json.dumps(_records(CODES)).encode()
    (_, first), *_ = read(content, "id=id,name=name")
    assert first.attributes == {"spoken": {"V": 1.0}}  # type: ignore[attr-defined]
    (_, first), *_ = read(content, f"id=id,name=name,first=spoken.{CODES[0]}")
    assert first.attributes == {"first": {"V": 1.0}}  # type: ignore[attr-defined]
