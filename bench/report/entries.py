"""The benches of a report, with what they need and how they are asked."""

from dataclasses import dataclass
from typing import Final

KAFKA: Final = "kafka"
ELASTICSEARCH: Final = "elasticsearch"


@dataclass(frozen=True, slots=True)
class Entry:
    """A bench of the report. name: in its results; servers: that it needs; quick: options of a short run."""

    name: str
    bench: str
    servers: tuple[str, ...] = ()
    quick: tuple[str, ...] = ("--rounds", "2")


ENTRIES: Final = (
    Entry("core", "core", quick=("--rounds", "100")),
    Entry("startup", "startup"),
    Entry("overhead", "overhead", quick=("--rounds", "2", "--queries", "60")),
    Entry("load", "load", quick=("--rounds", "2", "--queries", "60")),
    Entry("scale", "scale", quick=("--rounds", "2", "--queries", "20", "--largest", "10000")),
    Entry("replay", "replay", (KAFKA,), ("--rounds", "2", "--events", "2000")),
    Entry("stream", "stream", (KAFKA,), ("--rounds", "2", "--events", "1000")),
    Entry("freshness", "freshness", (KAFKA,), ("--rounds", "1")),
    Entry("index", "index", (ELASTICSEARCH,)),
    Entry("overhead on servers", "overhead", (KAFKA, ELASTICSEARCH), ("--rounds", "2", "--queries", "60")),
)
"""In their order: the last one leaves topics on Kafka, where others need none."""
