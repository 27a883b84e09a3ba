"""Attributes that tell whom to reach."""

import pytest

from ltrr.models.records.contacts import is_contact


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("author_email", ["ann@shop.example", "Ben Moss <ben@moss.example>", ""]),
        ("maintainer", ["Ann May <ann@debian.example>", "Ben <ben@debian.example>, Cora <c@debian.example>"]),
        ("maintainer", ["kilobyte", "ann-may", "ben_moss"]),
        ("authorLogin", ["ann77", "ben"]),
        ("user_name", ["ann77", "ben"]),
        ("hotline", ["+49 30 1234567", "030/1234567", "(030) 123 45 67"]),
    ],
)
def test_contacts_are_told_by_what_they_are(attribute: str, values: list[str]):
    """Addresses of mail and telephone numbers by their form, accounts by the name of the attribute, too."""
    assert is_contact(attribute, values)


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("maintainer", ["Debian Perl Group", "Gilles Filippini"]),
        ("author", ["Ann May", "Homer"]),
        ("section", ["misc", "perl"]),
        ("isbn", ["978-3-16-148410-0"]),
        ("handle", ["@ltrr"]),
        ("size", ["100-200", "0.5", "1 234 567"]),
        ("email", []),
    ],
)
def test_what_people_look_for_is_none(attribute: str, values: list[str]):
    """Names of people and groups, categories, codes and numbers narrow down, or may."""
    assert not is_contact(attribute, values)


@pytest.mark.parametrize("part", ["@", "a", "a@", "a@a.", "0 ", "."])
def test_a_long_value_is_read_once(part: str) -> None:
    """200,000 characters of anything are read in one pass."""
    assert isinstance(is_contact("maintainer", [part * (200_000 // len(part)) + "!"]), bool)
