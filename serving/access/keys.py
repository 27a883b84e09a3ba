"""Keys of callers: made here, kept as hashes in a file that all processes of an installation may share."""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from ltrr.models.errors import InvalidInput, StorageFailed

_PREFIX: Final = "ltrr"
_NOBODY: Final = hashlib.sha256(b"").hexdigest()


class Role(StrEnum):
    """What a key is good for."""

    SEARCH = "search"
    EVENTS = "events"
    PAGES = "pages"
    CATALOGUE = "catalogue"
    READ = "read"
    OPERATE = "operate"


BROWSER: Final = frozenset({Role.SEARCH, Role.EVENTS})
"""What a key may do that pages send, and that everybody can read there."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key. digest: SHA-256 of its secret, hexadecimal. origins: of pages; of none: for servers."""

    id: str
    name: str
    roles: frozenset[Role]
    origins: tuple[str, ...]
    digest: str
    created_s: float


class Keys:
    """The keys in a file; a change of the file holds from the next look on, in every process.

    Where there is a file keys are asked for, even where it holds none. Raises StorageFailed where it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: dict[str, Key] = {}
        self._asked_for = False
        self._look()

    @property
    def asked_for(self) -> bool:
        """Tell whether callers need a key; once they do, a file that is gone changes nothing."""
        with contextlib.suppress(StorageFailed):  # a file that is damaged lets in whom it let in before
            self._look()
        return self._asked_for

    def all(self) -> Sequence[Key]:
        """Return the keys, oldest first."""
        self._look()
        return sorted(self._keys.values(), key=lambda key: (key.created_s, key.id))

    def holder(self, token: str) -> Key | None:
        """Return the key that a token is, in the same time whatever is wrong with it."""
        prefix, _, rest = token.partition("_")
        key_id, _, secret = rest.partition("_")
        key = self._keys.get(key_id) if self.asked_for and prefix == _PREFIX else None
        same = hmac.compare_digest(_digest(secret), _NOBODY if key is None else key.digest)
        return key if same and key is not None else None

    def create(self, name: str, roles: Sequence[Role], origins: Sequence[str], now_s: float) -> tuple[Key, str]:
        """Make a key. Return it with its token, which is nowhere kept. Raises InvalidInput where it cannot be."""
        if not roles:
            raise InvalidInput(f"a key needs a role: --role {', '.join(Role)}")
        if origins and not set(roles) <= BROWSER:
            raise InvalidInput("a key with origins is read by whoever sees their pages: it may search and send events")
        with self._changed():
            if name in {key.name for key in self._keys.values()}:
                raise InvalidInput(f"there is a key called {name!r}: revoke it first, or choose another name")
            key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
            key = Key(key_id, name, frozenset(roles), tuple(origins), _digest(secret), now_s)
            self._keys[key_id] = key
        return key, f"{_PREFIX}_{key_id}_{secret}"

    def revoke(self, name: str) -> Key:
        """Remove a key by its name or id. Raises InvalidInput where there is none."""
        with self._changed():
            found = [key for key in self._keys.values() if name in (key.name, key.id)]
            if not found:
                names = ", ".join(sorted(key.name for key in self._keys.values())) or "none"
                raise InvalidInput(f"no key is called {name!r}; there are: {names}")
            del self._keys[found[0].id]
        return found[0]

    def _look(self) -> None:
        """Read the file where it is another one than before."""
        try:
            status = self._path.stat()
            seen = (status.st_ino, status.st_size, status.st_mtime_ns)
            if seen != self._seen:
                self._keys = {key.id: key for key in map(_read, json.loads(self._path.read_text())["keys"])}
                self._seen, self._asked_for = seen, True
        except FileNotFoundError:
            return
        except (OSError, ValueError, LookupError, TypeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise StorageFailed(f"cannot read the keys in {self._path}: {reason}; restore the file") from error

    @contextlib.contextmanager
    def _changed(self) -> Iterator[None]:
        """Change the keys, alone, and write them down as a whole."""
        beside = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._look()
                yield
                rows = [asdict(key) | {"roles": sorted(key.roles)} for key in self._keys.values()]
                with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                    file.write(json.dumps({"keys": rows}, indent=1))
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(self._path)
                self._look()
        except OSError as error:
            raise StorageFailed(f"cannot write {self._path}: {error.strerror}; make it writable") from error


def _digest(secret: str) -> str:
    # 32 random bytes need no slow hash: they cannot be guessed
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _read(row: dict[str, Any]) -> Key:
    return Key(
        id=str(row["id"]),
        name=str(row["name"]),
        roles=frozenset(map(Role, row["roles"])),
        origins=tuple(map(str, row["origins"])),
        digest=str(row["digest"]),
        created_s=float(row["created_s"]),
    )
