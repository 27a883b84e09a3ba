"""`ltrr doctor`: look at everything that ltrr needs here, and say what to do where something is missing."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from ltrr.serving.inspection.examination import examine
from ltrr.serving.terminal import tables


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Check settings, versions, data folder, ports, servers, topics and indexes; exit 1 where something fails."""
    findings = list(examine())
    report = {
        "findings": [asdict(finding) for finding in findings],
        "failed": sum(finding.state == "failed" for finding in findings),
    }
    tables.show(report, as_json=as_json, table=_table)
    if report["failed"]:
        raise typer.Exit(1)


def _table(report: tables.Answer) -> list[Table]:
    table = Table(title_justify="left")
    for column in ("", "state", "what was found"):
        table.add_column(column, overflow="fold")
    for finding in report["findings"]:
        table.add_row(finding["what"], finding["state"], finding["said"])
    return [table]
