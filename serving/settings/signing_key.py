"""The secrets that sign query ids, seal pages and name visitors.

Which one does what is one rule. `LTRR_SECRET` signs and seals, else the file `secret` of the data folder; what those of
`LTRR_FORMER_SECRETS` have signed and sealed holds. Visitors are named, embedded, by the secret that the folder was made
with: it is on record there, and has to be one of these. On Kafka, where all processes have to name them alike, it is
the last former secret, else the one that signs; which ones these are is on record on `ltrr.policy`.

Nothing is written before the folder keeps something that a secret has named or sealed (`Secrets.keep`).
"""

import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.models.records.visitors import Visitors
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.seals import Seals
from ltrr.streams.files.folder import private

_BYTES: Final = 32
_FILE: Final = "secret"
_FINGERPRINT: Final = "secret.fingerprint"


class Secrets:
    """The secrets of an installation; of none that is known one is made up, which `keep` writes down.

    folder: the data folder, None where there is none. held: the one that signs, then those that still hold. of_all: on
    Kafka, what all processes have in common; None without LTRR_SECRET. Raises
    InvalidSettings where the one that the folder was made with is not among them, StorageFailed where it is not read.
    """

    def __init__(self, settings: Settings, folder: Path | None) -> None:
        self._folder = folder
        self._alone = settings.kafka is None
        self._set = settings.secret is not None
        own = None if folder is None else _read(folder / _FILE)
        given = [one.get_secret_value().encode() for one in (settings.secret, *settings.former_secrets) if one]
        self.made = own is None and not self._set
        if not self._set:
            given.insert(0, own or secrets.token_hex(_BYTES).encode())
        self._naming = given[-1]
        if self._alone and folder is not None:
            self._naming = self._on_record(folder, given, own)
        elif self._set and own is not None:
            given.append(own)  # what this query worker has signed before it was told a secret
        self.held = tuple(given)
        self.of_all = None if self._alone or not self._set else _of_all(given[0], self._naming)
        self._kept = False
        self.visitors = Visitors(self._naming)

    def keep(self) -> None:
        """Write down the secret that was made up, or a fingerprint of a given one. Raises StorageFailed."""
        if self._folder is None or self._kept:
            return
        if not self._set:
            _write(self._folder / _FILE, self.held[0])
        elif self._alone and not (self._folder / _FILE).exists():
            _write(self._folder / _FINGERPRINT, _fingerprint(self._naming))
        self._kept, self.made = True, False

    def _on_record(self, folder: Path, given: Sequence[bytes], own: bytes | None) -> bytes:
        """Return the secret that a folder was made with. own: what its file has. Raises InvalidSettings without it."""
        kept = folder / _FINGERPRINT
        fingerprint = _read(kept) or (None if own is None else _fingerprint(own))
        if fingerprint is None:
            return given[-1] if self._set else given[0]
        for one in given:
            if hmac.compare_digest(_fingerprint(one), fingerprint):
                return one
        anew = f"To begin anew, with visitors who are all new, remove {kept}"
        if not self._set:
            raise InvalidSettings(f"{folder} was made with an LTRR_SECRET, which is not set: set the same one. {anew}")
        if kept.exists():
            raise InvalidSettings(
                f"LTRR_SECRET is not the secret that {folder} was made with, which names its visitors: set that one, or"
                f" name it in LTRR_FORMER_SECRETS. {anew}"
            )
        raise InvalidSettings(
            f"LTRR_SECRET is set, and {folder / _FILE} holds another secret, from when it was not: leave LTRR_SECRET "
            "out, or name what the file holds in LTRR_FORMER_SECRETS, to go on with the visitors whom that one names; "
            "remove the file where LTRR_SECRET has named them (a command once ran without it), or all may be new"
        )


@dataclass(frozen=True, slots=True)
class OfAll:
    """Which secrets all processes on Kafka have, by fingerprint. signs: the newest that seals; names: visitors."""

    signs: str
    names: str

    def encode(self) -> bytes:
        """Return the value of its record."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, raw: bytes) -> "OfAll":
        """Return what a record holds. Raises ValueError, TypeError or LookupError."""
        found = json.loads(raw)
        return cls(str(found["signs"]), str(found["names"]))


def of_all(held: Secrets, on_record: OfAll | None, *, seals: bool) -> OfAll | None:
    """Return what is to be put on record, None where that may stay as it is.

    on_record: None where nothing is. seals: whether this process seals pages, so that others have to know its secret.
    Raises InvalidSettings where its secrets are not those of the others: pages that one process seals would teach
    nothing in another, and visitors would be known to one alone.
    """
    own = held.of_all
    if on_record is None:
        return own
    if own is None:
        raise InvalidSettings(f"LTRR_SECRET is not set, and other processes on this Kafka have one: set it. {_ANEW}")
    if on_record.signs not in {_fingerprint(one).decode() for one in held.held}:
        raise InvalidSettings(
            "LTRR_SECRET is not the secret of the other processes on this Kafka, whose pages would teach nothing here, "
            f"nor the pages of this one there: set that one, or name it in LTRR_FORMER_SECRETS. {_ANEW}"
        )
    if on_record.names != own.names:
        raise InvalidSettings(
            "other processes on this Kafka name visitors by another secret: name it last in LTRR_FORMER_SECRETS, or "
            f"nobody is known. {_ANEW}"
        )
    return own if seals and own != on_record else None


_ANEW: Final = "To begin anew with LTRR_SECRET, with visitors who are all new, run `ltrr topics secret`"


def _of_all(signing: bytes, naming: bytes) -> OfAll:
    return OfAll(_fingerprint(signing).decode(), _fingerprint(naming).decode())


def seals_of(settings: Settings, held: Secrets) -> Seals | None:
    """Return what pages in the log have to be sealed with, None where all of them teach.

    Raises InvalidSettings where there is nothing by which processes of several machines could tell.
    """
    teach = settings.foreign_pages
    if settings.kafka is not None and settings.secret is None:
        if teach is False:
            raise InvalidSettings("LTRR_FOREIGN_PAGES=false needs LTRR_SECRET, the same in all processes")
        return None
    return None if teach else Seals(held.held)


def reading_seals(settings: Settings) -> Seals | None:
    """Return `seals_of` for a process that only reads the log, of Kafka or of the data folder."""
    return seals_of(settings, _reading(settings))


def reading_visitors(settings: Settings) -> Visitors | None:
    """Return what names visitors for such a process; None without a secret that others have, too."""
    held = _reading(settings)
    return None if held.made else held.visitors


def _reading(settings: Settings) -> Secrets:
    return Secrets(settings, settings.data_dir if settings.kafka is None else None)


def _fingerprint(secret: bytes) -> bytes:
    """Return what tells a secret from another, and nobody the secret."""
    return hmac.digest(secret, b"ltrr: which secret", "sha256").hex()[:_BYTES].encode()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes() or None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageFailed(f"cannot read {path}: {error.strerror}; make it readable for who runs ltrr") from error


def _write(path: Path, what: bytes) -> None:
    """Write a file unless it is there, whole or not at all."""
    if path.exists():
        return
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(new, "wb", opener=private) as file:  # a path has no opener
            file.write(what)
        os.replace(new, path)  # noqa: PTH105  # names of one folder
    except OSError as error:
        raise StorageFailed(f"cannot keep {path}: {error.strerror}; free some space") from error
