"""What is said on Kafka where learned state does not fit."""

import pytest

from ltrr.models.errors import SnapshotMismatch
from ltrr.models.statistics.snapshot import Snapshot
from ltrr.streams.state.replaying import told_to_replay


def test_what_to_do_is_added():
    """What is wrong is told, and that the topics are replayed into another version; nothing where all fits."""
    with told_to_replay():
        pass
    with pytest.raises(SnapshotMismatch, match="cut off: replay the topics into a new version"), told_to_replay():
        Snapshot.unpack(b"")
