"""Dead letters: what they hold of what could not be used, however large that is."""

import hashlib
import json
import random

import pytest

from ltrr.streams.events.codec import MAX_EVENTS
from ltrr.streams.events.messages import Origin, read_message
from ltrr.streams.events.topics import TOPICS, Topic

ORIGIN = Origin(Topic.ACTIONS, 0, 7, 0.0)
TAKEN = int(TOPICS[Topic.DEADLETTER].settings["max.message.bytes"].value)


def letters(raw: bytes | None) -> list[bytes]:
    """Return the dead letters of a message."""
    return [letter.encode() for letter in read_message(ORIGIN, raw, 1)[1]]


@pytest.mark.parametrize(
    "raw",
    [
        random.Random(1).randbytes(990_000),  # noqa: S311  # a draw, no secret
        b"\x01" * 1_000_000,
        b"\xff" * 1_000_000,
        b'"' * 1_000_000,
        b'{"message":"' + b"x" * 5_000_000 + b'"}',
        b'{"query_id":"' + b"\x7f" * 250_000 + b'"}',
    ],
    ids=["random", "control", "no-utf8", "quotes", "large", "one-field"],
)
def test_a_letter_is_far_smaller_than_its_topic_takes(raw: bytes):
    """It has the beginning, the size and the digest of the event; the rest is where the letter says."""
    (encoded,) = letters(raw)
    letter = json.loads(encoded)
    assert len(encoded) < TAKEN / 4
    assert letter["raw"] == raw[: 64 * 1024].decode(errors="replace")
    assert (letter["bytes"], letter["sha256"]) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert (letter["topic"], letter["partition"], letter["offset"], letter["index"]) == (Topic.ACTIONS, 0, 7, 0)


def test_letters_of_a_batch_hold_its_events_once():
    """Each of thousands of bad events has a letter with itself, not with all of them."""
    events = [b'{"action_name":"%d%s"}' % (number, b"x" * 100) for number in range(MAX_EVENTS)]
    batch = b"[" + b",".join(events) + b"]"
    found = letters(batch)
    assert [json.loads(letter)["raw"].encode() for letter in found] == events
    assert sum(map(len, found)) < 6 * len(batch)


def test_a_tombstone_is_told_as_what_it_is():
    """A record without a value is no JSON that ends too early."""
    (encoded,) = letters(None)
    letter = json.loads(encoded)
    assert (letter["reason"], letter["raw"], letter["bytes"]) == ("not_an_event", "", 0)
    assert "has no value" in letter["message"]
