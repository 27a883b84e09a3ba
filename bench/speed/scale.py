"""`ltrr bench scale`: what a decision, a join, a search, memory and indexing cost as catalogue, memory and arms grow.

Each size is measured in a process of its own. The exponent is the slope of log cost over log size in each round, by
least squares: 0 is a cost that does not depend on the size, 1 one that grows as the size does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from ltrr.bench.sizes import entities as catalogues
from ltrr.bench.sizes import pairs as memories
from ltrr.bench.sizes.process import Measured, alone
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target

ENTITIES: Final = (1_000, 10_000, 33_000, 200_000, 1_000_000)
PAIRS: Final = (1_000, 10_000, 100_000, 1_000_000)
ARMS: Final = (4, 8, 16)
_LARGEST: Final = 200_000
_ROUNDS: Final = 5
_FLAT: Final = 0.1
_COSTS: Final = {  # what a catalogue may cost
    33_000: {catalogues.INDEXED: 15.0, catalogues.PEAK: 500.0, catalogues.RESIDENT: 350.0},
    200_000: {
        catalogues.INDEXED: 60.0,
        catalogues.PEAK: 800.0,
        catalogues.START: 3.0,
        catalogues.RESIDENT: 600.0,
        catalogues.SEARCH: 12.0,
        catalogues.EACH: 2.0,
    },
    1_000_000: {catalogues.HELD: 2_000.0},
}
_UNITS: Final = {
    catalogues.INDEXED: "s",
    catalogues.START: "s",
    catalogues.PEAK: "MB",
    catalogues.RESIDENT: "MB",
    catalogues.HELD: "MB",
    catalogues.EACH: "KB",
    "memory": "MB",
    memories.PAGE: "us",
    memories.ACTION: "us",
}
_FLAT_IN: Final = {
    "entities": (catalogues.DECISION, catalogues.JOIN),
    "pairs": (memories.DECISION, memories.PAGE, memories.ACTION),
}


def run(seed: int = 0, rounds: int = _ROUNDS, largest: int = _LARGEST, queries: int = 60) -> BenchDocument:
    """Measure 1,000 entities up to the largest, 1,000 pairs up to a million, 4 to 16 arms. queries: in each round."""
    work: Mapping[str, tuple[Sequence[int], Callable[[int], Measured]]] = {
        "entities": (
            [size for size in ENTITIES if size <= largest],
            lambda size: (
                alone(catalogues.of_catalogue, size, rounds, seed, queries)
                | alone(catalogues.of_query_worker, size, seed)
            ),
        ),
        "pairs": (PAIRS, lambda size: alone(memories.of_memory, size, rounds, seed)),
        "arms": (ARMS, lambda size: alone(memories.of_arms, size, rounds, seed)),
    }
    figures: dict[str, Figure] = {}
    exponents: dict[str, Figure] = {}
    for of, (sizes, measure) in work.items():
        measured = {size: measure(size) for size in sizes}
        for size, found in measured.items():
            for name, values in found.items():
                figures[f"{name}, {size:,} {of}"] = Figure.spread(values, _UNITS.get(name, "ms"))
        for name in measured[sizes[0]] if len(sizes) > 1 else ():
            exponents[f"{name}: exponent in {of}"] = exponent({size: found[name] for size, found in measured.items()})
    figures |= exponents
    wanted = {f"{name}: exponent in {of}": _FLAT for of, names in _FLAT_IN.items() for name in names}
    wanted |= {f"{name}, {size:,} entities": at for size, limits in _COSTS.items() for name, at in limits.items()}
    targets = [Target.below(name, figures, limit) for name, limit in wanted.items() if name in figures]
    notes = [
        f"{rounds} rounds; entities embedded, with the plans that are learned; {queries} searches in a round",
        f"pairs: queries of {memories.OF_QUERY} each, and all that is known of one is read in a decision",
        "decisions and what is learned: time of the processor, which others on the machine disturb least",
        "exponents: of log cost over log size, 0 where the cost does not depend on the size, 1 where it grows alike",
    ]
    tabled = [*(name for name in wanted if name in figures), *(name for name in exponents if name not in wanted)]
    return BenchDocument("scale", [seed], figures, targets, notes, tabled)


def exponent(rounds: Mapping[int, Sequence[float]]) -> Figure:
    """Return the slope of log cost over log size, the median of the rounds. rounds: size -> cost in each."""
    return Figure.spread(list(_slopes(rounds)), "exponent")


def _slopes(rounds: Mapping[int, Sequence[float]]) -> Iterator[float]:
    sizes = np.log(np.array(list(rounds), dtype=np.float64))
    for costs in np.array(list(rounds.values())).T:
        yield float(np.polyfit(sizes, np.log(np.maximum(costs, np.finfo(np.float64).tiny)), 1)[0])
