"""`ltrr evaluate`: what other policies would have earned on logged traffic."""

import asyncio
import math
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from ltrr.models.evaluation.evaluation import Evaluation, Result, TargetResult
from ltrr.models.evaluation.targets import SHADOW, described, parse_target
from ltrr.models.records.heaviest import Heaviest
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal import tables
from ltrr.serving.terminal.estimate_metrics import EstimateMetrics, check_file
from ltrr.serving.terminal.moments import moment
from ltrr.serving.versions.logged_events import read_events, time_range

_UNTAUGHT: Final = (
    "nothing was learned before --from, so policies that learn are judged as they are at first: "
    "give a later --from, or --progressive"
)
_ONE_VISITOR: Final = (
    "one visitor made {decisions} decisions, {share:.0%} of all, and all count alike here; learning gives them "
    "{voiced:.0%} (LTRR_VISITOR_SEARCHES). Is it a bot? What is said here may be its doing (docs/evaluation.md)"
)


def evaluate(
    policy: Annotated[
        list[str],
        typer.Option(
            help="Policy to ask, NAME or NAME:KEY=VALUE,... (docs/evaluation.md), or `shadow` for what was logged of"
            " versions in the shadow; may be repeated."
        ),
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
    from_s, to_s = time_range(since, until, now_s)
    learning = settings.learning(strategy_arms())
    texts = dict.fromkeys(policy)
    shadows = SHADOW in texts
    texts.pop(SHADOW, None)
    targets = [parse_target(text, settings.policy_options, learning.rules.names) for text in texts]
    evaluation = Evaluation(
        learning,
        targets,
        settings.exploration,
        from_s,
        progressive=progressive,
        shadows=shadows,
        application=application,
        shared_prior=settings.shared_prior,
    )
    unreadable = asyncio.run(read_events(settings, evaluation, from_s, to_s, "evaluate"))
    result = evaluation.result(now_s, seed)
    if metrics is not None:
        shown = EstimateMetrics()
        shown.show(result)
        shown.write(metrics)
    if result.untaught:
        sys.stderr.write(f"ltrr evaluate: {_UNTAUGHT}\n")
    heavy = result.heaviest
    if heavy is not None and heavy.matters:
        sys.stderr.write(f"ltrr evaluate: {_ONE_VISITOR.format(**asdict(heavy))}\n")
    report = _report(result, from_s, to_s, unreadable, progressive=progressive)
    tables.show(report, as_json=as_json, table=_tables)


def _nameless(heaviest: Heaviest) -> dict[str, Any]:
    """Return what is said of a visitor, without who it is."""
    return {name: value for name, value in asdict(heaviest).items() if name != "sender"}


def _report(
    result: Result, from_s: float, to_s: float, unreadable: Mapping[str, int], *, progressive: bool
) -> dict[str, Any]:
    """Return the document; numbers that do not exist become null."""
    document = {
        "from": moment(from_s),
        "to": moment(to_s),
        "state": "progressive" if progressive else "frozen",
        "decisions": result.decisions,
        "unripe": result.unripe,
        "untaught": result.untaught,
        "heaviest": None if result.heaviest is None else _nameless(result.heaviest),
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
        "decisions": result.decisions,
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
    """Return a table of what was logged, with all that is said of the log, and one for each policy."""
    logged = _table("")
    logged.title = (
        f"{answer['decisions']} decisions from {answer['from']} to {answer['to']}, policies {answer['state']}"
    )
    logged.add_row("(logged)", *_numbers(answer["logged"]), str(answer["decisions"]), "")
    notes = [] if answer["policies"] else ["no version decided in the shadow of any decision"]
    notes += [f"{count} queries not used: {reason}" for reason, count in answer["unusable"].items()]
    notes += [f"{count} events not read: {reason}" for reason, count in answer["unreadable"].items()]
    if answer["unripe"]:
        notes.append(f"{answer['unripe']} decisions are so new that their rewards may still grow")
    logged.caption = "\n".join(notes) or None
    return [logged, *(_policy_table(policy, answer["decisions"]) for policy in answer["policies"])]


def _policy_table(policy: Mapping[str, Any], decisions: int) -> Table:
    table = _table("estimator")
    table.title = policy["policy"]
    sizes, why = policy["effective_decisions"], defaultdict[str, list[str]](list)
    for row in policy["estimates"]:
        size = sizes["plan"] if row["weighs"] == "plan" else min(sizes["arms"].values())
        table.add_row(row["estimator"], *_numbers(row), f"{size:.0f}", row["verdict"])
        if row["why"]:
            more = f", and {len(row['why']) - 1} more" if len(row["why"]) > 1 else ""
            why[f"{row['verdict']}: {row['why'][0]}{more}"].append(row["estimator"])
    notes = [f"{', '.join(estimators)}: {said}" for said, estimators in why.items()]
    if policy["decisions"] < decisions:
        notes.append(f"{policy['policy']} was asked in {policy['decisions']} of the decisions")
    table.caption = "\n".join(notes) or None
    return table


def _table(first: str) -> Table:
    table = Table(title_justify="left", caption_justify="left")
    for column in (first, "reward", "95% bootstrap", "95% Bernstein", "effective", "against the log"):
        table.add_column(column, overflow="fold")
    return table


def _numbers(row: Mapping[str, Any]) -> tuple[str, str, str]:
    spans = (row["bootstrap"], row["bernstein"])
    texts = ("" if one["low"] is None else f"{one['low']:+.4f} to {one['high']:+.4f}" for one in spans)
    first, second = texts
    return "" if row["value"] is None else f"{row['value']:+.4f}", first, second
