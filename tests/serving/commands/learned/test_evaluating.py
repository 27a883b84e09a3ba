"""`ltrr evaluate` over the log of a data folder."""

import json
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from ltrr.serving.commands.cli import main
from tests.serving.shop import NOON_S, SECRET, WORDS, Shop

pytestmark = pytest.mark.whole

QUERIES = 40


class Ended(NamedTuple):
    """How the command ended."""

    code: int
    out: str
    err: str


def search_and_click(shop: Shop, queries: int) -> None:
    """Search once in five seconds from noon on, and click on every third answer, where its plan found anything."""
    for number in range(queries):
        shop.clock.now_s = NOON_S + 5 * number
        answer = shop.search(f"{WORDS[number % 8]} {WORDS[number % 5]}")
        if number % 3 == 0 and answer["items"]:
            shop.click(answer["query_id"], answer["items"][0]["object_id"])


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder in which was searched and clicked, once in five seconds from noon on."""
    folder = tmp_path_factory.mktemp("searched") / "data"
    with Shop(folder, max_calls=3) as shop:
        search_and_click(shop, QUERIES)
        shop.post("/ubi_queries", {"query_id": "elsewhere", "user_query": "love", "timestamp": shop.clock.now_s})
    return folder


def evaluate(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], folder: Path, *more: str) -> Ended:
    """Run the command over a folder."""
    monkeypatch.setenv("LTRR_DATA_DIR", str(folder))
    monkeypatch.setenv("LTRR_SECRET", SECRET)
    monkeypatch.setenv("LTRR_MAX_CALLS", "3")
    monkeypatch.setattr(sys, "argv", ["ltrr", "evaluate", *more])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int | None)
    return Ended(ended.value.code or 0, *capfd.readouterr())


def test_prints_one_document(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], searched: Path):
    """Under a cap, the policy that was logged is found to be itself, and another gets its own estimates."""
    args = ["--policy", "igw", "--policy", "uniform", "--from", str(NOON_S), "--progressive", "--json"]
    ended = evaluate(monkeypatch, capfd, searched, *args)
    assert (ended.code, ended.err) == (0, "")
    document = json.loads(ended.out)
    assert document["from"] == "2026-01-01T12:00:00+00:00"
    assert document["decisions"] == QUERIES
    assert document["unusable"] == {"no plan of ours": 1}
    assert document["unreadable"] == {}
    igw, uniform = document["policies"]
    assert igw["effective_decisions"]["plan"] == pytest.approx(QUERIES)
    values = {row["estimator"]: row["value"] for row in igw["estimates"]}
    for name in ("ips", "snips", "pi"):
        assert values[name] == pytest.approx(document["logged"]["value"], abs=1e-6)
    assert uniform["effective_decisions"]["plan"] < QUERIES / 2
    assert {row["verdict"] for row in uniform["estimates"]} == {"no verdict"}


def test_range_and_state(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], searched: Path):
    """Only decisions of the range are judged; frozen policies know what was learned before it."""
    args = ["--policy", "igw", "--from", str(NOON_S + 50), "--to", str(NOON_S + 100), "--json"]
    document = json.loads(evaluate(monkeypatch, capfd, searched, *args).out)
    assert document["decisions"] == 10
    assert document["state"] == "frozen"
    assert 0 < document["policies"][0]["effective_decisions"]["plan"] < 10


def test_table_names_all(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], searched: Path):
    """The table has the logged mean, each policy with each estimator, verdicts with reasons, and what was not used."""
    monkeypatch.setenv("COLUMNS", "220")
    ended = evaluate(monkeypatch, capfd, searched, "--policy", "static:fulltext=10", "--from", str(NOON_S))
    assert ended.code == 0
    for part in ("40 decisions", "(logged)", "dr_pi", "snips", "no verdict: ", "1 queries not used: no plan of ours"):
        assert part in ended.out, part


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--policy", "oracle", "--from", "0"], "no policy is called 'oracle'"),
        (["--policy", "igw:speed=1", "--from", "0"], "no option"),
        (["--policy", "static:fulltext=3", "--from", "0"], "a budget is a step of the ladder"),
        (["--policy", "igw", "--from", "noon"], "is no time"),
        (["--policy", "igw", "--from", "20", "--to", "10"], "is no range"),
        (["--policy", "igw", "--from", "0", "--to", "1e15"], "is no range"),
        (["--from", "0"], "--policy"),
    ],
)
def test_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], searched: Path, args: list[str], message: str
):
    """A mistake is one line on standard error that names it, and exit code 2."""
    ended = evaluate(monkeypatch, capfd, searched, *args)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert ended.err.count("\n") == 1


def test_folder_without_a_log(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path):
    """A folder that was never searched in is refused, and stays as it is."""
    ended = evaluate(monkeypatch, capfd, tmp_path / "none", "--policy", "igw", "--from", "0")
    assert ended.code == 2
    assert "there is no log in" in ended.err
    assert not (tmp_path / "none").exists()


def test_folder_in_use(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path):
    """Beside a server that holds the folder, what it has logged so far is read."""
    with Shop(tmp_path / "data", max_calls=3) as shop:
        search_and_click(shop, 3)
        ended = evaluate(monkeypatch, capfd, tmp_path / "data", "--policy", "uniform", "--from", "0", "--json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["decisions"] == 3
