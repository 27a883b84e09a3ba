"""Seals: pages that this installation vouches for, told from those that anybody wrote."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.impression import Impression
from ltrr.streams.embedded.learner import EmbeddedLearner
from ltrr.streams.embedded.log import EmbeddedLog
from ltrr.streams.events.codec import MAX_BYTES, encode_action, encode_impression
from ltrr.streams.events.messages import Origin, read_message
from ltrr.streams.events.seals import Seals
from ltrr.streams.events.topics import Topic
from tests.models.logs import LEARNING, START_S, partition_log

OURS = Seals([b"the secret of this installation"])
ORIGIN = Origin(Topic.IMPRESSIONS, 0, 0, START_S)
FOREIGN = b'{"query_id": "q", "user_query": "l\xc3\xb8ve", "timestamp": "2026-01-01T12:00:00Z", "doc_ids": ["a", "b"]}'


def pages() -> list[Impression]:
    """Return pages with all that is logged of one."""
    messages = partition_log(0)
    return [event for message in messages for event in message.events if isinstance(event, Impression)]


def read(raw: bytes, seals: Seals | None = OURS) -> tuple[list[str], list[str]]:
    """Return the ids of the pages that may teach, and why others may not."""
    events, letters = read_message(ORIGIN, raw, 1, seals=seals)
    return [event.query_id for event in events], [letter.reason for letter in letters]


def batch(raws: Sequence[bytes]) -> bytes:
    """Return a message of several events."""
    return b"[" + b",".join(raws) + b"]"


def test_sealed_pages_are_read_and_others_refused():
    """A page, ours with its whole plan or another search's, is read with a seal; without one it is a dead letter."""
    for raw in [*map(encode_impression, pages()[:20]), FOREIGN]:
        query_id = json.loads(raw)["query_id"]
        assert read(OURS.seal(raw)) == ([query_id], [])
        assert read(batch([raw, OURS.seal(raw)])) == ([query_id], ["foreign"])
        assert read(raw) == ([], ["foreign"])
        assert read(raw, None) == read(OURS.seal(raw), None) == ([query_id], [])


def test_a_seal_is_for_one_page():
    """A page with another one's seal, with one word changed, or with a seal of anybody else is foreign."""
    one, other = pages()[:2]
    sealed = OURS.seal(encode_impression(one))
    seal = json.loads(sealed)["ltrr_seal"]
    moved = encode_impression(other)[:-1] + b',"ltrr_seal":"%s"}' % seal.encode()
    changed = sealed.replace(b'"page_size":', b'"learn":true,"page_size":') if b'"page_size"' in sealed else b""
    for forged in (
        moved,
        changed or sealed.replace(one.query_id.encode(), b"another"),
        sealed.replace(seal.encode(), seal[::-1].encode()),
        sealed.replace(seal.encode(), b"\\ud83d\\ude00"),
        FOREIGN[:-1] + b',"ltrr_seal":7}',
        Seals([b"the secret of somebody else"]).seal(encode_impression(one)),
    ):
        assert read(forged) == ([], ["foreign"])


def test_a_letter_about_a_page_without_a_seal_says_what_to_do():
    """It names the settings that decide, whoever reads it first."""
    (letter,) = read_message(ORIGIN, FOREIGN, 1, seals=OURS)[1]
    assert "has no seal by a secret that is known here; set LTRR_SECRET" in letter.message
    assert all(name in letter.message for name in ("'q'", "LTRR_FORMER_SECRETS", "LTRR_FOREIGN_PAGES=true"))


def test_a_page_is_sealed_anew():
    """A seal that a page brings along is dropped before it is given its own."""
    theirs = Seals([b"the secret of somebody else"]).seal(FOREIGN)
    sealed = OURS.seal(theirs)
    assert read(sealed) == (["q"], [])
    assert sealed.count(b"ltrr_seal") == 1
    assert OURS.seal(sealed) == sealed


def test_what_former_secrets_have_sealed_holds():
    """After a change of secrets pages from before teach as long as the former secret is named, and no longer."""
    before = OURS.seal(FOREIGN)
    new = b"the next secret of this installation"
    assert read(before, Seals([new, b"the secret of this installation"])) == (["q"], [])
    assert read(before, Seals([new])) == ([], ["foreign"])
    assert read(Seals([new, b"the secret of this installation"]).seal(FOREIGN), Seals([new])) == (["q"], [])


def test_a_page_too_large_for_its_seal_is_refused():
    """What no reader would take is refused where it is sealed."""
    long = json.dumps({"query_id": "q", "user_query": "a", "timestamp": 1, "filler": "x" * (MAX_BYTES - 80)})
    with pytest.raises(InvalidEvent, match="bytes"):
        OURS.seal(long.encode())


@pytest.mark.parametrize("seed", range(2))
def test_forged_pages_leave_no_trace(seed: int):
    """Pages that nobody vouched for, and purchases on them, change nothing that is learned from the others."""
    messages, forged = partition_log(seed), [replace(page, query_id=f"forged-{page.query_id}") for page in pages()[:30]]
    last_s = max(message.recorded_s for message in messages if message.topic == "impressions")  # pages tell the time
    learned: list[object] = []
    for attacked in (False, True):
        with EmbeddedLog({str(topic): 1 for topic in Topic}) as log:
            for message in messages:
                for event in message.events:
                    page = isinstance(event, Impression)
                    raw = OURS.seal(encode_impression(event)) if page else encode_action(event)  # type: ignore[arg-type]  # it is an action
                    log.append(f"ltrr.{message.topic}", None, raw, message.recorded_s, partition=0)
            for page in forged if attacked else ():
                log.append(Topic.IMPRESSIONS, None, encode_impression(page), last_s, partition=0)
            learner = EmbeddedLearner(log, LEARNING, seals=OURS)
            learner.poll(START_S + 1e6)
            keys = [key for key in sorted(learner.fold.keys()) if key.kind != "progress"]
            learned.append([(key, learner.fold.write(key)) for key in keys])
            assert learner.dead_letters["foreign"] == (len(forged) if attacked else 0)
    assert learned[0] == learned[1]
