"""What is said of a page without results: nothing is indexed, nothing passes the filters, or other words have some."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from ltrr.models.records.query import Query, Range
from ltrr.models.retrieval import Retrieval, Retriever
from ltrr.retrievers.phrases.phrase import as_written

_LOOKED_AT: Final = 3  # values of a filter
_NAMED: Final = 5


def respelt(query: Query) -> str:
    """Return what to say of a query that had to be read with words that are spelt less alike; see `Waves`."""
    return f"nothing is spelt like {query.text!r}: these are results of {' '.join(query.understanding.respaced)!r}"


async def why_empty(retriever: Retriever, query: Query) -> tuple[str, ...]:
    """Return what to say of a query for which no engine failed and nothing was found.

    Where there are filters, they are asked without the words: together, then each alone.
    """
    kinds = retriever.kinds(query.application)
    if not kinds:
        return ("nothing is indexed: load a catalogue with `ltrr index FILE`",)

    async def passed(filters: Mapping[str, Any]) -> bool:
        found = await _first(retriever, query, filters)
        return bool(found.failures) or any(found.lists.values())

    if query.text.strip() and not any(map(str.isalnum, query.text)):
        return (f"no letter or digit is in {query.text!r}: ask for a name, or for what it is about",)
    if query.filters.keys() - kinds.keys():  # which every page tells
        return ()
    if not query.filters or await passed(query.filters):
        return (f"nothing was found for {query.text!r}: ask in other words, or fewer",) if query.tokens else ()
    names = sorted(query.filters)
    held = await asyncio.gather(*(passed({name: query.filters[name]}) for name in names)) if len(names) > 1 else [False]
    none = [name for name, some in zip(names, held, strict=True) if not some]
    if none:
        meant = await asyncio.gather(*(_meant(retriever, query, name) for name in none))
        return tuple(
            f"filters: no entity has what {name} asks for{near}" for name, near in zip(none, meant, strict=True)
        )
    return (f"filters: no entity has all that {', '.join(names)} ask for",)


async def _first(retriever: Retriever, query: Query, filters: Mapping[str, Any]) -> Retrieval:
    """Return the first entity that passes filters, whatever the words of the query."""
    return await retriever.browse(replace(query, text="", normalised="", tokens=(), filters=filters), None, limit=1)


async def _meant(retriever: Retriever, query: Query, name: str) -> str:
    """Return a question after the values that are near to those of a filter; nothing where none is."""
    accepted = query.filters[name]
    texts = [] if isinstance(accepted, Range) else [one for one in accepted if isinstance(one, str)]
    found = chain.from_iterable(retriever.values_near(query.application, name, text) for text in texts[:_LOOKED_AT])
    near = list(dict.fromkeys(found))[:_NAMED]
    written = await asyncio.gather(*(_written(retriever, query, name, value) for value in near))
    return f": did you mean {' or '.join(map(repr, written))}?" if near else ""


async def _written(retriever: Retriever, query: Query, name: str, value: str) -> str:
    """Return a value as the first entity that has it writes it; as it is where none does."""
    found = await _first(retriever, query, {name: (value,)})
    ids = [hit.object_id for hits in found.lists.values() for hit in hits]
    held = (card.texts(name) for card in retriever.entities(query.application, ids) if card)
    return as_written(value, chain.from_iterable(held))
