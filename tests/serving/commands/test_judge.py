"""`ltrr judge` on a data folder: what it prints, counts, compares and refuses."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ltrr.serving.commands.cli import main
from tests.serving.shop import SECRET, Shop

pytestmark = pytest.mark.whole

QREL = "q1 0 {best} 2\nq1 0 {next} 1\nq1 0 lost 1\nq2 0 song-5 1\nq8 0 song-5 0\nq9 0 song-5 1\nq2 0 song-5 1\n"
QUERIES = "q1\tlove night\nq2\triver moon\nq8\tblue\nq7\tgold\n"
Judge = Callable[..., tuple[str, str, int]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a data folder, judgements by which full text is good, and queries."""
    folder = tmp_path_factory.mktemp("judged")
    with Shop(folder / "data") as shop:
        items = shop.search("love night", plan={"fulltext": 10}, learn=False)["items"]
        best, following = (item["object_id"] for item in items if item["sources"][0]["rank"] in {1, 2})
    (folder / "qrels").write_text(QREL.format(best=best, next=following))
    (folder / "queries.tsv").write_text(QUERIES)
    (folder / "ratings.csv").write_text(f"query,docid,rating\nlove night,{best},3\nriver moon,song-5,1\n")
    (folder / "strange").write_text("q1 0 sku-1 1\n")
    (folder / "static.env").write_text("LTRR_MODE=static\n")
    (folder / "slow.env").write_text("LTRR_HALF_LIFE_S=1000\n")
    (folder / "foreign.env").write_text("PATH=/nowhere\n")
    return folder


@pytest.fixture
def judge(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Judge:
    """Return the command with arguments, whose files are in the folder; it gives output, errors and the exit code."""

    def judge(*arguments: str) -> tuple[str, str, int]:
        monkeypatch.chdir(folder)
        for name, value in {"LTRR_DATA_DIR": "data", "LTRR_SECRET": SECRET, "COLUMNS": "80"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["ltrr", "judge", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capfd.readouterr()
        return told.out, told.err, int(ended.value.code or 0)

    return judge


def document(judge: Judge, *arguments: str) -> dict[str, Any]:
    """Return the JSON document."""
    told, trouble, code = judge(*arguments, "--json")
    assert code == 0, trouble
    found: dict[str, Any] = json.loads(told)
    return found


def test_each_way_is_judged(judge: Judge):
    """The plan that is drawn, the baseline and each ranked strategy alone have their measures, and queries theirs."""
    found = document(judge, "qrels", "--queries", "queries.tsv")
    ways = {row["way"]: row for row in found["ways"]}
    assert list(ways)[:2] == ["learned", "baseline"]
    assert {"fulltext", "memory"} <= ways.keys()
    assert "explore" not in ways
    of_first = found["by_query"][0]
    assert (of_first["query_id"], of_first["query"]) == ("q1", "love night")
    assert of_first["ways"]["fulltext"]["reciprocal_rank"] == 1.0
    assert of_first["ways"]["fulltext"]["recall"] == pytest.approx(2 / 3, abs=1e-6)
    assert ways["memory"] == {"way": "memory", "ndcg": 0, "reciprocal_rank": 0, "recall": 0, "empty": 2}


def test_what_is_left_out_is_counted(judge: Judge):
    """Queries without judgements, without anything relevant or without a text; documents that are lost or repeated."""
    found = document(judge, "qrels", "--queries", "queries.tsv", "--no-arms")
    assert found["queries"] == 2
    assert found["left_out"] == {
        "queries without judgements": 1,
        "queries with nothing relevant": 1,
        "judged queries without a text": 1,
    }
    assert (found["not_in_index"], found["relevant_not_in_index"], found["repeated"]) == (["lost"], 1, 1)


def test_learned_is_compared_with_the_baseline(judge: Judge):
    """The difference is that of the means, and every query gains, loses or is equal."""
    found = document(judge, "ratings.csv")
    (compared,) = found["comparisons"]
    means = {row["way"]: row["ndcg"] for row in found["ways"]}
    assert (compared["way"], compared["other"]) == ("learned", "baseline")
    assert compared["difference"]["value"] == pytest.approx(means["learned"] - means["baseline"], abs=2e-6)
    assert compared["better"] + compared["worse"] + compared["equal"] == 2


def test_two_settings_side_by_side(judge: Judge):
    """A file of variables says what the other side is; static serves just its baseline."""
    found = document(judge, "ratings.csv", "--against", "static.env", "--no-arms")
    ways = {row["way"]: row for row in found["ways"]}
    assert list(ways) == ["here: learned", "here: baseline", "static: learned", "static: baseline"]
    assert ways["static: learned"] == {**ways["here: baseline"], "way": "static: learned"}
    assert [side["version"] for side in found["sides"]] == ["v1 (online)", "v1 (static)"]
    assert found["comparisons"][0]["other"] == "static: learned"


def test_tables_say_what_gains_and_loses(judge: Judge):
    """Tables fit 80 columns and have the counts as notes."""
    told, _, code = judge("qrels", "--queries", "queries.tsv", "--against", "static.env")
    assert code == 0
    assert max(map(len, told.splitlines())) <= 80
    said = " ".join(told.split())
    assert "1 of 4 judged documents are not in the index (lost)" in said
    assert "no query has an answer by here: memory," in said


def test_ids_of_another_catalogue_are_told(judge: Judge):
    """Where nothing that is judged is indexed, it is said what may be the reason."""
    told, _, code = judge("strange", "--queries", "queries.tsv", "--no-arms")
    assert code == 0
    assert "are the object ids of the judgements those of the catalogue" in " ".join(told.split())


def test_a_comparison_without_differences_is_a_line(judge: Judge):
    """Where no query gains or loses there is no empty box under what is said."""
    told, _, code = judge("ratings.csv", "--against", "static.env", "--no-arms", "--queries-shown", "0")
    assert code == 0
    assert "minus" in told
    lines = [line for line in told.splitlines() if line.startswith(("┌", "┏"))]
    assert len(lines) == 1, "the means alone have a box"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("qrels",), "has ids of queries alone: give their texts with --queries"),
        (("ratings.csv", "--queries", "queries.tsv"), "has its queries: leave --queries out"),
        (("qrels", "--queries", "queries.tsv", "--relevant", "7"), "no query of queries.tsv has a document"),
        (("queries.tsv",), "holds no judgements"),
        (("ratings.csv", "--against", "gone.env"), "there is no file gone.env"),
        (("ratings.csv", "--against", "foreign.env"), "sets PATH"),
        (("ratings.csv", "--against", "slow.env"), "name a copy of it there with LTRR_DATA_DIR"),
    ],
)
def test_what_cannot_be_judged_is_refused(judge: Judge, arguments: tuple[str, ...], said: str):
    """An error is one line that says what to do."""
    told, trouble, code = judge(*arguments)
    assert (told, code) == ("", 2)
    assert said in trouble
    assert trouble.count("\n") == 1


def test_nothing_is_taught(judge: Judge, folder: Path):
    """After all that was asked the policy has decided nothing."""
    judge("ratings.csv")
    with Shop(folder / "data") as shop:
        assert shop.get("/v1/policy")["decisions"] == 0
