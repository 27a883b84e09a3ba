"""Compare what two folds have learned."""

import numpy as np
import pytest

from models.fold import Fold
from models.records import write_record


def assert_same(one: Fold, other: Fold) -> None:
    """Compare two folds of the same log: offsets and counts exactly, real numbers to 1e-9."""
    assert one.progress.offsets == other.progress.offsets
    assert one.state.counts == other.state.counts
    assert one.state.revision == other.state.revision
    assert sorted(one.keys()) == sorted(other.keys())
    for key in one.keys():  # noqa: SIM118  # a method of records, not of a mapping
        if key.kind == "progress":
            continue
        left, right = write_record(one.state, key), write_record(other.state, key)
        assert _exact(left.meta) == _exact(right.meta)
        assert left.meta.get("weight", 0.0) == pytest.approx(right.meta.get("weight", 0.0), rel=1e-9)
        for mine, theirs in zip(left.arrays, right.arrays, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9 * np.abs(theirs).max(initial=1e-3))


def _exact(meta: object) -> object:
    """Leave out the sums of weights, which are rounded."""
    if isinstance(meta, dict):
        return {name: _exact(value) for name, value in meta.items() if name != "weight"}
    return meta
