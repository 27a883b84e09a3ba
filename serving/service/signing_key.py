"""The key that signs query ids."""

import os
import secrets
from pathlib import Path
from typing import Final

from ltrr.models.errors import StorageFailed
from ltrr.serving.settings.settings import Settings

_BYTES: Final = 32


def signing_key(settings: Settings, folder: Path | None) -> bytes:
    """Return the key that signs query ids: the configured one, the folder's, or a new one that is kept there."""
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    if folder is None:
        return secrets.token_bytes(_BYTES)
    path = folder / "secret"
    try:
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_BYTES))
        return path.read_bytes()
    except OSError as error:
        raise StorageFailed(f"cannot keep a secret in {path}: {error.strerror}; set LTRR_SECRET") from error
