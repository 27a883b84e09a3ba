"""What an application is served from: a version in a mode, another one in its shadow, and what came before."""

import json
from collections.abc import Container
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

from ltrr.models.errors import NotNow

_REMEMBERED: Final = 20


class Mode(StrEnum):
    """How a version takes part in searches.

    ONLINE: its policy decides. APPRENTICE: its baseline does, with exploration, while it learns. STATIC: its
    baseline, and nothing that was learned is served. SHADOW: its policy decides beside what is served, and is logged.
    """

    ONLINE = "online"
    APPRENTICE = "apprentice"
    STATIC = "static"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Served:
    """A version that searches are served from. mode: any but SHADOW."""

    version: str
    mode: Mode = Mode.ONLINE


@dataclass(frozen=True, slots=True)
class Active:
    """What an application is served from.

    mode: any but SHADOW. before: what it was served from earlier, newest last. shadow: the version whose policy
    decides too, unseen; it may be the served one, whose baseline decides then.
    """

    version: str
    mode: Mode = Mode.ONLINE
    before: tuple[Served, ...] = ()
    shadow: str | None = None

    @classmethod
    def first(cls, version: str, mode: Mode) -> "Active":
        """Return what holds where nothing was promoted: in the shadow, the version's own baseline is served."""
        if mode is Mode.SHADOW:
            return cls(version, Mode.APPRENTICE, shadow=version)
        return cls(version, mode)

    @property
    def versions(self) -> frozenset[str]:
        """Return the versions that take part in searches."""
        return frozenset({self.version} if self.shadow is None else {self.version, self.shadow})

    def promoted(self, version: str, mode: Mode, known: Container[str]) -> "Active":
        """Return what holds after a promotion, which ends a shadow.

        Into the shadow: what is served stays, but for the version's own policy, in whose place comes what was served
        before it, else its baseline. known: the versions that there are.
        """
        served = Served(self.version, self.mode)
        if mode is not Mode.SHADOW:
            before = self.before if served == Served(version, mode) else (*self.before, served)[-_REMEMBERED:]
            return Active(version, mode, before)
        own = Served(version)
        if served != own:
            return replace(self, shadow=version)
        before = self._known(known)
        while before and before[-1] == own:
            before = before[:-1]
        last = before[-1] if before else Served(version, Mode.APPRENTICE)
        return Active(last.version, last.mode, before[:-1], version)

    def rolled_back(self, known: Container[str]) -> "Active":
        """Return what held before the last promotion of a version; those that are not known any more are left out.

        Where a version is in the shadow, that alone ends. Raises NotNow where nothing came before.
        """
        if self.shadow is not None:
            return replace(self, shadow=None)
        before = self._known(known)
        if not before:
            raise NotNow(f"no version was active before {self.version!r}: name one with `ltrr policy promote`")
        return Active(before[-1].version, before[-1].mode, before[:-1])

    def encode(self) -> bytes:
        """Return the value of its record."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, raw: bytes) -> "Active":
        """Return what a record holds. Raises ValueError, TypeError or LookupError."""
        found = json.loads(raw)
        shadow = found.get("shadow")
        before = tuple(_served(one) for one in found["before"])
        return cls(str(found["version"]), Mode(found["mode"]), before, None if shadow is None else str(shadow))

    def _known(self, known: Container[str]) -> tuple[Served, ...]:
        return tuple(one for one in self.before if one.version in known)


def _served(found: Any) -> Served:  # noqa: ANN401  # any JSON value
    return Served(str(found["version"]), Mode(found["mode"]))
