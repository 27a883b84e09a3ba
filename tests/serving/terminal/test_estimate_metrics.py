"""`ltrr evaluate --metrics FILE`: what may be trusted, in Prometheus' text format, and nothing else."""

import json
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.serving.commands.learned.test_evaluating import Ended, evaluate, search_and_click
from tests.serving.shop import NOON_S, Shop

pytestmark = pytest.mark.whole

QUERIES = 120


@pytest.fixture(scope="module")
def long_searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with as many searches as a verdict needs."""
    folder = tmp_path_factory.mktemp("long") / "data"
    with Shop(folder, max_calls=3) as shop:
        search_and_click(shop, QUERIES)
    return folder


def samples(path: Path) -> dict[tuple[str, str], float]:
    """Return what a collector reads."""
    (family,) = text_string_to_metric_families(path.read_text())
    assert (family.name, family.type) == ("ltrr_estimate", "gauge")
    return {(one.labels["policy"], one.labels["estimator"]): one.value for one in family.samples}


def test_writes_what_has_a_verdict(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], long_searched: Path, tmp_path: Path
):
    """The file holds the numbers of the document that have a verdict, and takes the place of an older one."""
    path = tmp_path / "ltrr.prom"
    path.write_text('ltrr_estimate{policy="gone",estimator="dr_pi"} 1\n')
    rare = "static:personal=20"
    args = ["--policy", "igw", "--policy", rare, "--from", str(NOON_S), "--progressive", "--json"]
    ended = evaluate(monkeypatch, capfd, long_searched, *args, "--metrics", str(path))
    assert (ended.code, ended.err) == (0, "")
    document = json.loads(ended.out)
    expected = {("(logged)", "mean"): document["logged"]["value"]}
    for policy in document["policies"]:
        for one in policy["estimates"]:
            if one["verdict"] != "no verdict":
                expected[policy["policy"], one["estimator"]] = one["value"]
    found = samples(path)
    assert found == pytest.approx(expected)
    assert ("igw", "dr_pi") in found
    assert (rare, "snips") not in found, "the log hardly has such plans"
    assert list(tmp_path.iterdir()) == [path]


def test_without_decisions_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], long_searched: Path, tmp_path: Path
):
    """A range without decisions gives a file without numbers."""
    path = tmp_path / "ltrr.prom"
    args = ["--policy", "uniform", "--from", str(NOON_S + 1e6), "--to", str(NOON_S + 2e6), "--metrics", str(path)]
    assert evaluate(monkeypatch, capfd, long_searched, *args).code == 0
    assert samples(path) == {}


@pytest.mark.parametrize(("name", "hint"), [("ltrr.txt", "*.prom"), ("missing/ltrr.prom", "make it")])
def test_a_file_that_no_collector_finds_is_refused(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, name: str, hint: str
):
    """A wrong name or folder is told before the log is read."""
    ended: Ended = evaluate(
        monkeypatch, capfd, tmp_path, "--policy", "igw", "--from", str(NOON_S), "--metrics", str(tmp_path / name)
    )
    assert (ended.code, ended.out) == (2, "")
    assert hint in ended.err
    assert len(ended.err.splitlines()) == 1
