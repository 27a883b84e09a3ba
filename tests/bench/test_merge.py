"""`bench merge` on a short log."""

import pytest

from ltrr.bench.merge import PARTITIONS, run
from tests.bench.documents import check

pytestmark = pytest.mark.whole


def test_partitions_add_up():
    """The probabilities over merged states are those of one fold."""
    document = run(visits=90, contexts=4)
    check(document, "merge")
    assert len(document.figures) == len(PARTITIONS)
    assert all(target.met for target in document.targets)
