"""The soak bench: what it says of samples, and that its visitors do what they are to do."""

import asyncio
import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from ltrr.bench.soak import Sample, _Visitors, document
from ltrr.models.errors import InvalidInput


def samples(rising: float, count: int = 200) -> list[Sample]:
    """Return samples of a service whose memory, and pages, rise by a share over the last half, with noise."""
    rng = np.random.default_rng(0)
    line = 1 + rising * np.linspace(-1, 1, count)
    rss = 1e8 * line * rng.normal(1, 0.002, count)
    return [
        Sample(2.0 * at, int(rss[at]), {"open_pages": 1_000 * line[at], "senders": 50.0, "none": 0.0}, at, at, 4)
        for at in range(count)
    ]


def test_flat_memory_is_said_to_be_flat():
    """Noise is no growth, and no table is blamed."""
    said = document(samples(0.0), 0)
    assert said.targets[0].met
    assert said.figures["growth of resident memory"].low < 0 < said.figures["growth of resident memory"].high
    assert len(said.notes) == 1


def test_growth_is_found_with_the_table_that_grew():
    """A tenth more over the last half is over the target."""
    said = document(samples(0.1), 0)
    assert not said.targets[0].met
    assert said.figures["growth of resident memory"].value == pytest.approx(9.6, abs=1.0)
    assert [note.split(",")[0] for note in said.notes[1:]] == ["grew: open_pages"]


def test_too_short_a_run_is_refused():
    """Few samples say nothing."""
    with pytest.raises(InvalidInput, match="some minutes"):
        document(samples(0.0, 12), 0)


@pytest.mark.whole
def test_visitors_are_sampled(tmp_path: Path):
    """There are searches, and samples of all tables."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    visitors = _Visitors(0, tmp_path, sender)
    asyncio.run(visitors.play(2.0, filling=False))
    assert receiver.poll()
    first = receiver.recv()
    assert first.rss > 0
    assert first.tables["entities"] == 1_000
    assert visitors._searches > 0
