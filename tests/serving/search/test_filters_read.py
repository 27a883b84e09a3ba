"""What is said of a filter that cannot be read."""

import pytest
from pydantic import ValidationError

from ltrr.serving.search.messages import SearchRequest


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ({"min": 10}, {"filters.price.range.min": "Extra inputs are not permitted"}),
        ({}, {"filters.price.range": "Value error, a range needs a bound: gte, gt, lte or lt"}),
        (
            {"gte": 1, "gt": 2},
            {"filters.price.range": "Value error, a range has one bound on a side: gte or gt, and lte or lt"},
        ),
    ],
)
def test_what_is_said_is_of_the_form_that_was_sent(accepted: object, said: dict[str, str]):
    """Of a range nothing is said that lists or values would have to be."""
    with pytest.raises(ValidationError) as refused:
        SearchRequest.model_validate({"query": "love", "filters": {"price": accepted}})
    assert {".".join(map(str, one["loc"])): one["msg"] for one in refused.value.errors()} == said
