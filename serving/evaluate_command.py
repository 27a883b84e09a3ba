"""`ltrr evaluate`: what other policies would have earned on logged traffic."""

import asyncio
import math
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from models.errors import InvalidInput
from models.evaluation import Evaluation, Result, TargetResult
from models.targets import described, parse_target
from serving import tables
from serving.estimate_metrics import EstimateMetrics, check_file
from serving.moments import parse_moment
from serving.retrieval import strategy_calls
from serving.settings import Settings, load_settings
from streams.admin import check
from streams.event_stretch import embedded_stretch, kafka_stretch
from streams.messages import Origin, read_message
from streams.topics import Topic

_LAST_S = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


def evaluate(
    policy: Annotated[
        list[str], typer.Option(help="Policy to ask, NAME or NAME:KEY=VALUE,... (docs/evaluation.md); may be repeated.")
    ],
    since: Annotated[str, typer.Option("--from", help="Start of the range: ISO 8601 with a zone, or epoch seconds.")],
    until: Annotated[str | None, typer.Option("--to", help="End of the range; now where absent.")] = None,
    progressive: Annotated[bool, typer.Option(help="Let policies learn each decision after they were asked.")] = False,  # noqa: FBT002  # a flag
    application: Annotated[str | None, typer.Option(help="Judge the decisions of one tenant alone.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
    metrics: Annotated[
        Path | None, typer.Option(help="Write what may be trusted to this file too, for Prometheus.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Estimate what policies would have earned on the logged queries of a range of time."""
    if metrics is not None:
        check_file(metrics)
    settings = load_settings()
    now_s = time.time()
    from_s, to_s = parse_moment(since), now_s if until is None else parse_moment(until)
    if not 0 <= from_s < to_s <= _LAST_S:
        raise InvalidInput(f"--from {since} --to {until or 'now'} is no range: the first must be before the second")
    learning = settings.learning(strategy_calls())
    targets = [parse_target(text, settings.policy_options, learning.rules.names) for text in dict.fromkeys(policy)]
    evaluation = Evaluation(
        learning,
        targets,
        settings.exploration,
        from_s,
        progressive=progressive,
        application=application,
        shared_prior=settings.shared_prior,
    )
    unreadable = asyncio.run(_read(settings, evaluation, from_s, to_s))
    result = evaluation.result(now_s, seed)
    if metrics is not None:
        shown = EstimateMetrics()
        shown.show(result)
        shown.write(metrics)
    report = _report(result, from_s, to_s, unreadable, progressive=progressive)
    tables.show(report, as_json=as_json, table=_tables)


async def _read(settings: Settings, evaluation: Evaluation, from_s: float, to_s: float) -> Counter[str]:
    """Give the log to an evaluation; return the reasons for which events could not be read."""
    unreadable: Counter[str] = Counter()
    partitions = 1 if settings.kafka is None else settings.partitions
    ends_s = {Topic.IMPRESSIONS: to_s, Topic.ACTIONS: to_s + evaluation.ripe_s}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = None
        async for origin, raw in _messages(settings, evaluation.start_s, ends_s):
            if task is None:
                began_s = origin.recorded_s
                task = progress.add_task("evaluate", total=max(1e-9, to_s - began_s))
            progress.update(task, completed=origin.recorded_s - began_s)
            events, letters = read_message(origin, raw, partitions, settings.ordinal_base)
            if origin.topic is Topic.IMPRESSIONS:
                evaluation.absorb_impressions(origin.recorded_s, events)  # type: ignore[arg-type]  # the topic says which
            else:
                evaluation.absorb_actions(origin.recorded_s, events)  # type: ignore[arg-type]  # the topic says which
            if origin.recorded_s >= from_s:
                unreadable.update(letter.reason for letter in letters)
    return unreadable


def _messages(
    settings: Settings, from_s: float, ends_s: Mapping[Topic, float]
) -> AsyncIterator[tuple[Origin, bytes | None]]:
    if settings.kafka is None:
        return embedded_stretch(settings.data_dir, from_s, ends_s)
    check(settings.kafka, settings.partitions)
    return kafka_stretch(settings.kafka, settings.partitions, from_s, ends_s)


def _report(
    result: Result, from_s: float, to_s: float, unreadable: Mapping[str, int], *, progressive: bool
) -> dict[str, Any]:
    """Return the document; numbers that do not exist become null."""
    document = {
        "from": datetime.fromtimestamp(from_s, UTC).isoformat(),
        "to": datetime.fromtimestamp(to_s, UTC).isoformat(),
        "state": "progressive" if progressive else "frozen",
        "decisions": result.decisions,
        "unripe": result.unripe,
        "unusable": dict(result.unusable),
        "unreadable": dict(unreadable),
        "logged": {
            "value": result.reward,
            "bootstrap": asdict(result.bootstrap),
            "bernstein": asdict(result.bernstein),
        },
        "policies": [_policy(target) for target in result.targets],
    }
    finite: dict[str, Any] = _finite(document)
    return finite


def _policy(result: TargetResult) -> dict[str, Any]:
    overlap = {"plan": result.overlap.plan, "arms": dict(result.overlap.arms)}
    return {
        "policy": result.target.label,
        "options": described(result.target),
        "effective_decisions": overlap,
        "never_logged": {arm: share for arm, share in result.overlap.unseen.items() if share > 0},
        "estimates": [asdict(estimate) for estimate in result.estimates],
    }


def _finite(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _tables(answer: tables.Answer) -> list[Table]:
    table = Table(title_justify="left", caption_justify="left")
    table.title = f"{answer['decisions']} decisions from {answer['from']} to {answer['to']}, policies {answer['state']}"
    for column in ("policy", "estimator", "reward", "95% bootstrap", "95% Bernstein", "effective", "against the log"):
        table.add_column(column, overflow="fold")
    logged = answer["logged"]
    table.add_row("(logged)", "mean", *_numbers(logged), str(answer["decisions"]), "")
    for policy in answer["policies"]:
        sizes = policy["effective_decisions"]
        for row in policy["estimates"]:
            size = sizes["plan"] if row["weighs"] == "plan" else min(sizes["arms"].values())
            table.add_row(policy["policy"], row["estimator"], *_numbers(row), f"{size:.0f}", _verdict(row))
    notes = [f"{count} queries not used: {reason}" for reason, count in answer["unusable"].items()]
    notes += [f"{count} events not read: {reason}" for reason, count in answer["unreadable"].items()]
    if answer["unripe"]:
        notes.append(f"{answer['unripe']} decisions are so new that their rewards may still grow")
    table.caption = "\n".join(notes) or None
    return [table]


def _verdict(row: Mapping[str, Any]) -> str:
    if not row["why"]:
        return str(row["verdict"])
    more = f", and {len(row['why']) - 1} more" if len(row["why"]) > 1 else ""
    return f"{row['verdict']}: {row['why'][0]}{more}"


def _numbers(row: Mapping[str, Any]) -> tuple[str, str, str]:
    spans = (row["bootstrap"], row["bernstein"])
    texts = ("" if one["low"] is None else f"{one['low']:+.4f} to {one['high']:+.4f}" for one in spans)
    first, second = texts
    return "" if row["value"] is None else f"{row['value']:+.4f}", first, second
