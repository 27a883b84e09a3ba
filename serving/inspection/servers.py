"""Kafka with its topics and workers, and the engines that are servers."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from ltrr.models.errors import InvalidSettings, LtrrError
from ltrr.retrievers.engines.base import Holding, SharedEngine
from ltrr.serving.inspection.finding import Finding, finding_of
from ltrr.serving.retrieval.opening import open_shared
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import reading_seals
from ltrr.serving.versions.secret import said_of_secret
from ltrr.serving.watching.learners import learned_by, refused, said_of_sources, taking_part
from ltrr.streams.catalogue.index_agent import index_group
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka import admin, cluster
from ltrr.streams.kafka.brokers import Brokers, Protocol, Security
from ltrr.streams.versions.promotion import read_board


def examine_servers(settings: Settings) -> Iterator[Finding]:
    """Yield how brokers, topics, workers and engines are; nothing is looked at behind one that is not there."""
    bootstrap = settings.brokers
    if bootstrap is None:
        if settings.elasticsearch or settings.qdrant:
            yield Finding("kafka", "failed", "LTRR_ELASTICSEARCH and LTRR_QDRANT need Kafka: set LTRR_KAFKA too")
        else:
            yield Finding("kafka", "ok", "not used: ltrr runs embedded; LTRR_KAFKA would say where it is")
    else:
        yield finding_of("kafka", lambda: _brokers(bootstrap))
        yield finding_of("kafka security", lambda: _security(bootstrap.security), worst="warning")
        yield finding_of("pages", lambda: _pages(settings), worst="warning")
        yield (topics := finding_of("topics", lambda: _topics(bootstrap, settings.partitions)))
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
                yield finding_of(f"{engine.kind} changes", lag, worst="warning")


async def _inspect(engines: Iterable[SharedEngine[Any]]) -> list[Holding | LtrrError]:
    found: list[Holding | LtrrError] = []
    for engine in engines:
        try:
            found.append(await engine.inspect())
        except LtrrError as error:
            found.append(error)
        await engine.stop()
    return found


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
    yield finding_of("secret", lambda: said_of_secret(settings, board))
    yield finding_of("learned from", lambda: asyncio.run(said_of_sources(bootstrap, board, settings)))
    versions = taking_part(board, settings)
    for version, served in versions.items():
        look = partial(learned_by, bootstrap, board, settings, version, served)
        yield finding_of("workers" if len(versions) == 1 else f"workers of {version}", look, worst="warning")
    yield finding_of("dead letters", lambda: asyncio.run(refused(bootstrap, time.time())), worst="warning")


def _lag(bootstrap: Brokers, name: str) -> str:
    read, end = cluster.group_offsets(bootstrap, index_group(name), Topic.ENTITIES)
    if read < end:
        raise InvalidSettings(f"{end - read} of {end} changes of the catalogue wait: does `ltrr worker` run for it?")
    return f"all {end} changes of the catalogue are in"
