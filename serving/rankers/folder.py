"""Trained rankers in a data folder: what their records on `ltrr.policy` are in embedded mode."""

from pathlib import Path
from urllib.parse import quote, unquote

from ltrr.models.errors import StorageFailed

_SUFFIX = ".ranker"


class RankerFolder:
    """One file for each application. folder: the data folder, None where nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / "rankers" if folder else None
        self._seen: dict[str, tuple[int, int] | None] = {}

    def applications(self) -> list[str]:
        """Return the applications that have a ranker."""
        paths = self._folder.glob(f"*{_SUFFIX}") if self._folder else ()
        return sorted(unquote(path.name.removesuffix(_SUFFIX)) for path in paths)

    def read(self, application: str) -> bytes | None:
        """Return a record, None where there is none. Raises StorageFailed."""
        path = self._path(application)
        try:
            return path.read_bytes() if path else None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageFailed(f"cannot read {path}: {error.strerror}; make it readable, or remove it") from error

    def write(self, application: str, record: bytes | None) -> None:
        """Keep a record in place of the one before; None removes it. Raises StorageFailed."""
        path = self._path(application)
        if path is None:
            raise StorageFailed("a ranker needs a data folder: set LTRR_DATA_DIR")
        try:
            if record is None:
                path.unlink(missing_ok=True)
                return
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.write_bytes(record)
            fresh.replace(path)
        except OSError as error:
            raise StorageFailed(
                f"cannot write {path}: {error.strerror}; free some space or make it writable"
            ) from error

    def changed(self, application: str) -> bool:
        """Tell whether a record is another one than at the last call."""
        found = self._mark(application)
        before, self._seen[application] = self._seen.get(application), found
        return found != before

    def _mark(self, application: str) -> tuple[int, int] | None:
        """Return what differs whenever the file is replaced, None where there is none."""
        path = self._path(application)
        try:
            found = path.stat() if path else None
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns) if found else None

    def _path(self, application: str) -> Path | None:
        return self._folder / f"{quote(application, safe='')}{_SUFFIX}" if self._folder else None
