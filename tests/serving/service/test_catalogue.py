"""The catalogue changes while searches go on."""

import json
from typing import Any

import pytest

from ltrr.models.records.entity import Entity
from tests.serving.shop import Shop

LAMP: dict[str, Any] = {"object_id": "lamp", "type": "lamp", "name": "Zanzibar", "price": 10, "version": 2}

CHAIR = Entity("chair", "chair", "Chair", numbers={"price": (5.0,)})


def put(shop: Shop, body: object) -> dict[str, Any]:
    """Put entities; return the answer."""
    response = shop.request("PUT", "/v1/entities", json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def price(shop: Shop) -> list[object]:
    """Return what the lamp costs, [] where it is not found."""
    items = shop.search("zanzibar", fields=["price"])["items"]
    return [item["attributes"]["price"] for item in items if item["object_id"] == "lamp"]


def test_what_is_put_is_found_and_what_is_deleted_is_not():
    """A change is searched as soon as it is answered; an older version is accepted and not taken."""
    with Shop(entities=[CHAIR]) as shop:
        assert put(shop, LAMP) == {"accepted": 1, "taken": 1, "rejected": []}
        assert price(shop) == [[10.0]]
        assert put(shop, [{**LAMP, "price": 5, "version": 1}])["taken"] == 0
        assert put(shop, [{**LAMP, "price": 7, "version": 3}, {**LAMP, "object_id": "other"}])["taken"] == 2
        assert price(shop) == [[7.0]]
        gone = shop.request("DELETE", "/v1/entities", json=["lamp", {"object_id": "other"}, "nothing"])
        assert gone.json() == {"accepted": 3, "taken": 2, "rejected": []}
        assert price(shop) == []
        put(shop, [LAMP, {"object_id": "lamp", "deleted": True}])
        assert price(shop) == []


def test_what_is_older_than_what_is_held_is_told():
    """A version that is smaller, or absent, changes nothing, and that is said; of what is deleted none is held."""
    bare = {name: value for name, value in LAMP.items() if name != "version"}
    with Shop(entities=[CHAIR]) as shop:
        put(shop, LAMP)
        answer = put(shop, [{"object_id": "x", "type": "lamp", "name": "X"}, {**bare, "price": 1}])
        told = "'lamp' has version 0, as what names none; what is held has 2: send that or a larger one"
        assert answer["outdated"] == [{"index": 1, "message": told}]
        assert (answer["accepted"], answer["taken"], price(shop)) == (2, 1, [[10.0]])
        answer = put(shop, [{**LAMP, "price": 9, "version": 5}, {**LAMP, "price": 8, "version": 4}])
        assert [one["index"] for one in answer["outdated"]] == [1]
        assert (answer["taken"], price(shop)) == (1, [[9.0]])
        answer = put(shop, [{"object_id": "lamp", "deleted": True}, {**bare, "price": 7}])
        assert (answer, price(shop)) == ({"accepted": 2, "taken": 2, "rejected": []}, [[7.0]])


def test_what_cannot_be_read_is_told_by_its_place():
    """The others of a list are taken; of several tenants one has to be named that is served."""
    with Shop(applications=("music", "books"), entities=[]) as shop:
        answer = put(
            shop,
            [
                {**LAMP, "application": "music"},
                {**LAMP, "application": "books"},
                {**LAMP, "application": "x"},
                {**LAMP, "application": "music", "name": []},
                7,
                LAMP,
            ],
        )
        assert (answer["accepted"], answer["taken"]) == (2, 2)
        assert [(one["index"], one["reason"]) for one in answer["rejected"]] == [
            (2, "unknown_application"),
            (3, "bad_field"),
            (4, "not_an_event"),
            (5, "unknown_application"),
        ]
        assert answer["rejected"][3]["message"].endswith("several are served: name one of music, books")
        assert answer["rejected"][1]["message"].endswith("; docs/entities.md says what to send")
        assert len(shop.search("zanzibar", application="music")["items"]) == 1
        assert len(shop.search("zanzibar", application="books")["items"]) == 1


@pytest.mark.parametrize("body", [b"{", json.dumps([LAMP] * 2_001).encode()], ids=["no_json", "too_many"])
def test_a_body_that_cannot_be_used_changes_nothing(body: bytes):
    """What is no JSON, or too long a list, is refused whole."""
    with Shop(entities=[CHAIR]) as shop:
        response = shop.request("PUT", "/v1/entities", content=body, headers={"content-type": "application/json"})
        assert response.status_code == 400
        assert price(shop) == []
