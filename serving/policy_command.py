"""`ltrr policy`: the versions of learned state: look at them, compare them, change which one is active."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from models.errors import InvalidInput, InvalidSettings
from serving import tables
from serving.retention import prune_after
from serving.settings import Settings, load_settings
from serving.version_table import compare, listing
from streams import promotion, retention
from streams.admin import check

policy_app = typer.Typer(no_args_is_help=True, help="Look at the learned policy and its versions, and change over.")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]
Application = Annotated[str | None, typer.Option(help="Tenant; the first of LTRR_APPLICATIONS where absent.")]
Version = Annotated[str, typer.Argument(help="Name of a version; `ltrr policy list` has them.")]


@policy_app.command("list")
def list_versions(as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """List all versions on the state topics."""
    settings, bootstrap = _on_kafka()
    tables.show(asyncio.run(listing(bootstrap, settings)), as_json=as_json, table=_versions)


@policy_app.command()
def diff(one: Version, other: Version, application: Application = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Compare what two versions think of each arm, and the settings that they were learned under."""
    settings, bootstrap = _on_kafka()
    name = _application(settings, application)
    tables.show(asyncio.run(compare(bootstrap, settings, one, other, name)), as_json=as_json, table=_differences)


@policy_app.command()
def prune(
    keep: Annotated[int | None, typer.Option(min=0, help="How many others stay (LTRR_KEEP_VERSIONS).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing.")] = False,  # noqa: FBT002  # a flag
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Remove versions, but for those that are in use, those that a rollback goes to, and the newest of the others."""
    settings, bootstrap = _on_kafka()
    keep = settings.keep_versions if keep is None else keep
    if keep is None:
        raise InvalidInput("all versions are kept: say how many with --keep, or set LTRR_KEEP_VERSIONS")
    pruned = asyncio.run(retention.prune(bootstrap, settings.partitions, keep, settings.version, dry_run=dry_run))
    tables.show({"keep": keep, "dry_run": dry_run, **asdict(pruned)}, as_json=as_json, table=_pruned)


@policy_app.command()
def promote(version: Version, application: Application = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Serve an application from a version: all query workers change over as soon as they have loaded it."""
    settings, bootstrap = _on_kafka()
    name = _application(settings, application)
    active = asyncio.run(promotion.promote(bootstrap, settings.partitions, name, version, settings.version))
    removed = asyncio.run(prune_after(settings, bootstrap))
    line = f"{_SERVED}; removed: {', '.join(removed)}" if removed else _SERVED
    tables.show({"application": name, **asdict(active), "removed": removed}, as_json=as_json, line=line)


@policy_app.command()
def rollback(application: Application = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Serve an application from the version before the active one."""
    settings, bootstrap = _on_kafka()
    name = _application(settings, application)
    active = asyncio.run(promotion.roll_back(bootstrap, settings.partitions, name, settings.version))
    tables.show({"application": name, **asdict(active)}, as_json=as_json, line=_SERVED)


@policy_app.command()
def delete(version: Version, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Remove all records of a version that is not active and has no workers."""
    settings, bootstrap = _on_kafka()
    gone = asyncio.run(promotion.delete(bootstrap, settings.partitions, version, settings.version))
    tables.show({"version": version, "records": gone}, as_json=as_json, line="{version}: {records} records removed")


_SERVED = "{application} is served from version {version}"


def _on_kafka() -> tuple[Settings, str]:
    settings = load_settings()
    if settings.kafka is None:
        raise InvalidSettings("there are versions on Kafka only: set LTRR_KAFKA to its host:port")
    check(settings.kafka, settings.partitions)
    return settings, settings.kafka


def _application(settings: Settings, name: str | None) -> str:
    if name is not None and name not in settings.applications:
        raise InvalidInput(f"application {name!r} is not served here; add it to LTRR_APPLICATIONS")
    return name or settings.applications[0]


def _versions(answer: tables.Answer) -> list[Table]:
    table = Table(title_justify="left")
    for column in ("version", "active for", "revision", "behind", "workers", "policy records", "queries", "made by"):
        table.add_column(column, overflow="fold")
    for row in answer["versions"]:
        made = "workers" if row["recipe"] is None else "replay" if row["complete"] else "replay, not through"
        numbers = (row[name] for name in ("revision", "behind", "workers", "policy_records", "memory_records"))
        table.add_row(row["version"], " ".join(row["active"]), *map(str, numbers), made)
    return [table]


def _pruned(answer: tables.Answer) -> list[Table]:
    table = Table(title_justify="left")
    table.add_column("version", overflow="fold")
    table.add_column("would go" if answer["dry_run"] else "records removed", justify="right")
    table.add_column("kept because", overflow="fold")
    for version, records in answer["removed"].items():
        table.add_row(version, "yes" if answer["dry_run"] else str(records), "")
    for version, reason in answer["kept"].items():
        table.add_row(version, "", reason)
    return [table]


def _differences(answer: tables.Answer) -> list[Table]:
    one, other = answer["versions"]
    arms = Table(title_justify="left", title=f"{answer['application']}: {one} and {other}")
    arms.add_column("arm")
    for version in (one, other):
        arms.add_column(f"mean credit {version}")
        arms.add_column(f"observations {version}")
    for row in answer["arms"]:
        cells: list[str] = []
        for version in (one, other):
            found: dict[str, Any] | None = row[version]
            cells += [f"{found['mean_credit']:+.4f}", f"{found['observations']:.0f}"] if found else ["", ""]
        arms.add_row(row["arm"], *cells)
    settings = Table("setting", one, other, title_justify="left", caption_justify="left")
    settings.caption = None if answer["settings"] else "learned under the same settings"
    for name, values in answer["settings"].items():
        settings.add_row(name, *map(str, values))
    return [arms, settings]
