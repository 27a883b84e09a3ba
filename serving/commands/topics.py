"""`ltrr topics`: make the topics, and look at them."""

import asyncio
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from ltrr.models.errors import InvalidSettings
from ltrr.serving.access.audit import by_command
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal import tables
from ltrr.serving.versions.secret import replace_secret
from ltrr.streams.kafka import admin
from ltrr.streams.kafka.admin import Difference, TopicState
from ltrr.streams.kafka.brokers import Brokers

_DAY_MS: Final = 86_400_000
topics_app = typer.Typer(no_args_is_help=True, help="Make the Kafka topics, and look at them.")

Bootstrap = Annotated[str | None, typer.Option(help="Kafka's address host:port, several with commas (LTRR_KAFKA).")]
Partitions = Annotated[
    int | None, typer.Option(min=1, help="Partitions of the topics that share them (LTRR_PARTITIONS).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]


@topics_app.command()
def create(
    bootstrap: Bootstrap = None,
    partitions: Partitions = None,
    replication: Annotated[
        int | None, typer.Option(min=1, help="Copies of each partition; as the brokers are set up where absent.")
    ] = None,
    alter: Annotated[bool, typer.Option("--alter", help="Give settings that differ their expected values.")] = False,  # noqa: FBT002  # a flag
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Make the topics that are missing; refuse those that are there and differ."""
    address, count = _where(bootstrap, partitions)
    altered = [_plain(one) for one in admin.alter(address, count)] if alter else []
    created = admin.create(address, count, replication)
    report = {"bootstrap": str(address), "created": created, "altered": altered}
    done = f"{len(created)} topics made, {len(altered)} settings mended" if created or altered else "all topics fit"
    tables.show(report, as_json=as_json, line=f"{done} at {{bootstrap}}")


@topics_app.command()
def describe(bootstrap: Bootstrap = None, partitions: Partitions = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Show each topic's partitions, settings and offsets, and whether it fits."""
    address, count = _where(bootstrap, partitions)
    report = {"bootstrap": str(address), "topics": [_row(state) for state in admin.describe(address, count)]}
    tables.show(report, as_json=as_json, table=_tables)


@topics_app.command()
def secret() -> None:
    """Put LTRR_SECRET on record as the one of all processes, where the one that was is lost or known to others.

    What that one sealed teaches nothing any more, and visitors are all new, but for what LTRR_FORMER_SECRETS names.
    """
    settings = load_settings()
    if settings.brokers is None:
        raise InvalidSettings("the secret of processes on Kafka is on record there: set LTRR_KAFKA to its host:port")
    admin.check(settings.brokers, settings.partitions)
    with by_command(settings.audit_path, "replace secret"):
        asyncio.run(replace_secret(settings, settings.brokers))
    typer.echo("LTRR_SECRET is on record: start all processes with it")


def _where(bootstrap: str | None, partitions: int | None) -> tuple[Brokers, int]:
    settings = load_settings()
    address = bootstrap or settings.kafka
    if address is None:
        raise InvalidSettings("where is Kafka? give --bootstrap host:port, or set LTRR_KAFKA")
    return Brokers(address, settings.kafka_security), partitions or settings.partitions


def _row(state: TopicState) -> dict[str, Any]:
    return {
        "topic": state.name,
        "exists": state.exists,
        "fits": state.fits,
        "partitions": state.partitions,
        "replication": state.replication,
        "settings": dict(state.settings),
        "begin": list(state.begin),
        "end": list(state.end),
        "differences": [_plain(one) for one in state.differences],
    }


def _kept(settings: dict[str, str]) -> str:
    """Return how long messages are kept, in words."""
    ways = settings.get("cleanup.policy", "").split(",")
    kept = ["compacted"] if "compact" in ways else []
    if "delete" in ways:
        kept_ms = int(settings.get("retention.ms", -1))
        kept.append("for ever" if kept_ms < 0 else f"{kept_ms / _DAY_MS:.3g} days")
    return ", ".join(kept)


def _plain(one: Difference) -> dict[str, str]:
    return {"topic": one.topic, "setting": one.setting, "found": one.found, "expected": one.expected}


def _tables(answer: tables.Answer) -> list[Table]:
    table = Table(title=f"topics at {answer['bootstrap']}", title_justify="left")
    for column in ("topic", "partitions", "copies", "kept", "offsets", "fits"):
        table.add_column(column, overflow="fold")
    for row in answer["topics"]:
        wrong = [f"{one['setting']} is {one['found']}, expected {one['expected']}" for one in row["differences"]]
        table.add_row(
            row["topic"],
            str(row["partitions"]),
            str(row["replication"]),
            _kept(row["settings"]),
            " ".join(f"{begin}-{end}" for begin, end in zip(row["begin"], row["end"], strict=True)),
            "yes" if row["fits"] else "; ".join(wrong) or "missing: ltrr topics create",
        )
    return [table]
