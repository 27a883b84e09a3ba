"""Build the engines of a folder anew from its cards."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

from ltrr.models.errors import StorageFailed
from ltrr.models.text import ENGLISH
from ltrr.retrievers.documents.batches import STRETCH, batches
from ltrr.retrievers.documents.vectors import Encoders, named
from ltrr.retrievers.engines.base import TEXT, VECTOR, LocalEngine
from ltrr.retrievers.engines.embedded_text import EmbeddedText
from ltrr.retrievers.engines.embedded_vector import EmbeddedVector
from ltrr.retrievers.index.cards import CARDS, Cards

_NEW: Final = "rebuilt"


def rebuild(
    folder: Path,
    encoders: Encoders | None = None,
    progress: Callable[[int], None] = lambda _: None,
    stemmer: str = ENGLISH,
) -> int:
    """Fill new engines beside those of a folder, then put them in their place. Return the number of entities.

    encoders, stemmer: those to use from now on; encoders that need no download where absent. progress: told of each
    portion, and may raise StorageFailed. Interrupted before the end it changes nothing; while engines change places,
    what is lost then is told again when the folder is opened. Nobody else may use the folder. Raises StorageFailed
    where it cannot be written, or holds no catalogue.
    """
    encoders = encoders or named("wordllama", "expansion")
    if not (folder / CARDS).exists():
        raise StorageFailed(f"{folder} holds no catalogue: load one with `ltrr index FILE`")
    new = folder / _NEW
    with closing(Cards(folder / CARDS)) as cards:
        try:
            shutil.rmtree(new, ignore_errors=True)
            with ExitStack() as opened:
                text = opened.enter_context(closing(EmbeddedText(new / "text", stemmer)))
                vectors = opened.enter_context(closing(EmbeddedVector(new / "vectors", encoders)))
                local: list[LocalEngine[Any]] = [text, vectors]
                count = _fill(local, cards, progress)
            cards.unsettle()
            for name in ("text", "vectors"):
                shutil.rmtree(folder / name, ignore_errors=True)
                (new / name).rename(folder / name)
            cards.note(**encoders.facts, stemmer=stemmer, **{TEXT: EmbeddedText.kind, VECTOR: EmbeddedVector.kind})
            for batch in batches(cards):
                cards.settle(batch)
            new.rmdir()
        except StorageFailed:
            shutil.rmtree(new, ignore_errors=True)  # it would hold the room that is lacking
            raise
        except OSError as error:
            raise StorageFailed(f"cannot rebuild in {folder}: {error.strerror}; free some space") from error
        return count


def _fill(local: Sequence[LocalEngine[Any]], cards: Cards, progress: Callable[[int], None]) -> int:
    """Tell engines of all cards, and compact them every STRETCH entities. Return how many there were."""
    count = 0
    for stretch in batches(cards, STRETCH):
        for batch in batches(stretch):
            for engine in local:
                engine.index(batch)
            progress(len(batch))
        for engine in local:
            engine.optimise()
        count += len(stretch)
    return count
