"""Samples are refused where they cannot be weighed, add up, and know their folds."""

from dataclasses import replace

import numpy as np
import pytest

from ltrr.testing.worlds import independent


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("joints", 0.0, "probability above 0"),
        ("joints", 1.5, "probability above 0"),
        ("marginals", 0.0, "probability above 0"),
        ("rewards", np.nan, "finite"),
        ("inverses", np.inf, "finite"),
        ("levels", 4, "places"),
        ("levels", -1, "places"),
    ],
)
def test_what_cannot_be_weighed_is_refused(column: str, value: float, message: str):
    """One bad number in one row is enough; the message says which kind."""
    samples = independent(0)
    changed = getattr(samples, column).copy()
    changed[7] = value
    with pytest.raises(ValueError, match=message):
        replace(samples, **{column: changed})


@pytest.mark.parametrize("column", ["keys", "contexts", "levels", "rewards", "joints", "target_marginals"])
def test_lengths_must_agree(column: str):
    """A column that is a row short is refused."""
    samples = independent(0)
    with pytest.raises(ValueError, match="one row for each decision"):
        replace(samples, **{column: getattr(samples, column)[1:]})


def test_shapes_must_agree():
    """Target probabilities over other levels than the logged ones are refused."""
    samples = independent(0)
    with pytest.raises(ValueError, match="shape"):
        replace(samples, target_marginals=samples.target_marginals[:, :, 1:])


def test_samples_add_up():
    """The sum has the rows of both, in any order the same after ordering."""
    one, two = independent(0), replace(independent(1), keys=np.arange(100, 160, dtype=np.uint64))
    both, swapped = (one + two).ordered(), (two + one).ordered()
    assert len(both) == len(one) + len(two)
    for column in ("keys", "contexts", "levels", "rewards", "target_marginals", "inverses"):
        assert np.array_equal(getattr(both, column), getattr(swapped, column)), column


def test_folds_are_decided_by_keys():
    """Each row is in one fold, and the same key is in the same fold wherever it stands."""
    samples = independent(0)
    folds = np.array(list(samples.folds(5)))
    assert (folds.sum(axis=0) == 1).all()
    ordered = np.array(list(samples.ordered().folds(5)))
    for fold in range(5):
        assert set(samples.keys[folds[fold]]) == set(samples.ordered().keys[ordered[fold]])
