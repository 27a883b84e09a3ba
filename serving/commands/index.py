"""`ltrr index`: load a catalogue."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from ltrr.models.errors import InvalidInput
from ltrr.serving.access.audit import by_command
from ltrr.serving.catalogue import file as catalogue_file
from ltrr.serving.catalogue import rebuild as catalogue_rebuild
from ltrr.serving.events.lines import STANDARD_INPUT, opened
from ltrr.serving.reading.changes import NeedsMapping, proposed
from ltrr.serving.reading.mapping import Mapping, as_option, read_mapping, write_mapping
from ltrr.serving.reading.proposals.table import proposal_table
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal import tables

_REBUILD: Final = "rebuild"
_SUFFIX: Final = ".map.json"


def index(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE|rebuild",
            help="Entities as a table, JSON or Parquet (docs/entities.md), compressed or not; - reads standard input. "
            "The word rebuild builds the index anew from what the catalogue holds, while the old one serves.",
        ),
    ],
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help="What columns become: id=sku,name=title,genre=category, or a file of it."),
    ] = None,
    type_: Annotated[str | None, typer.Option("--type", help="The type of entities that say none (item).")] = None,
    propose: Annotated[bool, typer.Option("--propose", help="Write FILE.map.json, a mapping; load nothing.")] = False,  # noqa: FBT002  # a flag
    replace: Annotated[bool, typer.Option("--replace", help="Then remove entities that it does not have.")] = False,  # noqa: FBT002  # a flag
    yes: Annotated[bool, typer.Option("--yes", help="Let --replace remove more than half.")] = False,  # noqa: FBT002  # a flag
    restart: Annotated[bool, typer.Option("--restart", help="Load all, though a part was loaded before.")] = False,  # noqa: FBT002  # a flag
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Load or update a catalogue, or rebuild its index."""
    if propose:
        _propose(file, as_json=as_json)
        return
    settings = load_settings()
    if file == _REBUILD:
        with by_command(settings.audit_path, "rebuild index"):
            report = catalogue_rebuild.rebuild(settings)
        tables.show(report, as_json=as_json, table=catalogue_rebuild.table)
        return
    if yes and not replace:
        raise InvalidInput("--yes goes with --replace")
    mapping = _mapping(columns, type_)
    try:
        report = catalogue_file.load(file, settings, mapping, catalogue_file.How(restart, replace, most=yes))
    except NeedsMapping as needs:
        _show(file, needs, as_json=as_json)
        raise
    told = "were new or changed" if settings.brokers is None else "were written to Kafka"
    line = f"{{taken}} of {{read}} entities {told}; {{bad}} could not be read"
    if report["repeated"]:
        line += "; {repeated} had the id of one before them, whose place they took"
    if report["removed"]:
        line += "; {removed} that it does not have were removed"
    elif report["unlisted"]:
        line += "; {unlisted} others are left that it does not have (--replace removes such)"
    tables.show(report, as_json=as_json, line=line)
    if report["bad"]:
        raise typer.Exit(1)


def _mapping(columns: list[str] | None, type_: str | None) -> Mapping | None:
    mapping = read_mapping(",".join(columns)) if columns else None
    return mapping if type_ is None else (mapping or Mapping()).model_copy(update={"type": type_})


def _propose(file: str, *, as_json: bool) -> None:
    """Write a proposal beside the file, or to standard output where there is none."""
    with opened(file) as source:
        found = proposed(source)
    text = write_mapping(found.proposal)
    if file == STANDARD_INPUT or as_json:
        _say_unsure(found)
        typer.echo(text, nl=False)
        return
    path = Path(f"{file}{_SUFFIX}")
    try:
        with path.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise InvalidInput(f"{path} is there already: use it with --map, or remove it") from None
    except OSError as error:
        raise InvalidInput(f"cannot write {path}: {error.strerror}; `--propose --json` prints it") from error
    tables.show({}, as_json=False, table=lambda _: [proposal_table(found)])
    _say_unsure(found)
    typer.echo(f"written to {path}: change it as you like, then\n  ltrr index {file} --map {path}")


def _show(file: str, needs: NeedsMapping, *, as_json: bool) -> None:
    """Show a proposal to whoever has given a file without a mapping; what is not sure stands in the error."""
    if as_json:
        typer.echo(write_mapping(needs.proposal), nl=False)
        return
    tables.show({}, as_json=False, table=lambda _: [proposal_table(needs)])
    option = as_option(needs.proposal)
    named = "name" in needs.proposal.columns
    would_do = "This would do" if named else "This would do with the name's column in it"
    if option is not None:
        sys.stdout.write(f"{would_do}:\n  ltrr index {file} --map '{option}{'' if named else ',name=COLUMN'}'\n")
    elif file != STANDARD_INPUT:
        sys.stdout.write(f"{would_do}:\n  ltrr index {file} --propose\n  ltrr index {file} --map {file}{_SUFFIX}\n")


def _say_unsure(needs: NeedsMapping) -> None:
    sys.stderr.writelines(f"not sure: {one}\n" for one in needs.unsure)
