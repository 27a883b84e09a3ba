"""`ltrr bench trec`, on a collection that the tests write."""

import json
from pathlib import Path

import pytest

from ltrr.bench.played import trec
from ltrr.models.errors import InvalidInput
from ltrr.serving.commands.cli import app

DOCUMENTS = (
    ("d1", "Wing in a slipstream", "lift of a wing behind a propeller"),
    ("d2", "Impact tube", "pressure in a tube at low density"),
    ("d3", "Buckling of plates", "stiff plates under shear"),
)
TREC = """<DOC>
<DOCNO> d1 </DOCNO>
<TITLE>Wing in a slipstream</TITLE>
<TEXT>lift of a wing
behind a propeller</TEXT>
</DOC>
<DOC><DOCNO>d2</DOCNO><TEXT>pressure in a tube</TEXT></DOC>"""
TOPICS = """<top>
<num> Number: 1
<title> wing lift
<desc> Description: longer
</top>
<top><num>2 <title>tube pressure</top>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a whole small collection; one query is not judged, one judged document is not there."""
    names = ("id", "title", "text")
    lines = [json.dumps(dict(zip(names, values, strict=True))) for values in DOCUMENTS]
    (tmp_path / "documents.jsonl").write_text("\n".join(lines))
    (tmp_path / "queries.tsv").write_text("1\twing lift\n2\ttube pressure\n3\tunjudged\n")
    (tmp_path / "qrels").write_text("1 0 d1 2\n1 0 d3 0\n2 0 d2 1\n2 0 d9 1\n")
    return tmp_path


@pytest.mark.whole
def test_plays_a_collection(folder: Path, capsys: pytest.CaptureFixture[str]):
    """The judged queries are drawn and answered; the product stands beside each arm, the fusion and the best pair."""
    app(["bench", "trec", "--data", str(folder), "--queries", "20", "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert document["notes"][1].startswith("3 documents, 2 queries, 20 draws")
    assert document["figures"]["last: nDCG@10 of fulltext"]["value"] == 1.0
    for other in ("fulltext", "hybrid", "RRF of all, unranked", "best mix, 2 calls"):
        assert f"last: learned, 2 calls minus {other}" in document["figures"]


def test_draws_are_of_one_cluster_a_query(folder: Path):
    """Draws of a query share a user, grades become chances of a click, and a document that is not there is left out."""
    era = trec.era(folder, 50, 0)
    relevance = {wish.request.user_id: wish.request.relevance for wish in era.wishes}
    assert relevance == {"1": {"d1": 1.0}, "2": {"d2": 0.5}}
    assert [wish.request.split for wish in era.wishes] == ["train"] * 25 + ["eval"] * 25


def test_reads_the_tagged_forms(folder: Path):
    """Documents with DOC and DOCNO, and topics with num and title, are read as well."""
    (folder / "documents.jsonl").unlink()
    (folder / "documents.trec").write_text(TREC)
    (folder / "queries.tsv").unlink()
    (folder / "topics.txt").write_text(TOPICS)
    first, second = trec.read_documents(folder)
    assert (first.object_id, first.name, first.description) == (
        "d1",
        "Wing in a slipstream",
        "lift of a wing behind a propeller",
    )
    assert (second.object_id, second.name) == ("d2", "pressure in a tube")
    assert {wish.request.text for wish in trec.era(folder, 20, 0).wishes} == {"wing lift", "tube pressure"}


def test_says_what_is_wrong(folder: Path):
    """A folder without its files, a broken line and judgements of other ids are refused with what to do."""
    (folder / "qrels").write_text("1 0 d1\n")
    with pytest.raises(InvalidInput, match="qrels holds no judgements"):
        trec.era(folder, 5, 0)
    (folder / "qrels").write_text("7 0 d1 1\n")
    with pytest.raises(InvalidInput, match="check the ids of qrels"):
        trec.era(folder, 5, 0)
    (folder / "documents.jsonl").write_text('{"title": "no id"}')
    with pytest.raises(InvalidInput, match=r"documents.jsonl, line 1"):
        list(trec.read_documents(folder))
    with pytest.raises(InvalidInput, match="cannot read"):
        trec.era(folder / "elsewhere", 5, 0)
