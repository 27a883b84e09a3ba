"""`ltrr replay`: learn a stretch of the past again, into a version beside the live one."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

import typer
from pydantic import JsonValue
from pydantic_core import from_json

from ltrr.models.errors import InvalidInput, InvalidSettings
from ltrr.models.statistics.decay import write_forgetting
from ltrr.serving.access.audit import by_command
from ltrr.serving.processes.garbage import short_collections
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import VERSION_NAME, Settings, load_settings
from ltrr.serving.settings.signing_key import reading_seals, reading_visitors
from ltrr.serving.settings.versioned import SHAPING, VERSIONED
from ltrr.serving.terminal import tables
from ltrr.serving.terminal.advance import Show, shown
from ltrr.serving.terminal.stretch import embedded_stretch, stretch
from ltrr.serving.versions.retention import prune_after
from ltrr.serving.versions.secret import hold_to_secret
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.topics import EVENT_TOPICS
from ltrr.streams.kafka.admin import check
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.replay.embedded_rebuild import learn_again
from ltrr.streams.replay.event_stretch import open_to_read
from ltrr.streams.replay.rebuild import CHECKPOINT_EVENTS, Advance, Rebuild, Rebuilt
from ltrr.streams.state.partition_store import LookedAt
from ltrr.streams.versions.promotion import begin, read_board
from ltrr.streams.versions.sources import Mark, check_sources
from ltrr.streams.versions.versions import Board, Offsets, Recipe


def replay(
    since: Annotated[
        str | None, typer.Option("--from", help="Time, or file of offsets; the beginning of what is kept where absent.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Time, or file of offsets; now where absent.")] = None,
    policy: Annotated[str | None, typer.Option(help="Policy of the new version (LTRR_POLICY).")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", help="Setting of the new version, NAME=VALUE, VALUE as JSON; repeated.")
    ] = None,
    into: Annotated[str | None, typer.Option(help="Name of the new version; LTRR_VERSION-replay where absent.")] = None,
    plain: Annotated[  # noqa: FBT002  # a flag
        bool, typer.Option("--no-forgetting", help="Leave out what `ltrr policy forget` changed in LTRR_VERSION.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,  # noqa: FBT002  # a flag
    checkpoint: Annotated[
        int, typer.Option(min=1, help="Events after which what was learned is committed.")
    ] = CHECKPOINT_EVENTS,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Rebuild policy, memory and ranker from the event topics into a version of their own; go on where it ended."""
    settings = load_settings()
    if settings.brokers is None and not dry_run:
        raise InvalidSettings(
            "there are versions on Kafka only: add --dry-run to see what the data folder's log would teach; to serve "
            "that, set what you gave with --set as LTRR_ variables and start `ltrr serve`, which learns the log again"
        )
    version = into or f"{settings.version}-replay"
    if not re.fullmatch(VERSION_NAME, version):
        raise InvalidInput(f"{version!r} cannot be a version's name: letters, digits, dots, - and _, at most 50")
    wishes = _wishes(given or [], policy)
    settings.of_version(wishes).learning(strategy_arms())  # a bad setting is told before Kafka is asked
    asked = {"from": since or "", "to": until or ""} | ({_PLAIN: "yes"} if plain else {})
    if settings.brokers is None:
        report = _replay_embedded(settings, version, wishes, asked)
    else:
        check(settings.brokers, settings.partitions)
        hold_to_secret(settings, settings.brokers)
        work = _replay(settings, settings.brokers, version, wishes, asked, checkpoint=checkpoint, dry=dry_run)
        noted = contextlib.nullcontext() if dry_run else by_command(settings.audit_path, "replay", version=version)
        with noted, short_collections():
            report = asyncio.run(work)
    line = f"{_LINE}; removed: {', '.join(report['removed'])}" if report["removed"] else _LINE
    if report["dead_letters"]:
        now = " of what was read now" if report["resumed"] else ""
        line += f"; left out{now}: {', '.join(f'{count} {reason}' for reason, count in report['dead_letters'].items())}"
    if report["dead_letters"].get(Reason.FOREIGN):
        line += " (pages without a seal of this installation: see LTRR_SECRET and LTRR_FORMER_SECRETS)"
    outcomes = (f"; {topic}: {_counted(counts)}" for topic, counts in report["counts"].items())
    waiting = f"; {report['waiting']} actions wait for their page" if report["waiting"] else ""
    tables.show(report, as_json=as_json, line=f"{line}{''.join(outcomes)}{waiting}")


_PLAIN = "no-forgetting"
_LINE = (
    "{version}: {events} events in {seconds:.1f} s ({events_per_s:.0f} events/s), {resumed} messages were there; "
    "revision {revision}, digest {digest}"
)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items())


def _wishes(given: list[str], policy: str | None) -> dict[str, JsonValue]:
    """Return the settings that were given: name -> value."""
    wishes: dict[str, JsonValue] = {} if policy is None else {"policy": policy}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or name not in VERSIONED:
            raise InvalidInput(f"--set {one!r}: write NAME=VALUE; a version's settings are {', '.join(VERSIONED)}")
        try:
            wishes[name] = from_json(value)
        except ValueError:
            wishes[name] = value
    return wishes


async def _replay(
    settings: Settings,
    bootstrap: Brokers,
    version: str,
    wishes: dict[str, JsonValue],
    asked: dict[str, str],
    *,
    checkpoint: int,
    dry: bool,
) -> dict[str, Any]:
    board = await read_board(bootstrap, settings.partitions)
    recipe, is_through = _recipe(settings, wishes, asked, None), False
    if not dry:
        recipe = _recipe(settings, wishes, asked, _begun(board, version))
        is_through = board.complete(version) and version in board.recipes
    start, end = recipe.start, recipe.end
    if recipe.end:
        await check_sources(bootstrap, settings.partitions, version, [_reached(one) for one in end])
        await check_sources(bootstrap, settings.partitions, version, board.reached(version))
    else:
        start, end = stretch(bootstrap, settings.partitions, asked["from"], asked["to"])
        taken_over = {} if _PLAIN in asked else board.forgetting(settings.version)
        recipe = Recipe(recipe.settings, start, end, asked, taken_over)
        if not dry:
            await begin(bootstrap, version, recipe)
    learned = settings.of_version(recipe.settings)
    looked_at = version if is_through else None
    rebuild = Rebuild(
        bootstrap,
        replace(learned.learning(strategy_arms()), forgetting=recipe.forgetting),
        version,
        start,
        end,
        seals=reading_seals(settings),
        checkpoint_events=checkpoint,
        visitors=reading_visitors(settings),
        store=(lambda partition: LookedAt(bootstrap, looked_at, partition)) if dry or is_through else None,
    )
    began_s = time.monotonic()
    with shown(f"replay into {version}") as show:
        rebuilt = await rebuild.run(_shower(show, began_s))
    report = _report(version, recipe, rebuilt, time.monotonic() - began_s) | {"dry_run": dry}
    return report | {"removed": [] if dry else await prune_after(settings, bootstrap, version)}


def _reached(offsets: Mapping[str, int]) -> dict[str, Mark]:
    return {topic: Mark(offset) for topic, offset in offsets.items()}


def _replay_embedded(
    settings: Settings, version: str, wishes: dict[str, JsonValue], asked: dict[str, str]
) -> dict[str, Any]:
    """Learn the log of the data folder again, beside the process that uses it, and keep nothing."""
    recipe = _recipe(settings, wishes, asked, None)
    learning = settings.of_version(recipe.settings).learning(strategy_arms())
    with open_to_read(settings.data_dir, EVENT_TOPICS) as log, shown("replay") as show:
        start, end = embedded_stretch(log, asked["from"], asked["to"])
        began_s = time.monotonic()
        told = _shower(show, began_s)
        seals, visitors = reading_seals(settings), reading_visitors(settings)
        rebuilt = learn_again(log, learning, start[0], end[0], told, seals, visitors)
    report = _report(version, replace(recipe, start=start, end=end), rebuilt, time.monotonic() - began_s)
    return report | {"dry_run": True, "removed": []}


def _shower(show: Show, began_s: float) -> Callable[[Advance], None]:
    """Return what shows how far a replay is."""

    def told(advance: Advance) -> None:
        rate = advance.events / max(1e-9, time.monotonic() - began_s)
        show(advance.done, advance.messages, f"partition {advance.partition}, {rate:.0f} events/s")

    return told


def _begun(board: Board, version: str) -> Recipe | None:
    """Return the recipe of a version that a replay has begun. Raises InvalidInput where workers made it."""
    recipe = board.recipes.get(version)
    if recipe is None and version in board.progress:
        raise InvalidInput(f"{version!r} is a version that workers learn: name another one with --into")
    return recipe


def _recipe(settings: Settings, wishes: dict[str, JsonValue], asked: dict[str, str], begun: Recipe | None) -> Recipe:
    """Return how the version is made: as it was begun, or as it is asked for now, without offsets.

    Raises InvalidInput where it was begun in another way.
    """
    learned = settings.of_version(wishes)
    kept = learned.model_dump(mode="json", include={*SHAPING, *wishes})
    kept["arms"] = list(learned.learning(strategy_arms()).rules.names)  # also of strategies that are added later
    if begun is None:
        return Recipe(kept, [], [], asked)
    if begun.asked != asked or begun.settings != kept:
        ways = {name: (begun.asked.get(name), asked.get(name)) for name in {**begun.asked, **asked}}
        other = [f"--{name} {was or '(absent)'}" for name, (was, now) in ways.items() if was != now]
        both = kept.keys() | begun.settings.keys()
        other += [
            f"{name}={begun.settings.get(name)}" for name in sorted(both) if kept.get(name) != begun.settings.get(name)
        ]
        raise InvalidInput(f"this version was begun with {', '.join(other)}: give the same, or another --into")
    return begun


def _report(version: str, recipe: Recipe, rebuilt: Rebuilt, seconds: float) -> dict[str, Any]:
    counts: dict[str, dict[str, int]] = {}
    for (topic, outcome), count in sorted(rebuilt.counts.items()):
        counts.setdefault(topic, {})[outcome] = count
    return {
        "version": version,
        "settings": dict(recipe.settings),
        "forgetting": write_forgetting(recipe.forgetting),
        "from": _by_topic(recipe.start),
        "to": _by_topic(recipe.end),
        "revision": rebuilt.revision,
        "resumed": rebuilt.resumed,
        "messages": rebuilt.messages,
        "events": rebuilt.events,
        "seconds": round(seconds, 3),
        "events_per_s": round(rebuilt.events / max(1e-9, seconds), 1),
        "counts": counts,
        "waiting": rebuilt.waiting,
        "dead_letters": dict(sorted(rebuilt.dead_letters.items())),
        "digest": rebuilt.digest,
    }


def _by_topic(offsets: Offsets) -> dict[str, dict[str, int]]:
    """Return offsets as a file for --from and --to has them."""
    topics: dict[str, dict[str, int]] = {}
    for partition, of_topics in enumerate(offsets):
        for topic, offset in of_topics.items():
            topics.setdefault(f"ltrr.{topic}", {})[str(partition)] = offset
    return topics
