"""`ltrr index rebuild` on real Kafka and Elasticsearch: a new index takes over, and searches notice nothing."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

import ltrr.bench.index
from ltrr.models.records.entity import Entity
from ltrr.retrievers.engines.base import TEXT
from ltrr.retrievers.engines.elasticsearch_text import ElasticsearchText
from ltrr.retrievers.requests.requests import TextRequest, Words
from ltrr.serving.catalogue import rebuild as catalogue_rebuild
from ltrr.serving.commands.cli import app
from ltrr.serving.retrieval.opening import open_shared
from ltrr.serving.settings.settings import Settings
from ltrr.streams.catalogue.index_agent import index_group, keep_shared
from ltrr.streams.catalogue.writer import CatalogueWriter
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka import cluster
from ltrr.streams.kafka.brokers import Brokers
from tests.integration.shared_engines import remove, until

pytestmark = pytest.mark.servers
REQUEST = TextRequest(Words(("morning",), (("name", 1.0),)), "default", 10)


@pytest.fixture
def settings(topics: Brokers, elasticsearch: str, tmp_path: Path) -> Iterator[Settings]:
    """Yield settings of an index of the test's own."""
    index = f"test-{uuid.uuid4().hex[:8]}"
    settings = Settings(
        kafka=str(topics),
        elasticsearch=elasticsearch,
        elasticsearch_index=index,
        text_deadline_s=20.0,
        data_dir=tmp_path,
    )
    yield settings
    asyncio.run(remove(text_engine(settings)))


def text_engine(settings: Settings) -> ElasticsearchText:
    """Return the engine that the settings name."""
    engine = open_shared(settings)[TEXT]
    assert isinstance(engine, ElasticsearchText)
    return engine


def write(settings: Settings, *changes: Entity | str) -> None:
    """Write entities, and deletes by object id."""
    with CatalogueWriter(settings.brokers, settings.applications) as writer:
        for change in changes:
            writer.write(Entity(change, "song", "-").place if isinstance(change, str) else change)
        writer.flush()


async def ids(engine: ElasticsearchText) -> list[str]:
    """Return what is found."""
    [hits] = await engine.search([REQUEST])
    return sorted(hit.object_id for hit in hits)


def test_a_rebuild_takes_over_unseen(settings: Settings):
    """Searches find the same throughout, changes meanwhile are kept, agents go on from there with the new index."""
    songs = [Entity(one, "song", "Morning", version=1) for one in "abc"]
    write(settings, *songs, Entity("d", "song", "Morning"), "d")
    analyzed = settings.model_copy(update={"elasticsearch_analyzer": "standard", "stemmer": "german"})
    seen: list[list[str]] = []

    async def look(engine: ElasticsearchText) -> None:
        while True:
            seen.append(await ids(engine))

    async def story() -> tuple[str, dict[str, Any], str]:
        engine = text_engine(settings)
        keeping = keep_shared(settings.brokers, text_engine(analyzed), "own", ("default",), settings.data_dir)
        first = await engine.prepare()
        keeper = asyncio.create_task(
            keep_shared(settings.brokers, text_engine(settings), "own", ("default",), settings.data_dir)
        )
        await until(lambda: ids(engine), ["a", "b", "c"])
        await (await engine.successor()).stop()  # a rebuild that was given up
        looking = asyncio.create_task(look(engine))
        report = await asyncio.to_thread(catalogue_rebuild.rebuild, analyzed)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        await asyncio.to_thread(write, settings, "c", Entity("e", "song", "Morning"))
        await until(lambda: ids(engine), ["a", "b", "e"])  # the agent of the former index writes to the new one
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        keeper = asyncio.create_task(keeping)
        await asyncio.to_thread(write, settings, Entity("f", "song", "Morning"))
        await until(lambda: ids(engine), ["a", "b", "e", "f"])
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        now = text_engine(analyzed)
        identity = await now.prepare()
        await now.stop()
        await engine.stop()
        return identity, report, first

    identity, report, first = asyncio.run(story())
    assert {tuple(found) for found in seen} == {("a", "b", "c")}
    assert identity != first
    [rebuilt] = report["rebuilt"]
    assert (rebuilt["name"], rebuilt["entities"]) == (f"{settings.elasticsearch_index}-000002", 3)
    read, end = cluster.group_offsets(settings.brokers, index_group(identity), Topic.ENTITIES)
    assert read == end == 8


def test_an_index_that_is_made_anew_is_noticed(settings: Settings):
    """While the agent runs, an index that was removed is made and filled again from the whole topic."""
    write(settings, Entity("a", "song", "Morning"))

    async def story() -> None:
        engine = text_engine(settings)
        keeper = asyncio.create_task(
            keep_shared(settings.brokers, text_engine(settings), "own", ("default",), settings.data_dir)
        )
        await until(lambda: ids(engine), ["a"])
        await engine.drop()
        await until(lambda: ids(engine), ["a"])
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        await engine.stop()

    asyncio.run(story())


def test_the_bench_of_indexing(elasticsearch: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """`ltrr bench index` writes the same documents through our indexer and the bare client, and leaves nothing."""
    monkeypatch.setattr(ltrr.bench.index, "ENTITIES", 60)
    monkeypatch.setenv("LTRR_ELASTICSEARCH", elasticsearch)
    app(["bench", "index", "--rounds", "2", "--json"], standalone_mode=False)
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert figures["elasticsearch: ours"]["value"] > 0
    assert figures["elasticsearch: bare client"]["value"] > 0
    with Elasticsearch(elasticsearch) as client:
        assert not client.indices.get(index="ltrr-bench-*").body
