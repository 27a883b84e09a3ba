"""`ltrr doctor`: look at everything that ltrr needs here, and say what to do where something is missing."""

import asyncio
import os
import shutil
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from rich.table import Table

from ltrr.models.baseline.regret import LEAST_PAGES, LEAST_SHARE
from ltrr.models.errors import InvalidInput, InvalidSettings, LtrrError, SnapshotMismatch
from ltrr.models.learning.join import Outcome
from ltrr.models.plans.plan import PlanRules
from ltrr.models.state.learning import Learning
from ltrr.models.state.progress import ACTIONS, IMPRESSIONS
from ltrr.models.state.records import check_teaching
from ltrr.models.statistics.snapshot import Snapshot
from ltrr.retrievers.engines.base import Holding, SharedEngine
from ltrr.retrievers.index.cards import stored_facts, stored_places
from ltrr.retrievers.understanding.synonyms import Synonyms
from ltrr.serving.events.bookmark import interrupted
from ltrr.serving.http.connection import ask, connect, running_server, server_url, serves_at
from ltrr.serving.judging.first_places import first_places
from ltrr.serving.publishing.acted import acted_on
from ltrr.serving.publishing.one_visitor import visitors_of
from ltrr.serving.retrieval.opening import open_shared, strategy_arms
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.settings.signing_key import Secrets, reading_seals
from ltrr.serving.terminal import tables
from ltrr.serving.versions.secret import said_of_secret
from ltrr.serving.watching.installed import java_of_servers, versions
from ltrr.serving.watching.learners import learned_by, refused, said_of_sources, taking_part
from ltrr.streams.catalogue.index_agent import index_group
from ltrr.streams.embedded.checkpoint import read_checkpoint
from ltrr.streams.events.topics import Topic
from ltrr.streams.files.room import used_bytes
from ltrr.streams.kafka import admin, cluster
from ltrr.streams.kafka.brokers import Brokers, Protocol, Security
from ltrr.streams.versions.promotion import read_board

_LEAST_FREE_BYTES: Final = 1 << 30
_ANSWER_S: Final = 10.0
_NAMED: Final = 5
_THE_WAY_BACK: Final = (
    "run the baseline until it is clear why (LTRR_MODE=static; on Kafka `ltrr policy promote VERSION --mode static`, "
    "or `ltrr policy rollback`)"
)
_LEFT: Final = (
    "on the others strategies of the baseline are off, and no log tells what these would have found: see why they look "
    "bad (`ltrr policy show`; `visitors` here), judge answers (`ltrr judge`), or raise LTRR_CAUTION"
)
State = Literal["ok", "undecided", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing. said: how it is, and where it is not ok what to do.

    undecided: it could not be told, as of searches too few to compare; neither ok nor a reason to do anything.
    """

    what: str
    state: State
    said: str


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


def examine() -> Iterator[Finding]:
    """Yield what is found, one thing after the other; each is looked at whatever is wrong with those before it."""
    yield _try("versions", versions)
    yield _try("java", java_of_servers, worst="warning")
    try:
        settings = load_settings()
        learning = settings.learning(strategy_arms())
    except LtrrError as error:
        yield Finding("settings", "failed", str(error))
        return
    changed = sorted(settings.model_fields_set)
    yield Finding("settings", "ok", f"set: {', '.join(changed)}" if changed else "all as they come")
    yield _try("arms", lambda: _arms(learning.rules), worst="warning")
    yield _try("data folder", lambda: _data_folder(settings.data_dir))
    if settings.kafka is None:
        yield _try("secret", lambda: _secret(settings))
    if terms := settings.synonyms:
        yield _try("synonyms", lambda: f"{len(Synonyms.read(terms)):,} terms of {terms}, as a start reads them")
    yield from _catalogue(settings)
    if settings.brokers is None:
        yield _try("learned", lambda: _learned(settings.data_dir / "state.bin", learning), worst="warning")
    yield _try("port", lambda: _port(settings), worst="warning")
    yield from _servers(settings)
    yield from _baselines(settings)


def _servers(settings: Settings) -> Iterator[Finding]:
    bootstrap = settings.brokers
    if bootstrap is None:
        if settings.elasticsearch or settings.qdrant:
            yield Finding("kafka", "failed", "LTRR_ELASTICSEARCH and LTRR_QDRANT need Kafka: set LTRR_KAFKA too")
        else:
            yield Finding("kafka", "ok", "not used: ltrr runs embedded; LTRR_KAFKA would say where it is")
    else:
        yield _try("kafka", lambda: _brokers(bootstrap))
        yield _try("kafka security", lambda: _security(bootstrap.security), worst="warning")
        yield _try("pages", lambda: _pages(settings), worst="warning")
        yield (topics := _try("topics", lambda: _topics(bootstrap, settings.partitions)))
        yield from _learning(settings, bootstrap, topics)
    engines = open_shared(settings)
    for engine, held in zip(engines.values(), asyncio.run(_inspect(engines.values())), strict=True):
        if isinstance(held, LtrrError):
            yield Finding(engine.kind, "failed", str(held))
        elif held.identity is None:
            yield Finding(engine.kind, "warning", f"{held.version}, without {held.name} yet: `ltrr worker` makes it")
        else:
            yield Finding(engine.kind, "ok", f"{held.version}, {held.name} holds {held.entities:,} entities")
            if bootstrap is not None:
                lag = partial(_lag, bootstrap, held.identity)
                yield _try(f"{engine.kind} changes", lag, worst="warning")


async def _inspect(engines: Iterable[SharedEngine[Any]]) -> list[Holding | LtrrError]:
    found: list[Holding | LtrrError] = []
    for engine in engines:
        try:
            found.append(await engine.inspect())
        except LtrrError as error:
            found.append(error)
        await engine.stop()
    return found


def _arms(rules: PlanRules) -> str:
    """Return how many arms there are. Raises where none can be tried beside the baseline."""
    budgets = rules.budgets(rules.baseline)
    baseline = ", ".join(f"{arm} {budget}" for arm, budget in budgets.items()) or "none"
    others = set(rules.ranked) - budgets.keys()
    if others and others == set(rules.crowded_out):
        raise InvalidSettings(
            f"the baseline ({baseline}) leaves no other arm room, which chance alone tries, and little is learned of: "
            "give it less (LTRR_BASELINE), or plans more (LTRR_MAX_CANDIDATES, LTRR_MAX_CALLS)"
        )
    return f"{len(rules.ranked)} to choose from, beside the baseline ({baseline})"


def _data_folder(folder: Path) -> str:
    existing = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise InvalidSettings(f"{existing} cannot be written: make it writable, or set LTRR_DATA_DIR")
    free = shutil.disk_usage(existing).free
    if free < _LEAST_FREE_BYTES:
        raise InvalidSettings(f"{free / 1e9:.1f} GB are free at {existing}: free some, or set LTRR_DATA_DIR")
    return f"{folder} {'is there' if folder.exists() else 'will be made'}, {free / 1e9:.0f} GB are free"


def _secret(settings: Settings) -> str:
    """Return which secret there is. Raises InvalidSettings where it is not the one that the folder was made with."""
    if Secrets(settings, settings.data_dir).made:
        return "none yet: one is made with the first event, where LTRR_SECRET gives none"
    signs = f"the one in {settings.data_dir}" if settings.secret is None else "LTRR_SECRET"
    return f"{signs} signs and seals; visitors have the names that they always had"


def _catalogue(settings: Settings) -> Iterator[Finding]:
    """Yield how large the index of the data folder is, which on Kafka need not be here, and which loads did not end."""
    index = settings.data_dir / "index"
    if settings.brokers is None or index.exists():
        yield _try("index", lambda: _index(index, settings.applications), worst="warning")
        yield _try("stemmer", lambda: _stemmer(index, settings.stemmer))
    if settings.brokers is None and (settings.data_dir / "log").is_dir():
        yield _try("actions", lambda: acted_on(settings), worst="warning")
        yield _try("visitors", lambda: visitors_of(settings), worst="warning")
    for load in interrupted(settings.data_dir):
        how = "the same `ltrr index` goes on there" if load.same else "`ltrr index` begins it anew, as it has changed"
        if not load.file.exists():
            how = "it is not there any more"
        said = f"{load.file} was loaded up to line {load.line}: unless that goes on right now, {how}"
        yield Finding("load", "warning", f"{said}; without {load.kept_in} it is forgotten")


def _index(folder: Path, served: Sequence[str]) -> str:
    """Return how many entities there are. Raises where there are none, or some that no search finds."""
    held = Counter(place.application for place in stored_places(folder))
    if not held:
        raise InvalidInput("no entities yet: load a catalogue with `ltrr index FILE`")
    entities = f"{sum(held.values()):,} entities, {used_bytes(folder) / 1e6:,.0f} MB on disk"
    unserved = [f"{name} ({count:,})" for name, count in held.most_common() if name not in served]
    if unserved:
        raise InvalidInput(
            f"{entities}; no search finds those of applications that are not served: {', '.join(unserved[:_NAMED])}: "
            f"add the application to LTRR_APPLICATIONS, or load the file again for what is served ({', '.join(served)})"
        )
    return entities


def _stemmer(folder: Path, stemmer: str) -> str:
    """Return the language that words are stemmed in. Raises InvalidSettings where the index was made with another."""
    made_with = stored_facts(folder).get("stemmer", stemmer)
    if made_with != stemmer:
        raise InvalidSettings(
            f"the index was made with LTRR_STEMMER={made_with}, not {stemmer}: set it so, or run `ltrr index rebuild`"
        )
    return f"{stemmer}: words are found in their other forms in that language"


def _learned(checkpoint: Path, learning: Learning) -> str:
    """Return what the log has taught up to a checkpoint. Raises where that will change, or where much was untimely."""
    held = (Snapshot.unpack(data).meta for key, data in read_checkpoint(checkpoint) if key.kind == "progress")
    progress = next(held, None)
    if progress is None:
        return "nothing yet, or nothing that was kept"
    counts = Counter({(topic, outcome): count for topic, outcome, count in progress["counts"]})
    taught = " and ".join(f"{counts[topic, Outcome.ACCEPTED]:,} {topic}" for topic in (IMPRESSIONS, ACTIONS))
    others = ", ".join(f"{n:,} {topic} {what}" for (topic, what), n in sorted(counts.items()) if what != "accepted")
    said = f"{taught} had taught at the last checkpoint" + (f"; others: {others}" if others else "")
    try:
        check_teaching(progress.get("teaching", {}), learning.teaching)
    except SnapshotMismatch as error:
        raise InvalidSettings(f"{said}; the next `ltrr serve` learns the log anew, unless it does: {error}") from error
    for topic in (IMPRESSIONS, ACTIONS):
        misplaced = sum(counts[topic, outcome] for outcome in (Outcome.LATE, Outcome.EARLY, Outcome.FUTURE))
        if misplaced > counts[topic, Outcome.ACCEPTED]:
            raise InvalidSettings(
                f"{said}: look at clocks and zones of senders, at the order of a history, and whether LTRR_LATE_S was "
                "raised for it"
            )
    return said


def _port(settings: Settings) -> str:
    url = running_server(settings.data_dir)
    if url is not None:
        return f"`ltrr serve` runs on this data folder, at {url}"
    try:
        socket.create_server((settings.host, settings.port)).close()
    except OSError as error:
        if serves_at(settings.host, settings.port):
            return f"`ltrr serve` runs on {settings.host}:{settings.port}, over another data folder than this"
        raise InvalidSettings(
            f"`ltrr serve` cannot listen on {settings.host}:{settings.port} ({error.strerror}): set LTRR_PORT"
        ) from error
    return f"{settings.host}:{settings.port} is free for `ltrr serve`"


def _brokers(bootstrap: Brokers) -> str:
    return f"brokers of {bootstrap} answer by {bootstrap.security.protocol}: {cluster.brokers(bootstrap)}"


def _security(security: Security) -> str:
    """Return how connections are secured. Raises where that is less than it looks."""
    login = security.login
    if login is not None and not security.protocol.has_tls:
        raise InvalidSettings(
            f"{security.protocol} encrypts nothing, neither events nor the login of {login.user}: set "
            f"LTRR_KAFKA_SECURITY_PROTOCOL={Protocol.SASL_SSL} where Kafka listens so"
        )
    if not security.check_hostname:
        raise InvalidSettings("who has any trusted certificate can pose as Kafka: remove LTRR_KAFKA_CHECK_HOSTNAME")
    if not security.protocol.has_tls:
        return f"{security.protocol}: no encryption, no login; for a network that others do not reach"
    trusted = "the system's authorities" if security.ca is None else str(security.ca)
    shown = "" if security.certificate is None else f", shows {security.certificate}"
    who = "" if login is None else f", logs in as {login.user} by {login.mechanism}"
    return f"{security.protocol}: trusts {trusted}{shown}{who}"


def _pages(settings: Settings) -> str:
    """Return which pages teach. Raises where anybody's do without that being asked for."""
    if reading_seals(settings) is not None:
        return "those that are sealed with LTRR_SECRET teach"
    if settings.foreign_pages is None:
        raise InvalidSettings("whoever writes to ltrr.impressions teaches: set LTRR_SECRET, the same in all processes")
    return "all that are in ltrr.impressions teach"


def _topics(bootstrap: Brokers, partitions: int) -> str:
    admin.check(bootstrap, partitions)
    return f"all fit, {partitions} partitions"


def _learning(settings: Settings, bootstrap: Brokers, topics: Finding) -> Iterator[Finding]:
    """Yield from what and by whom each version is learned that searches use, and what was refused of late."""
    if topics.state != "ok":
        yield Finding("workers", "undecided", "not looked at: topics come first")
        return
    try:
        board = asyncio.run(read_board(bootstrap, settings.partitions))
    except LtrrError as error:
        yield Finding("workers", "failed", str(error))
        return
    yield _try("secret", lambda: said_of_secret(settings, board))
    yield _try("learned from", lambda: asyncio.run(said_of_sources(bootstrap, board, settings)))
    versions = taking_part(board, settings)
    for version, served in versions.items():
        look = partial(learned_by, bootstrap, board, settings, version, served)
        yield _try("workers" if len(versions) == 1 else f"workers of {version}", look, worst="warning")
    yield _try("dead letters", lambda: asyncio.run(refused(bootstrap, time.time())), worst="warning")


def _lag(bootstrap: Brokers, name: str) -> str:
    read, end = cluster.group_offsets(bootstrap, index_group(name), Topic.ENTITIES)
    if read < end:
        raise InvalidSettings(f"{end - read} of {end} changes of the catalogue wait: does `ltrr worker` run for it?")
    return f"all {end} changes of the catalogue are in"


def _baselines(settings: Settings) -> Iterator[Finding]:
    if server_url(settings) is None:
        yield Finding(
            "baseline", "undecided", "not looked at: no `ltrr serve` runs on this data folder; LTRR_URL names another"
        )
        return
    for name in settings.applications:
        of = "" if len(settings.applications) == 1 else f" of {name}"
        try:
            policy = asyncio.run(_policy(settings, name))
        except LtrrError as error:
            yield from (Finding(f"{what}{of}", "warning", str(error)) for what in ("learning", "baseline"))
        else:
            yield _gain(f"learning{of}", policy["baseline"]["unlearned"])
            yield _baseline(f"baseline{of}", policy)
        try:
            yield asyncio.run(_first_places(f"first places{of}", settings, name))
        except LtrrError as error:
            yield Finding(f"first places{of}", "warning", str(error))


async def _policy(settings: Settings, application: str) -> dict[str, Any]:
    """Return what the server says of an application's policy."""
    async with connect(settings) as client:
        client.timeout = _ANSWER_S
        found: dict[str, Any] = await ask(client, "GET", "/v1/policy", params={"application": application})
        return found


def _gain(what: str, found: dict[str, Any]) -> Finding:
    """Return what learning brings: a warning where searches surely earn less than with nothing learned."""
    said = tables.unlearned(found)
    if tables.is_worse(found["difference"]):
        return Finding(what, "warning", f"{said}: {_THE_WAY_BACK}")
    return Finding(what, "undecided" if tables.is_undecided(found["difference"]) else "ok", said)


def _baseline(what: str, policy: dict[str, Any]) -> Finding:
    """Return how plans do beside the baseline's.

    A warning where they surely earn less that matters, and where most pages are not compared.
    """
    found = policy["baseline"]
    said = tables.baseline(found)
    if found["plan"] and found["share"] < LEAST_SHARE and policy["engagement"]["pages"] >= LEAST_PAGES:
        return Finding(what, "warning", f"{said}; {_LEFT}")
    if tables.is_worse(found["difference"]):
        said += f": {_THE_WAY_BACK}, or see whether LTRR_BASELINE says what you mean"
        return Finding(what, "warning", said)
    return Finding(what, "undecided" if tables.is_undecided(found["difference"]) else "ok", said)


async def _first_places(what: str, settings: Settings, application: str) -> Finding:
    """Return what stands first beside the baseline: a warning where many queries do not find first what they name."""
    async with connect(settings) as client:
        client.timeout = _ANSWER_S
        found = await first_places(client, application)
    if not found.firsts:
        return Finding(what, "undecided", "nothing to look at: no searches since the server started, or no baseline")
    if found.many_lost:
        said = f"{found.said()}; see with `ltrr memory QUERY` who took these, {_THE_WAY_BACK}"
        return Finding(what, "warning", said)
    return Finding(what, "ok", found.said())


def _try(what: str, look: Callable[[], str], worst: State = "failed") -> Finding:
    try:
        return Finding(what, "ok", look())
    except LtrrError as error:
        return Finding(what, worst, str(error))


def _table(report: tables.Answer) -> list[Table]:
    table = Table(title_justify="left")
    for column in ("", "state", "what was found"):
        table.add_column(column, overflow="fold")
    for finding in report["findings"]:
        table.add_row(finding["what"], finding["state"], finding["said"])
    return [table]
