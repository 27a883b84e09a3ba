"""Answers as tables for people, or as one JSON document."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import typer
from rich.table import Table

from ltrr.models.baseline.regret import MATTERS, Standing
from ltrr.models.records.query import RELEVANCE, SIGNS
from ltrr.models.rewards.call_history import MEASURES
from ltrr.models.text import number_text
from ltrr.serving.terminal.consoles import console

Answer = Mapping[str, Any]
_LEAST_ADDED: Final = 0.0005
_CLOSE: Final = (
    10.0  # of an estimate this many times closer to what matters than its interval is wide, pages tell little
)
DECAYED_WEIGHT: Final = "decayed weight"
_OF_DECISIONS: Final = (
    "of the decisions that taught the arm, as it ran and its engine answered; no count: the newest weigh 1 to 2 times "
    "what their visitors' voices do, others less with their age (LTRR_HALF_LIFE_S)"
)
_NEUTRAL: Final = (
    "P(candidates): for a query of which nothing is understood or remembered, at no time of day; what real queries ran "
    "stands above"
)
_KINDS: Final = {
    "all": "all",
    "name": "read as a name",
    "topic": "as a topic",
    "other": "as neither",
    "known": "acted on before",
    "new": "never acted on",
}
_BY_CHANCE: Final = "* stands here by chance, to learn from: LTRR_EXPLORE_SHARE, LTRR_SWAP_SHARE"


def show(
    answer: Answer, *, as_json: bool, line: str | None = None, table: Callable[[Answer], list[Table]] | None = None
) -> None:
    """Print an answer: JSON, else a line filled from it, else tables made of it."""
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    elif line is not None:
        typer.echo(line.format(**answer))
    elif table is not None:
        for one in table(answer):
            console().print(one)


def results(answer: Answer) -> list[Table]:
    """Return the page and the plan of a search, or in place of an empty page why it is that."""
    explained = any(item.get("contributions") is not None for item in answer["items"])
    page = new_table("#", "name", "type", "id", "score", "brought by", *(["added to the score"] if explained else []))
    drawn = _drawn(answer["items"])
    page.caption = "\n".join((*_bounds(answer), *answer["hints"], *([_BY_CHANCE] if drawn else []))) or None
    for item in answer["items"]:
        brought = " ".join(f"{s['arm']}:{s['rank']}" for s in item["sources"])
        place = f"{item['position']}{'*' if item['position'] in drawn else ''}"
        added = [_added(item)] if explained else []
        page.add_row(place, item["name"], item["type"], item["object_id"], f"{item['score']:.4f}", brought, *added)
    plan = new_table("arm", "budget", "propensity")
    for arm in answer["plan"]:
        plan.add_row(arm["arm"], str(arm["budget"]), f"{arm['propensity']:.3f}")
    page.title = f"query id {answer['query_id']}"
    plan.title = f"plan by policy {answer['policy_version']}, revision {answer['revision']}, {answer['took_ms']:.0f} ms"
    notes = (("went without", "degraded"), ("found nothing; then ran", "fallback"))
    plan.caption = "; ".join(f"{said}: {', '.join(answer[of])}" for said, of in notes if answer[of]) or None
    if not answer["items"]:
        page = line_alone("\n".join((f"{page.title}: nothing was found", *answer["hints"])))
    return [page, plan]


def _bounds(answer: Answer) -> Iterator[str]:
    """Yield what the words of a search say of each number and date, and what its results are sorted by for that."""
    for name, bounds in answer["understanding"]["ranges"].items():
        written = ((bound, one if isinstance(one, str) else number_text(one)) for bound, one in bounds.items())
        said = " and ".join(f"{name} {SIGNS[bound]} {value}" for bound, value in written)
        yield f"only {said}"
    if answer["sort"] != RELEVANCE:
        yield f"sorted by {answer['sort']}"


def _added(item: Answer) -> str:
    """Return what arms and groups of features added to a score, the most first."""
    added = {**(item.get("contributions") or {}), **(item.get("groups") or {})}
    parts = sorted(added.items(), key=lambda part: -abs(part[1]))
    return "\n".join(f"{name} {part:+.3f}" for name, part in parts if abs(part) >= _LEAST_ADDED)


def _drawn(items: Sequence[Answer]) -> set[int]:
    """Return the positions where chance has put an item: one that is explored, or neighbours that changed places."""
    ranked = [item for item in items if not item["explored"]]
    swapped = {one["position"] for pair in pairwise(ranked) if pair[0]["score"] < pair[1]["score"] for one in pair}
    return swapped | {item["position"] for item in items if item["explored"]}


def pairs(answer: Answer) -> list[Table]:
    """Return the memory of a query."""
    counted = ("actions / examinations", "near actions / examinations")
    table = new_table("entity", "because", "score", "predicted", *counted)
    table.title = f"memory of {answer['query']!r}; a prediction weighs {answer['prior']:g} examinations"
    for pair in answer["pairs"]:
        entity = "\n".join(dict.fromkeys(filter(None, (pair["name"], pair["object_id"]))))
        because = "\n".join(filter(None, (pair["origin"], pair["near_query"])))
        counts = (f"{pair[of + 'actions']:.3f} / {pair[of + 'examinations']:.3f}" for of in ("", "near_"))
        table.add_row(entity, because, f"{pair['score']:.3f}", f"{pair['predicted']:.3f}", *counts)
    arms = new_table("arm", "calls", *MEASURES)
    arms.title = "what calls of each arm brought for it, in the mean"
    for one in answer["arms"]:
        arms.add_row(one["arm"], *(f"{one[name]:.3f}" for name in ("calls", *MEASURES)))
    return [table, arms]


def policy(answer: Answer) -> list[Table]:
    """Return what was run of late, what the policy thinks of each arm, and how far positions are looked at."""
    table = new_table("arm", DECAYED_WEIGHT, "mean credit", *(f"P({budget})" for budget in answer["ladder"]))
    table.title = (
        f"version {answer['active']} ({answer['mode']}), policy {answer['policy']}, "
        f"{answer['decisions']} decisions, revision {answer['revision']}, "
        f"{answer['engagement']['rate']:.1%} of pages acted on"
    )
    shadow = answer["shadow"]
    notes = [
        _NEUTRAL,
        f"{DECAYED_WEIGHT}: {_OF_DECISIONS}",
        "mean credit: reward that a page with the arm would lose without it",
        unlearned(answer["baseline"]["unlearned"]),
        baseline(answer["baseline"]),
    ]
    notes += [f"a half-life of {one['half_life_s']} s from {one['from']}" for one in answer["forgetting"]["changes"]]
    if shadow:
        notes.append(f"in the shadow: version {shadow['version']}, policy {shadow['policy']}")
    elif answer["shadow_trouble"]:
        notes.append(answer["shadow_trouble"])
    table.caption = "\n".join(notes)
    for arm in answer["arms"]:
        chances = (f"{p:.3f}" for p in arm["probabilities"])
        table.add_row(arm["arm"], f"{arm['observations']:.0f}", f"{arm['mean_credit']:+.4f}", *chances)
    curve = new_table("position", "looked at", "95% interval")
    curve.title = "how often a position is looked at, against the first"
    for row in answer["positions"]:
        curve.add_row(str(row["position"]), f"{row['look']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}")
    return [_lately(answer), table, curve]


def _lately(answer: Answer) -> Table:
    """Return how many of the last searches ran each arm, of all and by kinds of query."""
    if not answer.get("lately"):
        return line_alone("nothing was searched here since the server started: what runs of late is not known")
    table = new_table("arm", *(f"{_KINDS[one['kind']]}: {one['searches']:,}" for one in answer["lately"]))
    table.title = "how many of the last searches here ran each arm"
    for at, arm in enumerate(answer["arms"]):
        table.add_row(arm["arm"], *(f"{1 - one['shares'][at][0]:.0%}" for one in answer["lately"]))
    return table


def baseline(answer: Answer) -> str:
    """Return in a line how plans do beside the baseline's, both ranked by what was learned."""
    plan = ", ".join(f"{arm} {budget}" for arm, budget in answer["plan"].items()) or "none"
    found = answer["difference"]
    compared = f"{answer['share']:.0%} of the pages are compared"
    if found is None:
        return f"plans beside the baseline's ({plan}): no verdict, {answer['doubt']}; {compared}"
    return f"plans beside the baseline's ({plan}), ranking and memory in both: {_beside(answer)}; {compared}"


def unlearned(answer: Answer) -> str:
    """Return in a line what learning brings: how searches do beside what the baseline shows with nothing learned."""
    if answer["difference"] is None:
        return f"beside searches with nothing learned: no verdict, {answer['doubt']}"
    return f"beside searches with nothing learned: {_beside(answer)}"


def _beside(answer: Answer) -> str:
    found = answer["difference"]
    little = found["high"] < 0 and answer["standing"] == Standing.ALIKE
    lacking = f"; {_lacking(found, answer['effective'])}" if answer["standing"] == Standing.UNDECIDED else ""
    return (
        f"{found['value']:+.4f} net reward for each page, from {found['low']:+.4f} to {found['high']:+.4f}"
        f"{', too little to matter' if little else ''} (from {found['matters']:.4f} on it matters, {MATTERS:.0%} of "
        f"what these earn), by {answer['effective']:.0f} effective pages that tell of them{lacking}"
    )


def _lacking(difference: Answer, effective: float) -> str:
    """Say how many more pages decide: an interval narrows by the root of how many there are.

    It has to be as narrow as what matters, and where it is, to leave that out with the estimate as it is.
    """
    reach, matters = (difference["high"] - difference["low"]) / 2, difference["matters"]
    if not matters:
        return "undecided: the baseline earns nothing that a loss could be measured by"
    aim = matters if reach > matters else max(abs(difference["value"] + matters), reach / _CLOSE)
    more = float(f"{effective * ((reach / aim) ** 2 - 1):.2g}")
    return f"undecided: with the spread seen, some {max(more, 1.0):,.0f} more such pages tell what matters"


def line_alone(text: str) -> Table:
    """Return a table that is a line of text."""
    table = Table.grid()
    table.add_row(text, style="table.title")
    return table


def new_table(*columns: str) -> Table:
    """Return an empty table whose cells are folded where they do not fit."""
    table = Table(title_justify="left", caption_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
