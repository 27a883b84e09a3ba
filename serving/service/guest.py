"""A service that leaves nothing behind on servers which others use too: for the demo and for benches."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from ltrr.models.records.entity import Entity
from ltrr.serving.retrieval.opening import open_shared
from ltrr.serving.service.service import Service
from ltrr.serving.settings.settings import Settings

_FOUND_S = 1.0  # what servers were told is found by then


def as_guest(settings: Settings, name: str, folder: Path) -> Settings:
    """Return settings under which a name is version, tenant, index and collection, apart from all others."""
    own = {"version": name, "applications": (name,), "elasticsearch_index": name, "qdrant_collection": name}
    return settings.model_copy(update={**own, "data_dir": folder})


@asynccontextmanager
async def filled(service: Service, entities: Sequence[Entity]) -> AsyncIterator[None]:
    """Fill the engines of a service of its own with a catalogue; those on servers are removed when this is left."""
    settings = service.settings
    own = [replace(entity, application=settings.applications[0]) for entity in entities]
    async with AsyncExitStack() as stack:
        await service.index.index(own)
        for engine in open_shared(settings).values():
            stack.push_async_callback(engine.stop)
            await engine.prepare()
            stack.push_async_callback(engine.drop)
            await engine.index(own)
            await asyncio.sleep(_FOUND_S)
        yield
