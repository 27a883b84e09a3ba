"""`ltrr judge`: how good the answers of the live index are by judgements of relevance."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from dotenv import dotenv_values
from rich.table import Table

from ltrr.models.errors import InvalidInput
from ltrr.serving.http.connection import server_url
from ltrr.serving.judging.asking import BASELINE, LEARNED, ask_all
from ltrr.serving.judging.judgements import Judgements, read_judgements, read_queries
from ltrr.serving.judging.report import Depths, Side, compare
from ltrr.serving.judging.report import judge as judged_by
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.refusals import PREFIX
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.terminal import tables

_HERE: Final = "here"
_NAMED: Final = 5  # documents that are not in the index


def judge(
    judgements: Annotated[Path, typer.Argument(help="TREC's or BEIR's qrels, or Quepid's CSV.")],
    queries: Annotated[
        Path | None, typer.Option(help="Query set of qrels: an id, a tab and the text, or TREC's topics.")
    ] = None,
    cut: Annotated[int, typer.Option("--k", min=1, max=100, help="Ranks that nDCG looks at.")] = 10,
    depth: Annotated[int, typer.Option(min=1, max=100, help="Ranks that recall and MRR look at.")] = 100,
    relevant: Annotated[float, typer.Option(help="Lowest grade that is relevant, to recall and MRR.")] = 1.0,
    against: Annotated[
        Path | None,
        typer.Option(help="Compare with other settings: a file of LTRR_ variables, over those that are set."),
    ] = None,
    no_arms: Annotated[bool, typer.Option("--no-arms", help="Judge no strategy alone.")] = False,  # noqa: FBT002  # a flag
    shown: Annotated[int, typer.Option("--queries-shown", min=0, help="Queries that gain and lose most.")] = 5,
    application: Annotated[
        str | None, typer.Option(help="Tenant; the first of LTRR_APPLICATIONS where absent.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Judge the answers of the live index by a query set with judgements, and teach it nothing."""
    how = Depths(cut, max(cut, depth), relevant)
    read = read_judgements(judgements)
    texts = _texts(read, queries, judgements)
    wanted = {one: text for one, text in texts.items() if how.wanted(read.grades.get(one, {}))}
    if not wanted:
        raise InvalidInput(
            f"no query of {queries or judgements} has a document that {judgements} grades {relevant:g} or more:"
            " do the ids of the queries fit, or should --relevant be lower?"
        )
    settings = load_settings()
    sides = [(None if against is None else _HERE, settings)]
    if against is not None:
        sides.append((against.stem if against.stem != _HERE else "there", _other_settings(against, settings)))
    documents = sorted({document for one in wanted for document in read.grades[one]})
    how_to_ask: Any = {"depth": how.depth, "application": application, "arms": not no_arms}
    asked = [
        Side(name, asyncio.run(ask_all(one, wanted, documents if one is settings else (), **how_to_ask)))
        for name, one in sides
    ]
    absent = asked[0].lists.absent
    judged = judged_by(asked, wanted, read.grades, how)
    report = {
        "k": cut,
        "depth": how.depth,
        "relevant": relevant,
        "queries": len(wanted),
        "judgements": read.count,
        "documents": len(documents),
        "left_out": _left_out(read, texts, how),
        "unrated": read.unrated,
        "repeated": read.repeated,
        "not_in_index": sorted(absent),
        "relevant_not_in_index": sum(len(how.wanted(read.grades[one]) & absent) for one in wanted),
        "sides": [{"name": one.name, "version": one.lists.version, "degraded": one.lists.degraded} for one in asked],
        **judged,
        "comparisons": [compare(judged, way, other, shown) for way, other in _compared(asked)],
    }
    tables.show(report, as_json=as_json, table=_tables)


def _texts(read: Judgements, queries: Path | None, judgements: Path) -> Mapping[str, str]:
    """Return the texts of queries by id."""
    if queries is not None and read.texts:
        raise InvalidInput(f"{judgements} has its queries: leave --queries out")
    if queries is None and not read.texts:
        raise InvalidInput(f"{judgements} has ids of queries alone: give their texts with --queries FILE")
    return read.texts if queries is None else read_queries(queries)


def _other_settings(path: Path, here: Settings) -> Settings:
    """Return the settings under the variables of a file, which go before those that are set.

    Raises InvalidInput where they say nothing else than what is asked here, or would change what is learned here.
    """
    if not path.is_file():
        raise InvalidInput(f"there is no file {path}: write LTRR_ variables into it, such as LTRR_URL=http://...")
    values = {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}
    if foreign := [name for name in values if not name.startswith(PREFIX)]:
        raise InvalidInput(f"{path} sets {', '.join(foreign)}: it should set {PREFIX} variables alone")
    with _variables(values):
        other = load_settings()
    url, its_url = server_url(here), server_url(other)
    if url == its_url is not None:
        raise InvalidInput(f"both sides ask the server at {url}: name another one in {path} with LTRR_URL")
    same = other.kafka is None and its_url is None and other.data_dir.resolve() == here.data_dir.resolve()
    arms = strategy_arms()
    if same and other.learning(arms) != here.learning(arms):
        raise InvalidInput(
            f"{path} changes what is learned, and {here.data_dir} would be learned anew: name a copy of it there with"
            " LTRR_DATA_DIR"
        )
    return other


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    before = os.environ.copy()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _left_out(read: Judgements, texts: Mapping[str, str], how: Depths) -> dict[str, int]:
    """Return how many queries are not judged, by reason."""
    return {
        "queries without judgements": sum(not read.grades.get(one) for one in texts),
        "queries with nothing relevant": sum(
            bool(read.grades.get(one)) and not how.wanted(read.grades[one]) for one in texts
        ),
        "judged queries without a text": len(read.grades.keys() - texts.keys()),
    }


def _compared(asked: list[Side]) -> Iterator[tuple[str, str]]:
    """Yield the ways to compare: what is served here with the other settings, and each with its baseline."""
    if len(asked) > 1:
        yield asked[0].called(LEARNED), asked[1].called(LEARNED)
    for one in asked:
        if BASELINE in one.lists.ways:
            yield one.called(LEARNED), one.called(BASELINE)


def _tables(answer: tables.Answer) -> list[Table]:
    means = tables.new_table(
        "", f"nDCG@{answer['k']}", f"MRR@{answer['depth']}", f"recall@{answer['depth']}", "no answer"
    )
    versions = ", ".join(filter(None, (_side(one) for one in answer["sides"])))
    means.title = f"{answer['queries']} queries, {answer['judgements']} judgements, version {versions}"
    for row in answer["ways"]:
        numbers = (f"{row[name]:.4f}" for name in ("ndcg", "reciprocal_rank", "recall"))
        means.add_row(row["way"], *numbers, str(row["empty"]))
    means.caption = "\n".join(_notes(answer)) or None
    return [means, *(_comparison(one, answer["k"]) for one in answer["comparisons"])]


def _side(side: Mapping[str, Any]) -> str:
    return side["version"] if side["name"] is None else f"{side['version']} {side['name']}"


def _notes(answer: tables.Answer) -> Iterator[str]:
    for reason, count in answer["left_out"].items():
        if count:
            yield f"left out: {count} {reason}"
    silent = [row["way"] for row in answer["ways"] if row["empty"] == answer["queries"]]
    if silent:
        of = "" if len(silent) == len(answer["ways"]) else f" by {', '.join(silent)}"
        yield f"no query has an answer{of}"
    absent = answer["not_in_index"]
    if absent:
        named = ", ".join(absent[:_NAMED]) + (", ..." if len(absent) > _NAMED else "")
        yield (
            f"{len(absent)} of {answer['documents']} judged documents are not in the index ({named}); "
            f"relevant judgements of them, which count as not found: {answer['relevant_not_in_index']}"
        )
    if len(absent) == answer["documents"]:
        yield "are the object ids of the judgements those of the catalogue, and is it loaded (`ltrr index FILE`)?"
    if answer["unrated"]:
        yield f"{answer['unrated']} rows have no grade"
    if answer["repeated"]:
        yield f"{answer['repeated']} documents were graded again: the mean counts"
    for side in answer["sides"]:
        for part, count in side["degraded"].items():
            yield f"{part} did not answer in {count} searches" + (f" of {side['name']}" if side["name"] else "")


def _comparison(compared: Mapping[str, Any], cut: int) -> Table:
    """Return the queries that gain and lose under what they come to; where there are none that alone, without a box."""
    table = tables.new_table("query", compared["way"], compared["other"], "difference")
    found = compared["difference"]
    span = "" if found["low"] is None else f" [{found['low']:+.4f}, {found['high']:+.4f}]"
    table.title = (
        f"nDCG@{cut} of {compared['way']} minus {compared['other']}: {found['value']:+.4f}{span};"
        f" {compared['better']} gain, {compared['worse']} lose, {compared['equal']} are equal"
    )
    if not compared["gains"] and not compared["losses"]:
        return tables.line_alone(table.title)
    for row in (*compared["gains"], *reversed(compared["losses"])):
        table.add_row(row["query"], f"{row['ndcg']:.4f}", f"{row['other']:.4f}", f"{row['difference']:+.4f}")
    return table
