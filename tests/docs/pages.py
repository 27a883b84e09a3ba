"""The pages of the documentation, what stands on them, and what the code has."""

import re
from functools import cache
from pathlib import Path

import pytest
import typer
from fastapi.routing import APIRoute

from ltrr.serving.commands.bench import bench_named, benches
from ltrr.serving.commands.cli import COMMANDS, command_named
from ltrr.serving.http.api import create_app
from ltrr.serving.metrics import Metrics
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.terminal.estimate_metrics import EstimateMetrics

ROOT = Path(__file__).parents[2]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
}
README = PAGES["README.md"]

every_page = pytest.mark.parametrize("page", PAGES)


def section(text: str, title: str) -> str:
    """Return the text under a heading, up to the next of the same or a higher level."""
    level, rest = re.search(rf"^(#+) {re.escape(title)}\n(.*)", text, re.MULTILINE | re.DOTALL).groups()
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def plain(text: str) -> str:
    """Return a text without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def tables(text: str) -> list[list[list[str]]]:
    """Return the cells of each table, row by row, without its head."""
    found = re.findall(r"(?:^\|.*\n)+", plain(text), re.MULTILINE)
    return [
        [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in table.splitlines()[2:]]
        for table in found
    ]


def column(text: str, place: int = 0) -> list[str]:
    """Return the code in a column of the first table, row by row."""
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\)\|", row)[1 + place] for row in table]
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def code(text: str) -> str:
    """Return what stands as code, inline and fenced in a shell block: `sh` is typed by a test, `bash` is not."""
    return "\n".join(
        [*re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)), *blocks(text, "(?:sh|bash)")]
    )


BENCH = "ltrr bench NAME"


@cache
def commands() -> dict[str, typer.core.TyperCommand]:
    """Return the commands by full name; `ltrr bench NAME` stands for all benches, each of which is there, too.

    To be read only, as what follows.
    """
    found = {f"ltrr bench {name}": bench_named(name) for name in benches()} | {BENCH: command_named("bench")}
    for name in COMMANDS.keys() - {"bench"}:
        command = command_named(name)
        for part, nested in getattr(command, "commands", {"": command}).items():
            found[f"ltrr {name} {part}".strip()] = nested
    return found


@cache
def metrics() -> dict[str, tuple[str, set[str]]]:
    """Return the type and labels of each metric."""
    found = {}
    for metric in (*vars(Metrics()).values(), *vars(EstimateMetrics()).values()):
        for family in metric.collect() if hasattr(metric, "collect") and hasattr(metric, "_labelnames") else ():
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found[name] = family.type, set(metric._labelnames)
    return found


@cache
def endpoints(service: EmbeddedService) -> set[str]:
    """Return the endpoints as documents write them; HEAD stands beside GET."""
    routes = [route for route in create_app(service, close=False).routes if isinstance(route, APIRoute)]
    return {f"{method} {route.path}" for route in routes for method in route.methods - {"HEAD"}}
