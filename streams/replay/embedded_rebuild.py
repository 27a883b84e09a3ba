"""Learn a stretch of the embedded log again, in memory."""

import hashlib
from collections.abc import Callable, Mapping

from ltrr.models.errors import InvalidInput
from ltrr.models.learning.fold import Fold
from ltrr.models.records.visitors import Visitors
from ltrr.models.state.learning import Learning
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.events.messages import Origin, read_message
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.replay.rebuild import Advance, Rebuilt, add_digest

Offsets = Mapping[str, int]
"""Topic, as a fold names it -> offset."""


def learn_again(
    log: EmbeddedLog,
    learning: Learning,
    start: Offsets,
    end: Offsets,
    told: Callable[[Advance], None],
    seals: Seals | None = None,
    visitors: Visitors | None = None,
) -> Rebuilt:
    """Replay what lies from `start` on and before `end` through the fold of the embedded learner.

    told: called with each message. seals: of pages that teach, see read_message. Raises InvalidInput
    where the log does not keep all of it, StorageFailed.
    """
    fold, rebuilt = Fold(learning, tells=False), Rebuilt()
    for topic in EVENT_TOPICS:
        first, last = log.begin_offset(topic, 0), log.end_offset(topic, 0)
        if not first <= start[topic.short] <= end[topic.short] <= last:
            raise InvalidInput(
                f"{start[topic.short]} to {end[topic.short]} is no stretch of {topic}, of which the log keeps "
                f"{first} to {last}: give other times or offsets to --from and --to"
            )
    fold.begin_at(start)
    total = sum(end.values()) - sum(start.values())
    for record in log.read_merged(EVENT_TOPICS, 0, {topic: start[topic.short] for topic in EVENT_TOPICS}):
        origin = Origin(Topic(record.topic), record.partition, record.offset, record.timestamp_s)
        if record.offset >= end[origin.topic.short]:
            continue
        events, letters = read_message(origin, record.value, 1, learning.ordinal_base, seals, visitors)
        if origin.topic is Topic.IMPRESSIONS:
            fold.absorb_impressions(record.offset, record.timestamp_s, events)  # type: ignore[arg-type]  # as the topic says
        else:
            fold.absorb_actions(record.offset, record.timestamp_s, events)  # type: ignore[arg-type]  # as the topic says
        rebuilt.messages += 1
        rebuilt.events += len(events) + len(letters)
        rebuilt.dead_letters.update(letter.reason for letter in letters)
        told(Advance(0, rebuilt.messages, total, rebuilt.events))
    digest = hashlib.sha256()
    add_digest(digest, 0, fold)
    rebuilt.digest, rebuilt.revision, rebuilt.counts = digest.hexdigest(), fold.state.revision, fold.state.counts
    rebuilt.waiting = fold.join.undecided
    return rebuilt
