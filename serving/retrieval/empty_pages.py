"""What is said of a page without results: nothing is indexed, or nothing passes the filters."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ltrr.models.records.query import Query
from ltrr.models.retrieval import Retriever


async def why_empty(retriever: Retriever, query: Query) -> tuple[str, ...]:
    """Return what to say of a query for which no engine failed and nothing was found; nothing where its words did it.

    Where there are filters, they are asked without the words: together, then each alone.
    """
    if not retriever.kinds(query.application):
        return ("nothing is indexed: load a catalogue with `ltrr index FILE`",)

    async def passed(filters: Mapping[str, Any]) -> bool:
        alone = replace(query, text="", normalised="", tokens=(), filters=filters)
        found = await retriever.browse(alone, None, limit=1)
        return bool(found.failures) or any(found.lists.values())

    if not query.filters or await passed(query.filters):
        return ()
    names = sorted(query.filters)
    held = await asyncio.gather(*(passed({name: query.filters[name]}) for name in names)) if len(names) > 1 else [False]
    none = [name for name, some in zip(names, held, strict=True) if not some]
    if none:
        return tuple(f"filters: no entity has what {name} asks for" for name in none)
    return (f"filters: no entity has all that {', '.join(names)} ask for",)
