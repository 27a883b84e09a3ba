"""`ltrr policy`: the versions of learned state: look at them, compare them, change which one is active."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer
from pydantic import JsonValue
from rich.table import Table

from ltrr.models.errors import InvalidInput, InvalidSettings
from ltrr.serving.access.audit import by_command
from ltrr.serving.http.answers import given
from ltrr.serving.http.connection import ask, connect
from ltrr.serving.settings.applications import application_named
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.terminal import tables
from ltrr.serving.terminal.moments import parse_moment
from ltrr.serving.versions import forgetting
from ltrr.serving.versions.retention import prune_after
from ltrr.serving.versions.table import compare, listing
from ltrr.serving.watching.learners import unlearned
from ltrr.streams.kafka.admin import check
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.versions import promotion, retention
from ltrr.streams.versions.active import Active, Mode

policy_app = typer.Typer(no_args_is_help=True, help="Look at the learned policy and its versions, and change over.")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]
Application = Annotated[str | None, typer.Option(help="Tenant; the first of LTRR_APPLICATIONS where absent.")]
Version = Annotated[str, typer.Argument(help="Name of a version; `ltrr policy list` has them.")]

_ONE: Final = "embedded there is one, see `ltrr policy show`"
_BY_MODE: Final = (
    "embedded, who decides is said at a start: `LTRR_MODE=static ltrr serve` runs the baseline, `shadow` decides "
    "unseen, `apprentice` explores around the baseline, `online` decides by what was learned"
)
_FORGETS: Final = "{version} learns {application} with a half-life of {half_life:g} s from {from} on"


@policy_app.command("list")
def list_versions(as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """List all versions on the state topics."""
    settings, bootstrap = _on_kafka(_ONE)
    tables.show(asyncio.run(listing(bootstrap, settings)), as_json=as_json, table=_versions)


@policy_app.command()
def show(application: Application = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Show the active policy and what it thinks of each arm."""
    found = asyncio.run(_shown(load_settings(), application))
    tables.show(found, as_json=as_json, table=tables.policy)


async def _shown(settings: Settings, application: str | None) -> dict[str, Any]:
    """Return the policy, and under `lately` what the last searches ran."""
    named = given(application=application)
    async with connect(settings) as client:
        found: dict[str, Any] = await ask(client, "GET", "/v1/policy", params=named)
        strategies = await ask(client, "GET", "/v1/dashboard/strategies", params=named)
    return found | {"lately": strategies["lately"]}


@policy_app.command()
def diff(one: Version, other: Version, application: Application = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Compare what two versions think of each arm, and the settings that they were learned under."""
    settings, bootstrap = _on_kafka(_ONE)
    name = application_named(application, settings.applications)
    tables.show(asyncio.run(compare(bootstrap, settings, one, other, name)), as_json=as_json, table=_differences)


@policy_app.command()
def prune(
    keep: Annotated[int | None, typer.Option(min=0, help="How many others stay (LTRR_KEEP_VERSIONS).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing.")] = False,  # noqa: FBT002  # a flag
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Remove versions, but for those that are in use, those that a rollback goes to, and the newest of the others."""
    settings, bootstrap = _on_kafka(_ONE)
    keep = settings.keep_versions if keep is None else keep
    if keep is None:
        raise InvalidInput("all versions are kept: say how many with --keep, or set LTRR_KEEP_VERSIONS")
    noted = contextlib.nullcontext() if dry_run else by_command(settings.audit_path, "prune", keep=keep)
    with noted:
        pruned = asyncio.run(retention.prune(bootstrap, settings.partitions, keep, settings.version, dry_run=dry_run))
    tables.show({"keep": keep, "dry_run": dry_run, **asdict(pruned)}, as_json=as_json, table=_pruned)


@policy_app.command()
def promote(
    version: Version,
    mode: Annotated[
        Mode,
        typer.Option(help="Who decides: its policy, its baseline, that and nothing learned, or its policy unseen."),
    ] = Mode.ONLINE,
    application: Application = None,
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Serve an application from a version, or put that into the shadow: all query workers change over at once."""
    settings, bootstrap = _on_kafka(_BY_MODE)
    name = application_named(application, settings.applications)
    with by_command(settings.audit_path, "promote", version=version, application=name, mode=mode):
        active = asyncio.run(promotion.promote(bootstrap, settings.partitions, name, version, settings.active, mode))
    if trouble := unlearned(bootstrap, version, settings.version):
        sys.stderr.write(f"ltrr: {trouble}, or it knows nothing of what comes in from now on\n")
    _show_active(name, active, as_json=as_json, removed=asyncio.run(prune_after(settings, bootstrap)))


@policy_app.command()
def rollback(application: Application = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Serve an application from what came before, or end its shadow."""
    settings, bootstrap = _on_kafka(_BY_MODE)
    name = application_named(application, settings.applications)
    with by_command(settings.audit_path, "roll back", application=name):
        active = asyncio.run(promotion.roll_back(bootstrap, settings.partitions, name, settings.active))
    _show_active(name, active, as_json=as_json)


@policy_app.command()
def forget(
    half_life: Annotated[float, typer.Option(min=1.0, help="Seconds after which an observation counts half.")],
    since: Annotated[
        str | None, typer.Option("--from", help="Event time from which it holds; as soon as can be where absent.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Event time from which the former one holds again; for good where absent.")
    ] = None,
    application: Application = None,
    version: Annotated[str | None, typer.Option(help="Version that learns; the active one where absent.")] = None,
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Forget faster, or more slowly, what is learned of impressions from an event time on."""
    settings, bootstrap = _on_kafka("embedded, set LTRR_HALF_LIFE_S: the log is learned again under it")
    name = application_named(application, settings.applications)
    work = forgetting.forget(
        bootstrap,
        settings,
        name,
        half_life,
        version=version,
        from_s=None if since is None else parse_moment(since),
        until_s=None if until is None else parse_moment(until),
        now_s=time.time(),
    )
    about: dict[str, JsonValue] = {"version": version, "application": name, "from": since, "until": until}
    with by_command(settings.audit_path, "forget", half_life_s=half_life, **about):
        forgets = asyncio.run(work)
    tables.show(forgets, as_json=as_json, line=_FORGETS)


@policy_app.command()
def delete(version: Version, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Remove all records of a version that is neither active nor in a shadow, and has no workers."""
    settings, bootstrap = _on_kafka(_ONE)
    with by_command(settings.audit_path, "delete", version=version):
        gone = asyncio.run(promotion.delete(bootstrap, settings.partitions, version, settings.version))
    tables.show({"version": version, "records": gone}, as_json=as_json, line="{version}: {records} records removed")


def _show_active(application: str, active: Active, *, as_json: bool, removed: Sequence[str] = ()) -> None:
    line = "{application} is served from version {version}, {mode}"
    if active.shadow is not None:
        line += "; in its shadow decides version {shadow}"
    if removed:
        line += f"; removed: {', '.join(removed)}"
    tables.show({"application": application, **asdict(active), "removed": list(removed)}, as_json=as_json, line=line)


def _on_kafka(otherwise: str) -> tuple[Settings, Brokers]:
    """Return the settings, and where Kafka is. otherwise: what to do embedded. Raises InvalidSettings there."""
    settings = load_settings()
    if settings.brokers is None:
        raise InvalidSettings(f"there are versions on Kafka only: set LTRR_KAFKA to its host:port; {otherwise}")
    check(settings.brokers, settings.partitions)
    return settings, settings.brokers


def _versions(answer: tables.Answer) -> list[Table]:
    table = Table(title_justify="left")
    for column in ("version", "active for", "revision", "behind", "workers", "records", "made by"):
        table.add_column(column, overflow="fold", min_width=len("revision"))  # 80 characters hold each word
    for row in answer["versions"]:
        made = "workers" if row["recipe"] is None else "replay" if row["complete"] else "replay, not through"
        numbers = (str(row[name]) for name in ("revision", "behind", "workers"))
        records = f"{row['policy_records']} policy, {row['memory_records']} queries"
        table.add_row(row["version"], _roles(row["modes"]), *numbers, records, made)
    changes = Table("version", "application", "from", "half-life", title_justify="left", title="changes of forgetting")
    for row in answer["versions"]:
        for application, forgets in row["forgetting"].items():
            for change in forgets["changes"]:
                changes.add_row(row["version"], application, change["from"], f"{change['half_life_s']} s")
    troubles = [row["trouble"] for row in answer["versions"] if row["trouble"]]
    if unplaced := answer["unplaced"]:
        troubles.append(
            f"learned for {', '.join(unplaced)}, too, never promoted: LTRR_APPLICATIONS and LTRR_VERSION of query "
            "workers say what serves them; set both here to see it"
        )
    table.caption, table.caption_justify = "\n".join(troubles) or None, "left"
    return [table, changes] if changes.row_count else [table]


def _roles(modes: Mapping[str, list[str]]) -> str:
    return ", ".join(f"{name} ({' and '.join(its)})" for name, its in modes.items())


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
        arms.add_column(f"{tables.DECAYED_WEIGHT} {version}")
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
    changes = ["\n".join(f"{c['half_life_s']} s from {c['from']}" for c in f["changes"]) for f in answer["forgetting"]]
    if changes[0] != changes[1]:
        settings.add_row("changes of half_life_s", *changes)
        settings.caption = None
    return [arms, settings]
