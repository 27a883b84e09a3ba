"""`ltrr bench strategies`, on a folder that the tests write."""

import json
from pathlib import Path

import pytest
import typer

from ltrr.models.errors import UnknownName
from ltrr.serving.commands.cli import app

pytestmark = pytest.mark.whole

ARTISTS = ("Blue River", "Amber Lake", "Silent Moths", "Golden Hour")
LOG = (
    ("2009-07", 5, "blue river", [0], "spear_exact", True),
    ("2009-07", 6, "silent moths", [2], "spear_exact", True),
    ("2009-08", 5, "jazz", [1, 3], "topic_head", True),
    ("2009-08", 6, "jazz", [2], "topic_head", True),
    ("2009-09", 5, "jazz", [1], "topic_head", False),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a whole small folder."""
    artists = "".join(f"{number}\t{name}\n" for number, name in enumerate(ARTISTS))
    (tmp_path / "artists.dat").write_text(f"id\tname\n{artists}")
    (tmp_path / "tags.dat").write_text("tagID\ttagValue\n10\tjazz\n")
    tagged = "7\t1\t10\t1\t6\t2009\n7\t2\t10\t1\t7\t2009\n"
    (tmp_path / "user_taggedartists.dat").write_text(f"userID\tartistID\ttagID\tday\tmonth\tyear\n{tagged}")
    (tmp_path / "spotify_songs.csv").write_text("track_name,track_artist\n")
    names = ("month", "user", "query", "relevant", "type", "fresh")
    lines = [json.dumps(dict(zip(names, values, strict=True))) for values in LOG]
    (tmp_path / "queries.jsonl").write_text("\n".join(lines))
    return tmp_path


def bench(*arguments: str) -> None:
    """Call the command."""
    app(["bench", "strategies", *arguments, "--json"], standalone_mode=False)


def test_measures_every_arm(folder: Path, capsys: pytest.CaptureFixture[str]):
    """Names are found, repeats are apart, memory has what others took before, and the rolled index learns tags."""
    bench("--data", str(folder))
    document = json.loads(capsys.readouterr().out)
    figures = document["figures"]
    assert figures["spear_exact: queries"]["value"] == 2
    assert figures["spear_exact: nDCG@10 of fulltext"]["value"] == 1.0
    assert figures["topic_head: recall@20 of structured"]["value"] == pytest.approx(0.25)  # July is not known yet
    assert figures["rolled topic_head: recall@20 of structured"]["value"] == pytest.approx(0.75)
    assert figures["topic_head: nDCG@10 of memory"]["value"] == 0.0
    assert figures["topic_head, repeat: recall@20 of memory"]["value"] == 1.0
    assert figures["topic_head, repeat: nDCG@10 of recency list"]["value"] > 0.5
    assert "names: nDCG@10 of fulltext minus dense" in figures
    assert {target["figure"] for target in document["targets"]} <= set(figures)
    assert document["notes"][0] == "engines: text: tantivy, vector: qdrant-edge; encoders: wordllama, expansion"


def test_takes_encoders_by_name(folder: Path):
    """Those of the entities are asked for by name; a bench without engines takes none."""
    with pytest.raises(UnknownName, match="no encoder is called 'oracle'"):
        bench("--data", str(folder), "--encoder", "oracle")
    with pytest.raises(UnknownName, match="no sparse encoder is called 'oracle'"):
        bench("--data", str(folder), "--sparse-encoder", "oracle")
    with pytest.raises(typer.TyperException, match="No such option: --sparse-encoder"):
        app(["bench", "core", "--sparse-encoder", "expansion"], standalone_mode=False)


def test_asks_a_sample(folder: Path, capsys: pytest.CaptureFixture[str]):
    """--queries bounds how many are asked."""
    bench("--data", str(folder), "--queries", "2")
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert (
        sum(one["value"] for said, one in figures.items() if said.endswith(": queries") and "rolled" not in said) == 2
    )


def test_says_what_it_needs():
    """Without the folder it names the option; a bench that takes no folder says that."""
    with pytest.raises(typer.TyperException, match="Missing parameter: data"):
        bench()
    with pytest.raises(typer.TyperException, match="No such option: --data"):
        app(["bench", "core", "--data", "x"], standalone_mode=False)
