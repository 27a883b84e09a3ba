"""Events of a file in the order in which they happened."""

from ltrr.serving.publishing.in_order import InOrder, Line
from ltrr.streams.events.topics import Topic


def test_events_come_as_they_happened():
    """By time; pages before actions of the same time, and no action before the first page of its query."""
    rows = [
        (1, Topic.ACTIONS, "a", 3.0), (2, Topic.ACTIONS, "b", 9.0), (3, Topic.IMPRESSIONS, "b", 9.0),
        (4, Topic.IMPRESSIONS, "a", 4.0), (5, Topic.ACTIONS, "", 1.0), (6, Topic.IMPRESSIONS, "a", 8.0),
        (7, Topic.ACTIONS, "elsewhere", 0.5), (8, Topic.IMPRESSIONS, "c", 9.0),
    ]  # fmt: skip
    with InOrder() as lines:
        for number, topic, query_id, time_s in rows:
            lines.add(Line(number, topic, query_id, time_s, b"%d" % number))
        ordered = list(lines)
    assert [line.number for line in ordered] == [7, 5, 4, 1, 6, 3, 8, 2]
    assert {(line.number, line.topic, line.query_id, line.time_s) for line in ordered} == set(rows)
    assert all(line.raw == b"%d" % line.number for line in ordered)
