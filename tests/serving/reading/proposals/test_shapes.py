"""Columns by what is in them, whatever they are called."""

import hashlib
import io
import json

import pytest

from ltrr.serving.reading.changes import changes_of
from ltrr.serving.reading.mapping import as_option, read_mapping
from ltrr.serving.reading.proposals.proposal import Proposal, propose
from ltrr.serving.reading.proposals.shapes import form

WORDS = {
    "de": ("Eiche Nord Klara Hanna Fjord Luna", "Tisch Lampe Sessel Regal Stuhl", "in dem man ganze Abende lesen kann"),
    "fr": ("Grande Petite Belle Douce", "Lampe Chaise Table Armoire", "qui éclaire doucement la chambre la nuit"),
    "es": ("Clara Grande Nueva Bonita", "Mesa Silla Cama Puerta", "que se pliega en un momento y no pesa nada"),
    "ru": ("Белый Новый Старый Дубовый", "Стол Стул Шкаф Диван", "за которым удобно сидеть вчетвером по вечерам"),
    "ja": ("白い 古い 新しい 大きな", "机 椅子 灯り 棚", "国産の木材で作られていて四人が座れる大きさです。"),
}


def shop(language: str, rows: int, **more: list[str]) -> list[dict[str, str]]:
    """Return a catalogue whose columns are called nothing that is known. more: further columns."""
    first, second, told = WORDS[language]
    between = "" if language == "ja" else " "
    names = [f"{one}{between}{other}" for one in first.split() for other in second.split()]
    held = {"c1": names, "c2": [f"{name}, {told}" for name in names], **more}
    return [{column: cells[row % len(cells)] for column, cells in held.items()} for row in range(rows)]


def option(found: Proposal) -> str | None:
    """Return the fields of a proposal."""
    return as_option(found.mapping)


@pytest.mark.parametrize("textual", [True, False])
@pytest.mark.parametrize("language", WORDS)
def test_names_and_descriptions_of_any_language(language: str, *, textual: bool):
    """The column of few words that differ is the name, the one of prose the description, whatever they are called."""
    rows = shop(language, 16, c3=["rot", "blau"])
    assert option(propose(rows, textual=textual)) == "id=c1,name=c1,description=c2"


@pytest.mark.parametrize(
    "cells",
    [
        [f"https://shop.example/a/long/path/to/product/{n}?utm_source=letter" for n in range(20)],
        [hashlib.sha256(str(n).encode()).hexdigest() for n in range(20)],
        [json.dumps({"told": "many words that nobody but a machine will ever read", "n": n}) for n in range(20)],
        [f"Haus und Garten > Wohnen und Schlafen > Tische und Stühle aus Eiche {n}" for n in range(20)],
        [f"rot, blau, grün, holz, neu, alt, groß, klein, rund {n}" for n in range(20)],
        ["Der Versand dauert drei bis fünf Tage und kostet für alle Waren gleich viel."],
        [f"bild_{n}.jpg" for n in range(20)],
        [f"tisch-eiche-{n}" for n in range(20)],
        [f"ann{n}@shop.example" for n in range(20)],
        [f"{n:020}" for n in range(20)],
    ],
)
def test_what_is_no_text_of_people_is_neither(cells: list[str]):
    """Addresses, hashes, JSON, paths, lists, codes, and what is the same in all rows stay attributes."""
    found = propose(shop("de", 20, c3=cells), textual=True).mapping.columns
    assert {name: one.column for name, one in found.items() if name != "c3"} == {
        "object_id": ("c1",),
        "name": ("c1",),
        "description": ("c2",),
    }


def test_what_is_called_a_field_and_is_written_by_machines_is_an_attribute():
    """A `title` of addresses and a `description` of hashes are none; what looks like them is taken."""
    addresses = [f"https://shop.example/{n}" for n in range(20)]
    hashes = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(20)]
    found = propose(shop("de", 20, title=addresses, description=hashes), textual=True)
    assert option(found) == "id=c1,name=c1,description=c2"
    assert found.mapping.columns["attributes.description"].column == ("description",)


def test_html_is_the_text_in_it():
    """Tags do not hide prose."""
    assert form("<div class='x'><p>Ein Tisch aus Eiche, an dem vier Leute sitzen.</p></div>") == "prose"
    assert form("<img src='https://shop.example/a.jpg'>") == "machine"


def test_doubt_is_said():
    """Of two columns that look alike none describes, one is guessed to be the name, and what is in doubt is said."""
    told = [f"Mit einem feuchten Tuch abwischen und gut trocknen {n}." for n in range(20)]
    found = propose(shop("de", 20, c3=told), textual=True)
    assert option(found) == "id=c1,name=c1"
    assert found.unsure[0].startswith(
        "c3 and c2 may describe, and are searched as attributes are: --map description=COL"
    )
    people = [f"{one} {other}" for one in ("Ann", "Ben", "Cora") for other in ("May", "Moss", "Hill", "Reed")]
    found = propose(shop("de", 20, c3=people), textual=True)
    assert found.unsure[0].endswith("c1 is a guess, c3 may be it too: check which is the name")


@pytest.mark.parametrize(
    ("mapping", "unsure"),
    [("id=c1,name=c1", True), ("id=c1,name=c1,description=c2", False), ("id=c1,name=c1,about=c2", False)],
)
def test_a_mapping_wins_and_what_it_leaves_open_is_said(mapping: str, *, unsure: bool):
    """A column that looks like a description stays an attribute under a mapping without one, and it is told."""
    rows = "\n".join(json.dumps(row) for row in shop("de", 20))
    with changes_of(io.BytesIO(rows.encode()), read_mapping(mapping)) as changes:
        assert bool(changes.unsure) == unsure


@pytest.mark.parametrize("part", ["@", "a@a.", ".", "<p ", "0"])
def test_a_long_cell_is_looked_at_from_its_beginning(part: str) -> None:
    """A cell of 200,000 characters of anything has a form as soon as one of 2,000."""
    text = part * (200_000 // len(part))
    assert form(text) == form(text[:2_000])


def test_long_json_is_json() -> None:
    """What is JSON to its end is written by machines, however long it is."""
    assert form(json.dumps({"words": ["a few of them"] * 1_000})) == "machine"
