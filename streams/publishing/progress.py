"""How far a spool is acknowledged, in a small file that is replaced as a whole."""

import json
import logging
import os
from pathlib import Path

_LOG = logging.getLogger(__name__)


def read_progress(path: Path) -> int:
    """Return the position before which everything is done with; 0 where no file, or a damaged one, says so."""
    try:
        return int(json.loads(path.read_bytes())["acknowledged"])
    except FileNotFoundError:
        return 0
    except (ValueError, KeyError, TypeError):  # only a power cut can do that
        _LOG.warning("%s is damaged; everything that is still in the spool is sent again", path)
        return 0


def write_progress(path: Path, position: int, *, fsync: bool) -> None:
    """Replace the file at once: after a kill it is the old one or the new one. Raises OSError."""
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        json.dump({"acknowledged": position}, file)
        file.flush()
        if fsync:
            os.fsync(file.fileno())
    fresh.replace(path)
