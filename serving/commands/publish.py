"""`ltrr publish`: events of a file."""

import asyncio
from typing import Annotated

import typer

from ltrr.serving.publishing import file as event_file
from ltrr.serving.publishing import report as publish_report
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal import tables


def publish(
    file: Annotated[str, typer.Argument(help="JSON of UBI events and queries, in any form; - reads standard input.")],
    trusted: Annotated[bool, typer.Option("--trusted", help="Keep ltrr's plans in queries.")] = False,  # noqa: FBT002  # a flag
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Publish events; what is bad is left out, and summed up by kind on standard error."""
    settings = load_settings()
    report = asyncio.run(event_file.publish(file, settings, trust=trusted))
    tables.show(report, as_json=as_json, line=publish_report.said(report))
    if report["bad"]:
        raise typer.Exit(1)
