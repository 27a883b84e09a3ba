"""`ltrr index`: load a catalogue."""

from typing import Annotated, Final

import typer

from ltrr.serving.catalogue import file as catalogue_file
from ltrr.serving.catalogue import rebuild as catalogue_rebuild
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal import tables

_REBUILD: Final = "rebuild"


def index(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE|rebuild",
            help="JSON lines or CSV of entities (docs/entities.md), gzip or not; - reads standard input. "
            "The word rebuild builds the index anew from what the catalogue holds, while the old one serves.",
        ),
    ],
    restart: Annotated[bool, typer.Option("--restart", help="Load all, though a part was loaded before.")] = False,  # noqa: FBT002  # a flag
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Load or update a catalogue, or rebuild its index."""
    settings = load_settings()
    if file == _REBUILD:
        report = catalogue_rebuild.rebuild(settings)
        tables.show(report, as_json=as_json, table=catalogue_rebuild.table)
        return
    report = catalogue_file.load(file, settings, restart=restart)
    tables.show(report, as_json=as_json, line="{taken} of {read} entities were new or newer; {bad} lines were bad")
    if report["bad"]:
        raise typer.Exit(1)
