"""What `ltrr topics describe` says of how long messages are kept."""

import pytest

from ltrr.serving.commands.topics import _kept
from ltrr.streams.events.topics import Topic


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"cleanup.policy": "delete", "retention.ms": "2592000000"}, "30 days"),
        ({"cleanup.policy": "delete", "retention.ms": "43200000"}, "0.5 days"),
        ({"cleanup.policy": "delete", "retention.ms": "-1"}, "for ever"),
        ({"cleanup.policy": "compact"}, "compacted"),
        ({"cleanup.policy": "compact,delete", "retention.ms": "86400000"}, "compacted, 1 days"),
        ({}, ""),
    ],
)
def test_how_long_messages_are_kept_is_said(settings: dict[str, str], said: str):
    """In days, as it is set, so that a wrong one is seen."""
    assert _kept(settings) == said


def test_each_topic_as_it_is_made_says_something():
    """All have a policy, and those whose messages go have a time."""
    for topic in Topic:
        wanted = {name: setting.value for name, setting in topic.kind.settings.items()}
        assert _kept(wanted).endswith("compacted" if topic.kind.compacted else "days")
