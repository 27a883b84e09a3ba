"""Files of judgements and query sets, in the forms in which others write them, and with what goes wrong in them."""

from pathlib import Path

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.serving.judging.judgements import read_judgements, read_queries

TOPICS = """<top>

<num> Number: 301
<title> International Organized Crime

<desc> Description:
Identify organizations that participate.
</top>
<top>
<num> Number: 302
<title> Poliomyelitis and
Post-Polio
</top>
"""


def written(folder: Path, text: str | bytes) -> Path:
    """Return a file with a text."""
    path = folder / "judged"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    ["1 0 a 2\n1 0 b 0\n\n2\t0\tc\t1\n", "query-id\tcorpus-id\tscore\n1\ta\t2\n1\tb\t0\n2\tc\t1\n"],
    ids=["TREC", "BEIR"],
)
def test_qrels_have_ids_of_queries(tmp_path: Path, text: str):
    """TREC's and BEIR's qrels give the same grades, and no texts."""
    read = read_judgements(written(tmp_path, text))
    assert read.grades == {"1": {"a": 2.0, "b": 0.0}, "2": {"c": 1.0}}
    assert (read.count, read.texts, read.unrated, read.repeated) == (3, {}, 0, 0)


def test_ratings_of_a_case_of_quepid(tmp_path: Path):
    """A query is its own id; one without ratings has a row by itself, and a sign before it a blank."""
    text = '\ufeffquery,docid,rating\n"red, blue",a,3\n"red, blue",b,0\n -loud,c,1\nnobody\nred,d,\n'
    read = read_judgements(written(tmp_path, text))
    assert read.grades == {"red, blue": {"a": 3.0, "b": 0.0}, "-loud": {"c": 1.0}, "nobody": {}, "red": {}}
    assert read.texts["red, blue"] == "red, blue"
    assert read.unrated == 2


@pytest.mark.parametrize("separator", [";", "\t"])
def test_ratings_that_a_spreadsheet_has_saved(tmp_path: Path, separator: str):
    """Semicolons or tabs may stand between, and commas before decimals; commas in a query are its own."""
    rows = [("query", "docid", "rating"), ("red, blue", "a", "2,5"), ("red, blue", "b", "0"), ("loud", "c", "1.5")]
    read = read_judgements(written(tmp_path, "".join(f"{separator.join(row)}\n" for row in rows)))
    assert read.grades == {"red, blue": {"a": 2.5, "b": 0.0}, "loud": {"c": 1.5}}
    assert [*read.texts] == ["red, blue", "loud"]


def test_ratings_of_a_book_of_quepid(tmp_path: Path):
    """There each rater has a column, and the mean of those who rated counts."""
    read = read_judgements(written(tmp_path, "query,docid,Ann,Ben,Unknown\nred,a,3,,1\nred,b,,,\nred,c,0,0,0\n"))
    assert read.grades == {"red": {"a": 2.0, "c": 0.0}}
    assert read.unrated == 1


def test_what_is_graded_again_is_counted(tmp_path: Path):
    """The mean counts, as of several raters."""
    read = read_judgements(written(tmp_path, "1 0 a 2\n1 0 a 1\n1 0 a 0\n"))
    assert (read.grades, read.repeated, read.count) == ({"1": {"a": 1.0}}, 2, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no judgements"),
        ("<html></html>", "holds no judgements"),
        ("1\tred shoes\n", "holds no judgements"),
        ("1 0 a 2\n1 0 b\n", "line 2: has 3 cells between blanks, not 4"),
        ("1 0 a good\n", "line 1: 'good' is no grade"),
        ("1 0 a nan\n", "line 1: 'nan' is no grade"),
        ("query,docid,rating\nred,a,1,2\n", "line 2: has 4 cells, its header 3"),
        ("query,docid,rating\nred,a,high\n", "line 2: 'high' is no grade"),
        ('query,docid,rating\n"red,a,1\n', "line 2: unexpected end of data"),
        (b"1 0 \xff 2\n", "is not UTF-8"),
    ],
)
def test_what_is_no_judgement_is_refused(tmp_path: Path, text: str | bytes, said: str):
    """The file, the line and what is wrong there are told."""
    with pytest.raises(InvalidInput, match=said):
        read_judgements(written(tmp_path, text))


def test_query_sets(tmp_path: Path):
    """A line has an id, a tab and a text; of TREC's topics the title is the query."""
    assert read_queries(written(tmp_path, "1\tred shoes\n\n2\t blue \n")) == {"1": "red shoes", "2": "blue"}
    topics = read_queries(written(tmp_path, TOPICS))
    assert topics == {"301": "International Organized Crime", "302": "Poliomyelitis and Post-Polio"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n", "has no queries"),
        ("red shoes\n", "line 1: has 1 cells between tabs, not 2"),
        ("1\tred\n1\tblue\n", "1 queries under an id that another one has"),
        ("<top><num> 1 <desc> red</top>", "1 topics have no <num> or no <title>"),
    ],
)
def test_what_is_no_query_set_is_refused(tmp_path: Path, text: str, said: str):
    """So is a query set, and a file that is not there."""
    with pytest.raises(InvalidInput, match=said):
        read_queries(written(tmp_path, text))
    with pytest.raises(InvalidInput, match=r"cannot read .*nowhere"):
        read_queries(tmp_path / "nowhere")
