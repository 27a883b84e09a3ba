"""How far a file was loaded, kept in the data folder so that a load that was interrupted goes on."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, Self

from ltrr.models.errors import StorageFailed

_FOLDER: Final = "loading"


class Bookmark:
    """The place in one file, in this very form (size and time of change), on its way to one target.

    line: the last one that is done with. counts: what became of the lines up to there. Raises StorageFailed where the
    data folder cannot be written.
    """

    def __init__(self, path: Path | None, of: Mapping[str, object]) -> None:
        self.line = 0
        self.counts: Mapping[str, int] = {}
        self._path = path
        self._of = of

    @classmethod
    def open(cls, data_dir: Path, file: Path, target: str, *, restart: bool = False) -> Self:
        """Return the bookmark of a file, at the beginning where there is none, or where the file has changed.

        target: what is loaded into. restart: forget how far it was.
        """
        found = file.resolve()
        of = {"file": str(found), "target": target, **_form(found)}
        name = hashlib.blake2b(f"{found}\n{target}".encode(), digest_size=12).hexdigest()
        bookmark = cls(data_dir / _FOLDER / f"{name}.json", of)
        if not restart:
            bookmark._read()
        return bookmark

    @classmethod
    def nowhere(cls) -> Self:
        """Return one that is kept nowhere, for what cannot be read again."""
        return cls(None, {})

    def move(self, line: int, counts: Mapping[str, int]) -> None:
        """Note that all lines up to this one are done with."""
        self.line, self.counts = line, dict(counts)
        if self._path is None:
            return
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps({**self._of, "line": line, "counts": self.counts}))
            new.replace(self._path)
        except OSError as error:
            raise StorageFailed(f"cannot write {self._path}: {error.strerror}; free some space") from error

    def remove(self) -> None:
        """Forget the place: the file is loaded."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _read(self) -> None:
        with suppress(OSError, ValueError, KeyError):  # unreadable: the file is loaded from its beginning
            held = json.loads(self._path.read_text()) if self._path else {}
            if {name: held[name] for name in self._of} == self._of:
                self.line, self.counts = int(held["line"]), dict(held["counts"])


class Interrupted(NamedTuple):
    """A load that did not end, or is under way. line: the last that is done; same: the file is as it was then."""

    file: Path
    line: int
    same: bool
    kept_in: Path


def interrupted(data_dir: Path) -> Iterator[Interrupted]:
    """Yield the loads of which a data folder has a bookmark."""
    for path in sorted((data_dir / _FOLDER).glob("*.json")):
        with suppress(OSError, ValueError, KeyError):
            held = json.loads(path.read_text())
            file = Path(held["file"])
            same = file.is_file() and _form(file) == {name: held[name] for name in _form(file)}
            yield Interrupted(file, int(held["line"]), same, path)


def _form(file: Path) -> dict[str, int]:
    """Return what tells one form of a file from another."""
    stat = file.stat()
    return {"size": stat.st_size, "changed_ns": stat.st_mtime_ns}
