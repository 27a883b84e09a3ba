"""The one document of a bench."""

import json
import math

import numpy as np
import pytest

from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target


def test_a_mean_has_its_interval():
    """The interval is 1.96 standard errors to each side; one sample alone says nothing of it."""
    figure = Figure.mean(np.array([1.0, 2.0, 3.0, 4.0]), "ms")
    assert (figure.value, figure.unit) == (2.5, "ms")
    assert (figure.high - figure.value, figure.value - figure.low) == pytest.approx((1.2651, 1.2651), abs=1e-4)
    alone = Figure.mean(np.array([1.0]), "ms")
    assert (alone.low, alone.high) == (-math.inf, math.inf)


def test_a_target_is_met_by_the_whole_interval():
    """A mean above the limit is not enough."""
    figures = {"sure": Figure(1.0, "", 0.5, 1.5), "unsure": Figure(1.0, "", -0.1, 2.1)}
    assert Target.above("sure", figures) == Target("sure", ">", 0.0, met=True)
    assert not Target.above("unsure", figures).met
    assert not Target.above("sure", figures, limit=0.5).met


def test_the_document_is_strict_json():
    """It has all parts in JSON that any parser takes: what is not finite is null."""
    document = BenchDocument("demo", [1, 2], {"reward": Figure(math.nan, "", -math.inf, math.inf)}, notes=["short"])
    read = json.loads(json.dumps(document.as_json(), allow_nan=False))
    assert list(read) == ["bench", "seeds", "figures", "targets", "notes", "tabled", "machine"]
    assert read["figures"] == {"reward": {"value": None, "unit": "", "low": None, "high": None}}
    assert read["machine"].keys() == {"python", "system", "cores"}


def test_a_clustered_mean_counts_clusters():
    """Repeating every sample within its cluster changes nothing; samples of one cluster alone say nothing."""
    samples, clusters = np.array([1.0, 2.0, 3.0, 4.0]), np.arange(4)
    once = Figure.clustered_mean(samples, clusters, "")
    assert (once.value, once.high - once.value) == pytest.approx((2.5, 1.2651), abs=1e-4)
    twice = Figure.clustered_mean(np.repeat(samples, 2), np.repeat(clusters, 2), "")
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high))
    alone = Figure.clustered_mean(samples, np.zeros(4, int), "")
    assert (alone.low, alone.high) == (-math.inf, math.inf)


def test_the_interval_of_a_share_stays_between_0_and_1():
    """Where all, or none, of some hundred samples hit, a few may still miss; of one nothing is known."""
    all_hit, none_hit = Figure.share(np.ones(300)), Figure.share(np.zeros(300))
    assert (all_hit.value, all_hit.high, all_hit.unit) == (1.0, 1.0, "share")
    assert all_hit.low == pytest.approx(300 / (300 + 1.96**2), abs=1e-4)
    assert (none_hit.low, none_hit.value, none_hit.high) == (0.0, 0.0, pytest.approx(1 - all_hit.low))
    half = Figure.share(np.array([0.0, 1.0] * 50))
    assert (half.low, half.high) == (pytest.approx(0.404, abs=1e-3), pytest.approx(0.596, abs=1e-3))
    assert Figure.share(np.ones(1)).low == -math.inf
