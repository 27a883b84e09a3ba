"""Compare what two folds have learned."""

import math

import numpy as np

from ltrr.models.learning.fold import Fold
from ltrr.models.statistics.snapshot import Snapshot


def assert_same(one: Fold, other: Fold) -> None:
    """Compare two folds of the same log: offsets and counts exactly, real numbers to 1e-9."""
    assert one.progress.offsets == other.progress.offsets
    assert one.state.counts == other.state.counts
    assert one.state.revision == other.state.revision
    assert sorted(one.keys()) == sorted(other.keys())
    for key in one.keys():  # noqa: SIM118  # a method of records, not of a mapping
        if key.kind == "progress":
            continue
        left, right = Snapshot.unpack(one.write(key)), Snapshot.unpack(other.write(key))
        _assert_near(left.meta, right.meta)
        for mine, theirs in zip(left.arrays, right.arrays, strict=True):
            assert mine.shape == theirs.shape, key
            apart, scale = np.abs(mine - theirs), np.abs(theirs)
            assert (apart <= 1e-9 * (scale + scale.max(initial=1e-3))).all(), (key, mine, theirs)


def _assert_near(one: object, other: object) -> None:
    """Compare JSON values: real numbers, which are sums, to 1e-9."""
    if isinstance(one, dict) and isinstance(other, dict):
        assert one.keys() == other.keys()
        one, other = list(one.values()), [other[name] for name in one]
    if isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other)
        for mine, theirs in zip(one, other, strict=True):
            _assert_near(mine, theirs)
    elif isinstance(one, float):
        assert math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12), (one, other)
    else:
        assert one == other
