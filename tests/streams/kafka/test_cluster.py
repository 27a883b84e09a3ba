"""What is asked of a cluster whose groups are on their way to another broker, or still being read."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    GroupAuthorizationFailedError,
    NoError,
    NotCoordinatorError,
)
from kafka.structs import OffsetAndMetadata

from ltrr.streams.kafka import cluster
from ltrr.streams.kafka.brokers import Brokers

BROKERS = Brokers("127.0.0.1:1")
COMING = [CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError]


class Client:
    """A client of a cluster: what it was told of a coordinator first it believes for ever."""

    def __init__(self, error: type[Exception] | None) -> None:
        self._error = error

    def list_group_offsets(self, groups: dict) -> dict:
        """Return an offset for each partition asked for."""
        if self._error:
            raise self._error
        return {group: {tp: OffsetAndMetadata(7, "", -1) for tp in tps} for group, tps in groups.items()}

    def list_partition_offsets(self, specs: dict) -> dict:
        """Return an end for each partition asked for."""
        return {tp: OffsetAndMetadata(9, "", -1) for tp in specs}

    def alter_group_offsets(self, group: str, offsets: dict) -> dict:
        """Return what became of each partition: errors are returned here, where others raise them."""
        assert group
        return dict.fromkeys(offsets, self._error or NoError)

    def describe_groups(self, groups: list[str]) -> dict:
        """Return each group with its members, or with the text of an error."""
        error = str(self._error()) if self._error else None
        return {group: {"error": error, "members": [] if error else ["one"]} for group in groups}


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list:
    """Return what the clients that are connected will meet, one after the other; none once it is empty."""
    errors: list = []

    @contextmanager
    def connect(_: Brokers) -> Iterator[Client]:
        yield Client(errors.pop(0) if errors else None)

    monkeypatch.setattr(cluster, "admin_client", connect)
    monkeypatch.setattr(cluster, "_POLL_S", 0.0)
    return errors


@pytest.mark.parametrize("error", COMING)
def test_a_coordinator_is_waited_for(errors: list, error: type[Exception]):
    """Whatever a broker says of groups that it does not hold yet, another client asks again."""
    errors += [error, error]
    assert cluster.group_offsets(BROKERS, "group", "topic") == (7, 9)
    errors += [error, error]
    assert cluster.inhabited(BROKERS, ["group"]) == {"group"}
    errors += [error, error]
    cluster.set_group_offset(BROKERS, "group", "topic", 3)
    assert not errors


def test_other_errors_are_told_at_once(errors: list):
    """What waiting cannot mend is raised."""
    errors += [GroupAuthorizationFailedError, NotCoordinatorError]
    with pytest.raises(GroupAuthorizationFailedError):
        cluster.group_offsets(BROKERS, "group", "topic")
    assert errors == [NotCoordinatorError]


def test_waiting_ends(errors: list, monkeypatch: pytest.MonkeyPatch):
    """A coordinator that never comes is told after a time."""
    monkeypatch.setattr(cluster, "_GROUPS_S", 0.0)
    errors += [NotCoordinatorError] * 3
    with pytest.raises(NotCoordinatorError):
        cluster.group_offsets(BROKERS, "group", "topic")
