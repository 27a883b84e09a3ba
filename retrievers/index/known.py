"""What is known of a catalogue as a whole, in a file beside its cards."""

import logging
import sys
import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

from ltrr.models import text, wording
from ltrr.models.errors import StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.retrievers.index.cards import Cards
from ltrr.retrievers.index.fields import Fields
from ltrr.retrievers.phrases import arrays, packing, phrase, spelling, strings
from ltrr.retrievers.phrases.arrays import Arrays
from ltrr.retrievers.phrases.packed import Packed
from ltrr.retrievers.phrases.packing import Packing
from ltrr.retrievers.understanding.dictionary import Dictionary
from ltrr.retrievers.understanding.synonyms import NO_SYNONYMS, Synonyms

_LOG = logging.getLogger(__name__)
_FOLLOWED: Final = 10  # changes since it was packed, of which more than a tenth of the catalogue is packed anew
_FEW: Final = 1_000
_SEPARATOR: Final = "/"
Facts = Mapping[str, Any]


class _Opened(NamedTuple):
    dictionary: Dictionary
    fields: Fields


class Known:
    """The dictionary and the fields of a catalogue, opened when they are first asked for, or by `open`.

    path: of the file that they are read from; None packs them in memory. It is made anew where it is not the one that
    the cards name, is torn, was made by another ltrr, or where more than a tenth of the catalogue has changed since;
    fewer changes than that are followed, from the cards as the file has them to what they are. lock: held by whoever
    changes the catalogue. need_room: raises StorageFailed where the disk has too little left. synonyms: of queries.
    """

    def __init__(
        self,
        cards: Cards,
        path: Path | None,
        lock: threading.Lock,
        need_room: Callable[[], None] = lambda: None,
        synonyms: Synonyms = NO_SYNONYMS,
    ) -> None:
        self._cards = cards
        self._path = path
        self._lock = lock
        self._need_room = need_room
        self._synonyms = synonyms
        self._opened: _Opened | None = None

    @property
    def dictionary(self) -> Dictionary:
        """The dictionary, which may be read in any thread."""
        return self._open().dictionary

    @property
    def fields(self) -> Fields:
        """The fields, which may be read in any thread."""
        return self._open().fields

    def replace(self, old: Sequence[Entity | None], new: Sequence[Entity | None]) -> None:
        """Follow changes that the cards have already, pairwise; to be called with the lock."""
        if self._opened is not None:
            self._opened.dictionary.replace(old, new)
            self._opened.fields.replace(old, new)

    def pack(self) -> None:
        """Pack all that is known now, some 30 us for each entity, unless nothing has changed since it was."""
        with self._lock:
            if self._read() is None or self._cards.changes(1):
                self._opened = self._packed()

    def _open(self) -> _Opened:
        if self._opened is None:
            with self._lock:
                if self._opened is None:  # nobody else was as quick
                    self._opened = self._followed() or self._packed()
        return self._opened

    def _followed(self) -> _Opened | None:
        """Return what the file has, and what has changed since; None where it is to be made anew."""
        held = self._read()
        most = max(_FEW, len(self._cards) // _FOLLOWED)
        changes = [] if held is None else self._cards.changes(most + 1)
        if held is None or len(changes) > most:
            return None
        opened = self._with(held.facts, held.arrays)
        old, new = [before for before, _ in changes], [after for _, after in changes]
        opened.dictionary.replace(old, new)
        opened.fields.replace(old, new)
        return opened

    def _read(self) -> arrays.Held | None:
        """Return what the file has, None where it is not of these cards."""
        wanted = self._cards.packed
        if self._path is None or wanted is None:
            return None
        try:
            held = arrays.read(self._path)
        except (OSError, ValueError) as error:
            _LOG.warning("the dictionary is packed anew: %s", error)
            return None
        return held if held.digest == wanted and held.facts["made_by"] == made_by() else None

    def _packed(self) -> _Opened:
        facts, packed = _pack(self._cards)
        if self._path is None or not len(self._cards):
            return self._with(facts, packed)
        try:
            self._need_room()
            self._cards.rebase(arrays.write(self._path, facts, packed))
            held = arrays.read(self._path)
        except (OSError, ValueError, StorageFailed) as error:
            _LOG.warning("the dictionary is packed again at the next start: %s", error)
            return self._with(facts, packed)
        return self._with(held.facts, held.arrays)

    def _with(self, facts: Facts, packed: Arrays) -> _Opened:
        applications = {}
        for number, (application, known) in enumerate(facts["applications"].items()):
            own = f"{number}{_SEPARATOR}"
            held = {name.removeprefix(own): array for name, array in packed.items() if name.startswith(own)}
            applications[application] = Packed(held, known)
        return _Opened(Dictionary(applications, self._synonyms), Fields(facts["fields"]))


@cache
def made_by() -> str:
    """Return a digest of all that decides what is packed of a card."""
    digest = blake2b(unicodedata.unidata_version.encode(), digest_size=16)
    for module in (text, wording, phrase, packing, spelling, strings, arrays, sys.modules[__name__]):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()


def _pack(cards: Cards) -> tuple[Facts, Arrays]:
    applications: dict[str, Packing] = {}
    fields = Fields()
    for entity in cards:
        if entity.application not in applications:
            applications[entity.application] = Packing()
        applications[entity.application].add(entity)
        fields.replace((), (entity,))
    packed: dict[str, Any] = {}
    known: dict[str, Facts] = {}
    for number, application in enumerate(list(applications)):
        held, known[application] = applications.pop(application).packed()
        packed |= {f"{number}{_SEPARATOR}{name}": array for name, array in held.items()}
    return {"made_by": made_by(), "fields": fields.counts, "applications": known}, packed
