"""docs/events.md, docs/entities.md and docs/schemas/ say what the code does."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import JsonValue

from ltrr.models.errors import InvalidEvent
from ltrr.streams.events.codec import (
    MAX_BYTES,
    MAX_EVENTS,
    parse_actions,
    parse_entity,
    parse_feedback,
    parse_impressions,
    split_batch,
)
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.schemas import FOLDER, schemas

PARSERS: dict[str, Callable[[bytes | JsonValue], object]] = {
    "action": parse_actions,
    "impression": parse_impressions,
    "entity": parse_entity,
    "feedback": parse_feedback,
}
DOCS = Path(__file__).parents[3] / "docs"
DOCUMENT = (DOCS / "events.md").read_text() + (DOCS / "entities.md").read_text()
MARKED = re.findall(r"<!-- (\w+) -->\n```json\n(.*?)```", DOCUMENT, re.DOTALL)
EXAMPLES = [(kind, text) for kind, text in MARKED if kind != "mapping"]  # which tests/serving/reading reads


def validator(kind: str) -> Draft202012Validator:
    """Return the published schema of a kind of event."""
    return Draft202012Validator(json.loads((FOLDER / f"{kind}.json").read_text()))


def test_schemas_are_fresh():
    """The files are what the code generates; else run `python -m ltrr.streams.events.schemas`."""
    assert {path.name: path.read_text() for path in FOLDER.iterdir()} == schemas()


def test_every_kind_has_an_example():
    """Each event has at least one example, and no JSON stands in the document without being tested."""
    assert {kind for kind, _ in EXAMPLES} == set(PARSERS)
    assert len(MARKED) == DOCUMENT.count("```json")


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_examples_are_read(kind: str, text: str):
    """Each example is read without refusal and fits its published schema."""
    read = split_batch(text.encode(), PARSERS[kind])
    assert read
    assert [event for _, event in read if isinstance(event, InvalidEvent)] == []
    parsed = json.loads(text)
    for event in parsed if isinstance(parsed, list) else [parsed]:
        validator(kind).validate(event)


def test_reasons_are_those_of_the_code():
    """The table lists each reason once, and none that is gone."""
    table = DOCUMENT.partition("## Why an event is refused")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(Reason)


def test_limits_are_those_of_the_code():
    """The document names the limits that are enforced."""
    assert f"({MAX_BYTES:,} bytes)" in DOCUMENT
    assert f"at most {MAX_EVENTS:,} events" in DOCUMENT


@pytest.mark.parametrize(
    "event",
    [
        {"action_name": "click", "timestamp": "2026-01-31T12:00:00Z"},
        {"action_name": "click", "timestamp": 1769860800, "user_id": None, "query_id": 7, "extra": [1]},
        {"action_name": "view", "timestamp": "2026-01-31", "event_attributes": {"position": {}, "object": {"a": 1}}},
    ],
)
def test_the_schema_accepts_valid_ubi(event: dict[str, Any]):
    """What UBI allows fits our schema, joinable or not."""
    validator("action").validate(event)
