"""Rows that are one thing in several forms, of which the first alone says what all have."""

from io import BytesIO

import pytest

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.entity import Entity
from ltrr.serving.reading.changes import NeedsMapping, changes_of
from ltrr.serving.reading.groups import group_of
from ltrr.serving.reading.mapping import Mapping, as_option
from ltrr.serving.reading.records import Record

SHOP = b"""Handle,Title,Vendor,Variant SKU,Size,Sale,Image
lamp,Desk lamp,Acme,L1,,9,l1.jpg
cup,Tea cup,,C1,S,,c1.jpg
cup,,,C2,M,4,c2.jpg
cup,,,C3,L,,c3.jpg
shoe,Road shoe,Zeta,S1,40,,s1.jpg
shoe,,,S2,41,7,s2.jpg
shoe,,,,,,s3.jpg
"""
MAPPED = Mapping.model_validate({"columns": {"object_id": "Variant SKU", "name": "Title"}})


def entities(content: bytes, mapping: Mapping) -> dict[str, Entity | str]:
    """Return the entities of a table by their ids, or what was said of a line."""
    with changes_of(BytesIO(content), mapping) as changes:
        return {
            str(number) if isinstance(one, InvalidEvent) else one.object_id: str(one)
            if isinstance(one, InvalidEvent)
            else one  # type: ignore[misc]
            for number, one in changes.numbered
        }


def test_later_rows_have_what_the_first_alone_says():
    """What any later row says is each row's own; one without an id of its own is no entity."""
    found = entities(SHOP, MAPPED)
    assert list(found) == ["L1", "C1", "C2", "C3", "S1", "S2"]
    last, cup = found["S2"], found["C3"]
    assert isinstance(last, Entity)
    assert isinstance(cup, Entity)
    assert (last.name, last.attributes["Vendor"], last.numbers["Sale"]) == ("Road shoe", {"Zeta": 1.0}, (7.0,))
    assert (cup.name, "Vendor" in cup.attributes, "Sale" in cup.numbers) == ("Tea cup", False, False)


def test_what_was_found_out_is_told_and_may_be_denied():
    """A mapping that names the column needs no word; one that says there is none leaves rows as they are."""
    with changes_of(BytesIO(SHOP), MAPPED) as changes:
        assert changes.unsure[0].startswith("rows with the same Handle are taken for one thing")
        assert "Title, Vendor;" in changes.unsure[0]
    said = MAPPED.model_copy(update={"group": "Handle"})
    with changes_of(BytesIO(SHOP), said) as changes:
        assert changes.unsure == ()
    assert list(entities(SHOP, said)) == list(entities(SHOP, MAPPED))
    alone = entities(SHOP, MAPPED.model_copy(update={"group": ""}))
    assert list(alone) == ["L1", "C1", "4", "5", "S1", "7", "8"]


def test_a_proposal_is_of_what_rows_have_together():
    """The name is what the first rows say, the id what each row has of its own."""
    with pytest.raises(NeedsMapping) as needs, changes_of(BytesIO(SHOP)):
        pass
    assert needs.value.proposal.group == "Handle"
    assert as_option(needs.value.proposal) == "id=Variant SKU,name=Title"
    assert needs.value.unsure[-1].startswith("rows with the same Handle")


@pytest.mark.parametrize(
    "rows",
    [
        [{"genre": "rock", "name": f"A{n}", "sale": "1"} for n in range(6)],
        [{"genre": ("rock", "pop")[n // 3], "name": f"A{n}"} | ({"sale": "1"} if n == 0 else {}) for n in range(6)],
        [{"genre": ("rock", "pop")[n % 2], "name": f"A{n}"} | ({"note": "x"} if n < 2 else {}) for n in range(6)],
        [{"id": f"{n}", "name": f"A{n}", "note": "x"} for n in range(6)],
        [],
    ],
)
def test_rows_stand_for_themselves(rows: list[Record]):
    """Where equal cells stand together by chance, no column is filled by nearly all first rows and no other."""
    assert group_of(rows) is None
