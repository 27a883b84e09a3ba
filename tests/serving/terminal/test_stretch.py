"""Files of offsets that a replay is given."""

import json
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.serving.terminal.stretch import offsets_in

GOOD = {"ltrr.impressions": {"0": 5, "1": 0}, "ltrr.actions": {"0": 7, "1": 2}}


def test_a_file_of_offsets_is_read(tmp_path: Path):
    """Each partition has an offset of each topic."""
    file = tmp_path / "offsets.json"
    file.write_text(json.dumps(GOOD))
    assert offsets_in(file, 2) == [{"impressions": 5, "actions": 7}, {"impressions": 0, "actions": 2}]


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        "{}",
        json.dumps(GOOD | {"ltrr.actions": {"0": 7}}),
        json.dumps(GOOD | {"ltrr.actions": {"0": -1, "1": 2}}),
        json.dumps(GOOD | {"ltrr.actions": {"0": "many", "1": 2}}),
        json.dumps(GOOD | {"ltrr.actions": 3}),
    ],
)
def test_a_file_that_lacks_something_is_refused(tmp_path: Path, content: str):
    """What is missing, negative or no number is refused, with an example."""
    file = tmp_path / "offsets.json"
    file.write_text(content)
    with pytest.raises(InvalidInput, match="has no offset of each of 2 partitions; write it like"):
        offsets_in(file, 2)
