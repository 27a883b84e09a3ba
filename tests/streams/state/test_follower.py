"""What is said of a version whose records were learned under other settings."""

from dataclasses import replace

import pytest
from aiokafka import ConsumerRecord

from ltrr.models.learning.fold import Fold
from ltrr.models.state.learning import Learning
from ltrr.models.state.records import RecordKey
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state.follower import Follower
from ltrr.streams.state.keys import StateKey
from tests.models.learning.test_fold import learned
from tests.models.logs import LEARNING, partition_log

NOWHERE = Brokers("127.0.0.1:9")
PROGRESS = RecordKey("progress")
OTHER = replace(LEARNING, rules=replace(LEARNING.rules, arms=LEARNING.rules.arms[:-1], baseline=()))


def record(key: RecordKey, value: bytes | None) -> ConsumerRecord:
    """Return a record of version v1 as it is read."""
    state = StateKey("v1", 0, key)
    return ConsumerRecord(state.topic, 0, 0, 0, 0, state.encode(), value, None, 0, 0, ())


def read(fold: Fold, learning: Learning) -> Follower:
    """Return a follower that has read all that a fold keeps, its progress last."""
    follower = Follower(NOWHERE, learning, "v1", 2)
    for key in sorted(fold.keys(), key=lambda key: key == PROGRESS):
        follower._take(record(key, fold.write(key)))
    return follower


def test_other_settings_are_told_once_and_name_what_was_set(caplog: pytest.LogCaptureFixture):
    """However many records do not fit; the record of progress tells of all settings, others what follows from them."""
    follower = read(learned(partition_log(0)), OTHER)
    assert "other settings (arms, which was" in str(follower.mismatch)
    told = [one.getMessage() for one in caplog.records]
    assert len(told) == len(set(told))
    assert f"version v1 is not read in full: {follower.mismatch}" in told


def test_what_is_deleted_fits_again():
    """A version that was removed and made again under these settings has nothing wrong any more."""
    fold = learned(partition_log(0))
    follower = read(fold, OTHER)
    for key in fold.keys():  # noqa: SIM118  # a method of records, not of a mapping
        follower._take(record(key, None))
    assert follower.mismatch is None
    assert read(fold, LEARNING).mismatch is None
