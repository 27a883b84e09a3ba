"""Judgements of relevance in files: TREC's qrels, BEIR's, and Quepid's CSV; and query sets."""

import csv
import io
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ltrr.models.errors import InvalidInput

_QRELS: Final = 4
_BEIR: Final = ["query-id", "corpus-id", "score"]
_QUEPID: Final = ["query", "docid"]
_SEPARATORS: Final = ",;\t"
_SHOWN: Final = 60
_TOPIC: Final = re.compile(r"<top>(.*?)</top>", re.DOTALL | re.IGNORECASE)
_NUMBER: Final = re.compile(r"<num>\s*(?:Number:)?\s*(\S+)", re.IGNORECASE)
_TITLE: Final = re.compile(r"<title>\s*(?:Topic:)?\s*([^<]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judgements:
    """Grades of documents, by query and object id.

    texts: of queries that the file itself has. unrated: rows without a grade. repeated: grades of what had one
    already; the mean counts, as of several raters.
    """

    grades: Mapping[str, Mapping[str, float]]
    texts: Mapping[str, str] = field(default_factory=dict)
    unrated: int = 0
    repeated: int = 0

    @property
    def count(self) -> int:
        """Return how many documents of queries have a grade."""
        return sum(map(len, self.grades.values()))


def read_judgements(path: Path) -> Judgements:
    """Read a file of judgements; its first line tells the form.

    TREC's qrels are `topic iteration document grade` with blanks between, BEIR's the columns query-id, corpus-id and
    score with tabs, Quepid's CSV `query,docid,rating` of a case, or `query,docid` and a column for each rater of a
    book; where semicolons or tabs stand between, as spreadsheets save it, grades may have a decimal comma. Raises
    InvalidInput.
    """
    text = _text(path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    for separator in _SEPARATORS:
        header = [one.strip().lower() for one in next(csv.reader([first], delimiter=separator), [])]
        if header[:2] == _QUEPID:
            return _quepid(path, text, separator)
    if first.lower().split("\t") == _BEIR:
        return _gathered(_rows(path, text, "\t", len(_BEIR), skip=True), path, (0, 1, 2))
    if len(first.split()) == _QRELS:
        return _gathered(_rows(path, text, None, _QRELS), path, (0, 2, 3))
    raise InvalidInput(
        f"{path} holds no judgements: its first line should be TREC's `topic iteration document grade`, BEIR's"
        f" `query-id corpus-id score` or Quepid's `query,docid,rating`, not {first[:_SHOWN]!r}"
    )


def read_queries(path: Path) -> dict[str, str]:
    """Read a query set, id -> text: an id, a tab and the text in each line, or TREC's topics. Raises InvalidInput."""
    text = _text(path)
    if topics := _TOPIC.findall(text):
        found = [(_NUMBER.search(topic), _TITLE.search(topic)) for topic in topics]
        pairs = [(number[1], " ".join(title[1].split())) for number, title in found if number and title]
        if len(pairs) < len(topics):
            raise InvalidInput(f"{path}: {len(topics) - len(pairs)} topics have no <num> or no <title>")
    else:
        rows = _rows(path, text, "\t", 2)
        pairs = [(cells[0].strip(), cells[1].strip()) for _, cells in rows]
    queries = dict(pairs)
    if len(queries) < len(pairs):
        raise InvalidInput(f"{path} has {len(pairs) - len(queries)} queries under an id that another one has")
    if not queries:
        raise InvalidInput(f"{path} has no queries: write an id, a tab and the text in each line")
    return queries


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text: save it as UTF-8") from error


def _rows(
    path: Path, text: str, separator: str | None, cells: int, *, skip: bool = False
) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the cells of each line that is not empty, with its number. skip: leave out the first."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = line.split(separator)
        if not line.strip() or (skip and number == 1):
            continue
        if len(found) != cells:
            between = "tabs" if separator else "blanks"
            raise InvalidInput(f"{path}, line {number}: has {len(found)} cells between {between}, not {cells}")
        yield number, found


def _gathered(rows: Iterator[tuple[int, Sequence[str]]], path: Path, places: tuple[int, int, int]) -> Judgements:
    """Return the judgements of rows. places: of query, document and grade."""
    found: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number, cells in rows:
        query, document, grade = (cells[place].strip() for place in places)
        found[query][document].append(_grade(grade, path, number))
    return _meant(found)


def _quepid(path: Path, text: str, separator: str) -> Judgements:
    """Return the judgements of Quepid's CSV, in which a query without ratings has a row by itself."""
    found: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    unrated = 0
    decimal = "." if separator == "," else ","
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        width = len(next(reader))
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > width:
                raise InvalidInput(f"{path}, line {reader.line_num}: has {len(row)} cells, its header {width}")
            query, document, *grades = (cell.strip() for cell in (*row, "", "")[: max(len(row), 2)])
            rated = [_grade(one.replace(decimal, "."), path, reader.line_num) for one in grades if one]
            of_query = found[query]
            if rated and document:
                of_query[document].append(sum(rated) / len(rated))
            else:
                unrated += 1
    except csv.Error as error:
        raise InvalidInput(f"{path}, line {reader.line_num}: {error}; export it from Quepid again") from error
    texts = {query: query for query in found if query}
    return _meant({query: found[query] for query in texts}, texts, unrated)


def _meant(
    found: Mapping[str, Mapping[str, Sequence[float]]], texts: Mapping[str, str] | None = None, unrated: int = 0
) -> Judgements:
    grades = {
        query: {document: sum(given) / len(given) for document, given in documents.items()}
        for query, documents in found.items()
    }
    repeated = sum(len(given) - 1 for documents in found.values() for given in documents.values())
    return Judgements(grades, texts or {}, unrated, repeated)


def _grade(text: str, path: Path, number: int) -> float:
    try:
        grade = float(text)
    except ValueError:
        grade = math.nan
    if not math.isfinite(grade):
        raise InvalidInput(f"{path}, line {number}: {text[:_SHOWN]!r} is no grade; grades are numbers")
    return grade
