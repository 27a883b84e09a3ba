"""A folder of documents, queries and judgements in TREC's form, as one era."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from ltrr.bench.played.material import Era, Wish
from ltrr.models.errors import InvalidInput
from ltrr.models.records.entity import Entity
from ltrr.serving.demo.people.request import Request
from ltrr.serving.judging.judgements import read_judgements, read_queries

_START_S: Final = 1_700_000_000.0
_BETWEEN_S: Final = 60.0
_DOCUMENT: Final = re.compile(r"<DOC>(.*?)</DOC>", re.DOTALL | re.IGNORECASE)
_MARKUP: Final = re.compile(r"<[^>]*>")


def era(folder: Path, queries: int, seed: int) -> Era:
    """Return `queries` draws of the judged queries, each its own user's, over all documents. Raises InvalidInput."""
    documents = {entity.object_id: entity for entity in read_documents(folder)}
    topics = folder / "topics.txt"
    asked = read_queries(topics if topics.exists() else folder / "queries.tsv")
    judged = read_judgements(folder / "qrels").grades
    wanted = {
        name: {d: grade for d, grade in judged[name].items() if grade > 0 and d in documents}
        for name in asked
        if name in judged
    }
    names = sorted(name for name, relevance in wanted.items() if relevance)
    if not names:
        raise InvalidInput(f"no query of {folder} has a document in it that is judged relevant: check the ids of qrels")
    best = max(grade for name in names for grade in wanted[name].values())
    wishes = []
    for number, at in enumerate(np.random.default_rng(seed).integers(len(names), size=queries).tolist()):
        relevance = {document: grade / best for document, grade in wanted[names[at]].items()}
        split = "train" if number < queries // 2 else "eval"
        time_s = _START_S + _BETWEEN_S * number
        wishes.append(Wish(Request(asked[names[at]], names[at], "query", relevance, time_s, split=split)))
    return Era(list(documents.values()), wishes)


def read_documents(folder: Path) -> Iterator[Entity]:
    """Yield the documents of documents.jsonl, or of documents.trec with its tags DOC and DOCNO. Raises InvalidInput."""
    if (folder / "documents.jsonl").exists():
        for number, line in enumerate(_text(folder / "documents.jsonl").splitlines(), start=1):
            if line.strip():
                yield _document(line, number)
        return
    for body in _DOCUMENT.findall(_text(folder / "documents.trec")):
        text = _MARKUP.sub(" ", re.sub(r"(?is)<(DOCNO|TITLE)>.*?</\1>", " ", body))
        yield _entity(_tagged(body, "DOCNO"), _tagged(body, "TITLE"), text)


def _document(line: str, number: int) -> Entity:
    try:
        values = json.loads(line)
        return _entity(str(values["id"]), str(values.get("title") or ""), str(values.get("text") or ""))
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise InvalidInput(
            f'documents.jsonl, line {number}: wants {{"id": "1", "title": "...", "text": "..."}}; mend it'
        ) from None


def _entity(name: str, title: str, text: str) -> Entity:
    words = " ".join(text.split())
    return Entity(name, "document", " ".join(title.split()) or words[:80] or name, description=words)


def _tagged(body: str, tag: str) -> str:
    found = re.search(rf"<{tag}>\s*(.*?)\s*</{tag}>", body, re.DOTALL | re.IGNORECASE)
    return found[1] if found else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InvalidInput(
            f"cannot read {path}: {error.strerror}; --data must hold documents.jsonl or documents.trec, queries.tsv or"
            " topics.txt, and qrels"
        ) from error
