"""What deploy/ asks Prometheus: the queries of dashboards, and of rules, and the metrics that a query names."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus"
RULE_FILES = ("recording.yml", "alerts.yml")
DASHBOARDS = {
    path.name: json.loads(path.read_text()) for path in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
}
_WORDS = frozenset({"and", "or", "unless", "bool", "on", "ignoring", "group_left", "group_right", "by", "without"})
_LABELS = r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"
_VARIABLES = {"$__rate_interval": "1m", "$application": ".*", "$job": ".*"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query. where: dashboard and panel, with the letter of the query."""

    where: str
    expr: str

    @property
    def filled(self) -> str:
        """Return it as Grafana sends it."""
        expr = self.expr
        for name, value in _VARIABLES.items():
            expr = expr.replace(name, value)
        return expr


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each panel with the file of its dashboard."""
    for name, dashboard in DASHBOARDS.items():
        for panel in dashboard["panels"]:
            yield name, panel


def queries() -> list[Asked]:
    """Return the queries of all panels."""
    return [
        Asked(f"{name}: {panel['title']} {target['refId']}", target["expr"])
        for name, panel in panels()
        for target in panel.get("targets", ())
    ]


def rules() -> list[dict[str, Any]]:
    """Return the rules of all files."""
    return [
        rule
        for name in RULE_FILES
        for group in yaml.safe_load((RULES / name).read_text())["groups"]
        for rule in group["rules"]
    ]


def named(expr: str) -> dict[str, set[str]]:
    """Return the metrics that a query names, each with the labels that it picks by."""
    found: dict[str, set[str]] = {}
    bare = re.sub(_LABELS, " ", re.sub(r"\[[^\]]*\]", " ", expr))
    for name, picked in re.findall(r"(?<![\w:.$])([a-zA-Z_:][\w:]*)(?![\w:]|\s*\()\s*(\{[^}]*\})?", _strings_out(bare)):
        if name not in _WORDS:
            found.setdefault(name, set()).update(re.findall(r"(\w+)\s*[=!]", picked))
    return found


def grouped(expr: str) -> set[str]:
    """Return the labels that a query keeps or matches by."""
    return {label for group in re.finditer(_LABELS, expr) for label in re.findall(r"\w+", group[0].partition("(")[2])}


def _strings_out(expr: str) -> str:
    return re.sub(r'"[^"]*"', '""', expr)
