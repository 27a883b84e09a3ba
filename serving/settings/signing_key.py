"""The secrets that sign query ids, seal pages and name visitors."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ltrr.models.errors import InvalidSettings, StorageFailed
from ltrr.models.records.visitors import Visitors
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.seals import Seals

_BYTES: Final = 32


def installation_secrets(settings: Settings, folder: Path | None) -> Sequence[bytes]:
    """Return the secret that signs, then those that still hold.

    The first is the configured one, the folder's, or a new one that is kept there; the folder's holds in any case.
    """
    given = [secret.get_secret_value().encode() for secret in (settings.secret, *settings.former_secrets) if secret]
    path = None if folder is None else folder / "secret"
    if settings.secret is None:
        return [secrets.token_bytes(_BYTES) if path is None else _kept(path), *given]
    return [*given, *([_kept(path)] if path is not None and path.exists() else [])]


def seals_of(settings: Settings, held: Sequence[bytes]) -> Seals | None:
    """Return what pages in the log have to be sealed with, None where all of them teach. held: secrets.

    Raises InvalidSettings where there is nothing by which processes of several machines could tell.
    """
    teach = settings.foreign_pages
    if settings.kafka is not None and settings.secret is None:
        if teach is False:
            raise InvalidSettings("LTRR_FOREIGN_PAGES=false needs LTRR_SECRET, the same in all processes")
        return None
    return None if teach else Seals(held)


def visitors_of(settings: Settings, held: Sequence[bytes]) -> Visitors:
    """Return what names visitors: by the oldest secret there is, so that they stay who they were. held: secrets.

    That is the data folder's where there is one, but not on Kafka, where all processes have to name them alike.
    """
    return Visitors(held[-1] if settings.kafka is None else held[len(settings.former_secrets)])


def reading_seals(settings: Settings) -> Seals | None:
    """Return `seals_of` for a process that only reads the log, of Kafka or of the data folder."""
    return seals_of(settings, installation_secrets(settings, _readable(settings)))


def reading_visitors(settings: Settings) -> Visitors | None:
    """Return `visitors_of` for such a process; None without a secret that others have, too."""
    folder = _readable(settings)
    known = folder is not None or settings.secret is not None
    return visitors_of(settings, installation_secrets(settings, folder)) if known else None


def _readable(settings: Settings) -> Path | None:
    """Return the data folder where it has a secret by which a log was written."""
    return settings.data_dir if settings.kafka is None and (settings.data_dir / "secret").exists() else None


def _kept(path: Path) -> bytes:
    """Return the secret of a file, which is made where it is missing."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_BYTES))
        return path.read_bytes()
    except OSError as error:
        raise StorageFailed(f"cannot keep a secret in {path}: {error.strerror}; set LTRR_SECRET") from error
