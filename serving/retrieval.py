"""Open what searches retrieve from."""

from pathlib import Path

from retrievers import strategies
from retrievers.embedded import EmbeddedIndex
from serving.settings import Settings


def strategy_calls() -> dict[str, tuple[str, ...]]:
    """Return the calls of every strategy that exists, by name."""
    return {strategy.name: strategy.calls for strategy in strategies.discover()}


def open_index(settings: Settings, folder: Path | None) -> EmbeddedIndex:
    """Open the index of a data folder, or one in memory."""
    return EmbeddedIndex(
        folder / "index" if folder else None,
        depth=settings.ladder[-1],
        deadlines_s=dict.fromkeys(("text", "vector"), settings.engine_deadline_s),
    )
