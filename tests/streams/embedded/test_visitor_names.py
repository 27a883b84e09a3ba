"""Logs and states that hold ids of visitors, as those from before or of foreign producers: read under names."""

from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.models.records.visitors import Visitors
from ltrr.streams.embedded.learner import EmbeddedLearner
from ltrr.streams.embedded.log import EmbeddedLog
from tests.models.logs import LEARNING, partition_log
from tests.streams.embedded.test_embedded_learner import LONG_AFTER_S, TOPICS, append
from tests.streams.states import assert_same

VISITORS = Visitors(b"the secret of this installation")


@pytest.mark.parametrize("seed", range(2))
def test_what_was_kept_under_ids_goes_on_under_names(seed: int, tmp_path: Path):
    """A log, and a state, with ids in them are read as if they had been named from the beginning."""
    messages = partition_log(seed)
    cut = 2 * len(messages) // 3
    with EmbeddedLog(TOPICS) as raw, EmbeddedLog(TOPICS) as named:
        append(raw, messages[:cut])
        before = EmbeddedLearner(raw, LEARNING, tmp_path / "state.bin")
        before.poll(messages[cut - 1].recorded_s)
        before.save(LONG_AFTER_S)
        assert any(b"u:/2" in path.read_bytes() for path in tmp_path.iterdir())
        append(raw, messages[cut:])
        for message in messages:
            append(named, [replace(message, events=tuple(map(VISITORS.of, message.events)))])
        after = EmbeddedLearner(raw, LEARNING, tmp_path / "state.bin", visitors=VISITORS)
        fresh = EmbeddedLearner(named, LEARNING)
        for learner in (after, fresh):
            learner.poll(LONG_AFTER_S)
            for application in learner.fold.state.applications.values():
                for sums in (application.ranker.point, application.ranker.pair):
                    sums.said = sums.said.sum(axis=0, keepdims=True)
                for memory in application.memory.queries.values():
                    memory.visitors = ()  # no name can be told from what was counted by an id
                    for pair in memory.pairs.values():
                        pair.groups = ()
        assert_same(after.fold, fresh.fold)
        after.save(LONG_AFTER_S)
        assert b"u:/2" not in (tmp_path / "state.bin").read_bytes()
