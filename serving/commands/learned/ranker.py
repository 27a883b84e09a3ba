"""`ltrr ranker`: rank with LambdaMART in place of the online ranker: train it, look at it, go back."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from ltrr.models.batch_ranking.groups import DEPTH
from ltrr.models.batch_ranking.log import RankingLog
from ltrr.models.errors import InvalidInput, SnapshotMismatch
from ltrr.models.ranking.batch_ranker import batch_names
from ltrr.models.ranking.layout import RankerLayout
from ltrr.serving.access.audit import by_command
from ltrr.serving.rankers.lambdamart import Growth
from ltrr.serving.rankers.store import RankerStore, open_store
from ltrr.serving.rankers.training import Trained, fit
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.applications import application_named
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal import tables
from ltrr.serving.terminal.moments import moment
from ltrr.serving.versions.logged_events import read_events, time_range
from ltrr.streams.state.trained_rankers import TrainedRanker

_GROWTH = Growth()
ranker_app = typer.Typer(no_args_is_help=True, help="Rank with trees (LambdaMART) in place of the online ranker.")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]
Application = Annotated[str | None, typer.Option(help="Tenant; the first of LTRR_APPLICATIONS where absent.")]


@ranker_app.command()
def train(
    since: Annotated[str, typer.Option("--from", help="Start of the range: ISO 8601 with a zone, or epoch seconds.")],
    until: Annotated[str | None, typer.Option("--to", help="End of the range; now where absent.")] = None,
    application: Application = None,
    trees: Annotated[int, typer.Option(min=1, max=5000, help="Trees at most.")] = _GROWTH.trees,
    leaves: Annotated[int, typer.Option(min=2, max=255, help="Leaves of a tree at most.")] = _GROWTH.leaves,
    rate: Annotated[float, typer.Option(min=0.001, max=1.0, help="Learning rate.")] = _GROWTH.rate,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training and of the bootstrap.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Train and compare, and serve nothing.")] = False,  # noqa: FBT002  # a flag
    anyway: Annotated[bool, typer.Option("--anyway", help="Serve it even where it is not found to be better.")] = False,  # noqa: FBT002  # a flag
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Train on the logged pages of a range of time, compare with the logged order, and serve what is better."""
    settings = load_settings()
    name = application_named(application, settings.applications)
    from_s, to_s = time_range(since, until, time.time())
    store = open_store(settings)
    version = asyncio.run(store.version(name))
    learning = settings.learning(strategy_arms())
    log = RankingLog(learning, name, from_s)
    unreadable = asyncio.run(read_events(settings, log, from_s, to_s, "read the log"))
    names = batch_names(RankerLayout.of(learning.rules))
    trained = fit(log.pages(), names, Growth(trees=trees, leaves=leaves, rate=rate, seed=seed))
    facts = _facts(trained, from_s, to_s)
    ranker = TrainedRanker(trained.grown.text, names, facts)
    record = ranker.pack()
    serve = not dry_run and (trained.comparison.better or anyway)
    if serve:
        with by_command(settings.audit_path, "serve ranker", ranker=ranker.name, version=version, application=name):
            asyncio.run(store.put(version, name, record))
    report = {
        "application": name,
        "version": version,
        "ranker": ranker.name,
        **facts,
        "served": serve,
        "dry_run": dry_run,
        "pages_shown": log.shown,
        "unusable": dict(log.unusable),
        "unreadable": dict(unreadable),
        "ordered_by": dict(Counter(page.ranker for page in log.pages())),
        "record_bytes": len(record),
    }
    tables.show(report, as_json=as_json, table=_trained)


@ranker_app.command("list")
def list_rankers(as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """List the trained rankers: a version serves an application with its own, else with the online ranker."""
    found = asyncio.run(open_store(load_settings()).rankers())
    rows = [{"version": version, "application": name, **_described(record)} for (version, name), record in found]
    tables.show({"rankers": rows}, as_json=as_json, table=_listed)


@ranker_app.command()
def drop(application: Application = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Remove the trained ranker of an application's version: all query workers go back to the online ranker."""
    settings = load_settings()
    name = application_named(application, settings.applications)
    with by_command(settings.audit_path, "drop ranker", application=name):
        version = asyncio.run(_drop(open_store(settings), name))
    answer = {"application": name, "version": version, "ranker": "online"}
    tables.show(answer, as_json=as_json, line="{application} is ranked by the {ranker} ranker (version {version})")


async def _drop(store: RankerStore, application: str) -> str:
    version = await store.version(application)
    if (version, application) not in dict(await store.rankers()):
        raise InvalidInput(f"{application!r} has no trained ranker in version {version!r}: `ltrr ranker list`")
    await store.put(version, application, None)
    return version


def _facts(trained: Trained, from_s: float, to_s: float) -> dict[str, Any]:
    """Return what is kept with the ranker."""
    comparison = trained.comparison
    return {
        "from": moment(from_s),
        "to": moment(to_s),
        "pages": dict(trained.pages),
        "trees": trained.grown.trees,
        "ndcg": {
            "depth": DEPTH,
            "trained": comparison.ndcg,
            "logged": comparison.logged,
            "difference": comparison.ndcg - comparison.logged,
            "interval": asdict(comparison.interval),
        },
        "better": comparison.better,
        "gains": {name: round(share, 4) for name, share in trained.grown.gains.items()},
    }


def _described(record: bytes) -> dict[str, Any]:
    try:
        ranker = TrainedRanker.unpack(record)
    except SnapshotMismatch as error:
        return {"ranker": None, "trouble": str(error), "record_bytes": len(record)}
    return {"ranker": ranker.name, **ranker.facts, "record_bytes": len(record)}


def _trained(answer: tables.Answer) -> list[Table]:
    pages, ndcg = answer["pages"], answer["ndcg"]
    table = Table("order", f"NDCG@{ndcg['depth']}", title_justify="left", caption_justify="left")
    table.title = f"{pages['judge']} held-out pages, the newest of {sum(pages.values())} with actions"
    table.add_row("logged", f"{ndcg['logged']:.4f}")
    table.add_row(answer["ranker"], f"{ndcg['trained']:.4f}")
    table.add_row("difference (95%)", _difference(ndcg))
    verdict = "better than the logged order" if answer["better"] else "NOT better than the logged order"
    outcome = f"served for {answer['application']} by version {answer['version']}"
    if not answer["served"]:
        outcome = "not served (--dry-run)" if answer["dry_run"] else "not served; --anyway serves it"
    notes = [f"{answer['ranker']} is {verdict}: {outcome}"]
    notes.append("splits on " + ", ".join(f"{name} {share:.0%}" for name, share in answer["gains"].items()))
    notes += [f"{count} pages not used: {reason}" for reason, count in answer["unusable"].items()]
    notes += [f"{count} events not read: {reason}" for reason, count in answer["unreadable"].items()]
    notes += [f"{count} pages were ordered by {name}" for name, count in answer["ordered_by"].items()]
    table.caption = "\n".join(notes)
    return [table]


def _listed(answer: tables.Answer) -> list[Table]:
    table = Table(title_justify="left")
    for column in ("version", "application", "ranker", "learned from", "NDCG difference (95%)"):
        table.add_column(column, overflow="fold")
    for row in answer["rankers"]:
        place, size = (row["version"], row["application"]), f"{row['record_bytes']} bytes"
        if row["ranker"] is None:
            table.add_row(*place, f"{row['trouble']}\n{size}", "", "")
            continue
        learned = f"{sum(row['pages'].values())} pages from\n{row['from']} to\n{row['to']}"
        table.add_row(*place, f"{row['ranker']}\n{row['trees']} trees\n{size}", learned, _difference(row["ndcg"]))
    return [table]


def _difference(ndcg: Mapping[str, Any]) -> str:
    interval = ndcg["interval"]
    return f"{ndcg['difference']:+.4f} ({interval['low']:+.4f} to {interval['high']:+.4f})"
