"""What one kind of query teaches of another: names, names mistyped, and words of descriptions, each learned alone."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ltrr.bench.known_items.installation import Installation
from ltrr.bench.known_items.items import KnownItem, described_items, hits, misspelt_items
from ltrr.bench.known_items.visits import visits
from ltrr.models.records.entity import Entity
from ltrr.models.statistics.least_squares import Array
from ltrr.serving.terminal.bench_document import Figure, Target

LEAST: Final = -0.02


@dataclass(frozen=True, slots=True)
class Kind:
    """Queries to ask, and others to learn from."""

    asked: Sequence[KnownItem]
    learned: Sequence[KnownItem]


def kinds_of(
    entities: Sequence[Entity], asked: Sequence[KnownItem], learned: Sequence[KnownItem], seed: int
) -> dict[str, Kind]:
    """Return the kinds of query that a catalogue has. asked, learned: items by name."""
    kinds = {
        "names": Kind(asked, learned),
        "misspelt": Kind(misspelt_items(asked, seed), misspelt_items(learned, seed + 1)),
    }
    described = described_items(entities, seed)
    order = np.random.default_rng([seed, 6]).permutation(len(described)).tolist()
    some = min(len(asked), len(described) // 3)
    if some:
        chosen = [described[place] for place in order[: some + len(learned)]]
        kinds["described"] = Kind(chosen[:some], chosen[some:])
    return kinds


async def compared(
    kinds: Mapping[str, Kind], installed: Callable[[], Installation], seed: int
) -> tuple[dict[str, Figure], list[Target]]:
    """Return how often each kind is found first by what is fresh, and how much less after each was clicked alone."""
    figures: dict[str, Figure] = {}
    targets: list[Target] = []
    fresh = {name: found async for name, found in _asked(kinds, installed())}
    for name, found in fresh.items():
        figures[f"fresh, {name}: top-1"] = Figure.share(found)
    for taught, kind in kinds.items():
        one = installed()
        await one.learn(visits(kind.learned, 1.0, seed))
        async for name, found in _asked(kinds, one):
            figure = f"{taught} clicked, {name}: change-1"
            figures[figure] = Figure.mean(found - fresh[name], "share")
            targets.append(Target(figure, ">=", LEAST, figures[figure].value >= LEAST))
    return figures, targets


async def _asked(kinds: Mapping[str, Kind], one: Installation) -> AsyncIterator[tuple[str, Array]]:
    """Yield, of each kind, 1 where a query found its item first, else 0."""
    for name, kind in kinds.items():
        pages = await one.ask(kind.asked)
        yield name, hits(kind.asked, [page.object_ids for page in pages], 1)
