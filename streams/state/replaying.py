"""What to do on Kafka where learned state does not fit."""

from collections.abc import Iterator
from contextlib import contextmanager

from ltrr.models.errors import SnapshotMismatch


@contextmanager
def told_to_replay() -> Iterator[None]:
    """Have a SnapshotMismatch say what to do about it here."""
    try:
        yield
    except SnapshotMismatch as error:
        raise SnapshotMismatch(f"{error}: replay the topics into a new version, with `ltrr replay`") from error
