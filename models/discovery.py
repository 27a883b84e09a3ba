"""Find the parts of a kind: one file of ours adds one part, and so does an entry point of an installed package."""

import importlib
import inspect
import pkgutil
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, TypeVar

from ltrr.models.errors import InvalidSettings

T = TypeVar("T")


def discover(package: ModuleType, base: type[T], group: str) -> dict[str, type[T]]:
    """Return the concrete subclasses of `base` by their `name`: those of the package's modules, and installed ones.

    group: of entry points, each of which names a class. Raises TypeError where one of the package has no name of its
    own, InvalidSettings where an installed one cannot be had.
    """
    found: dict[str, type[T]] = {}
    for module in pkgutil.iter_modules(package.__path__):
        path = f"{package.__name__}.{module.name}"
        for _, part in inspect.getmembers(importlib.import_module(path), inspect.isclass):
            if issubclass(part, base) and part.__module__ == path and not inspect.isabstract(part) and part is not base:
                name = getattr(part, "name", "")
                if not name or name in found:
                    raise TypeError(f"{path}.{part.__name__} needs a name of its own, not {name!r}")
                found[name] = part
    for point, part in installed(group):
        if not (inspect.isclass(part) and issubclass(part, base)) or inspect.isabstract(part):
            raise InvalidSettings(f"{said(point)} is no {base.__name__} that can be made: mend or uninstall it")
        name = getattr(part, "name", "")
        if not name or name in found:
            raise InvalidSettings(f"{said(point)} needs a name of its own, not {name!r}: mend or uninstall it")
        found[name] = part
    return found


def installed(group: str) -> list[tuple[EntryPoint, Any]]:
    """Return what installed packages offer under a group of entry points. Raises InvalidSettings where one fails."""
    return [(point, loaded(point)) for point in points(group)]


def points(group: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group that installed packages have; nothing is imported."""
    return _points(group, tuple(sys.path))


def loaded(point: EntryPoint) -> Any:  # noqa: ANN401  # whatever it names
    """Return what an entry point names. Raises InvalidSettings where it cannot be had."""
    try:
        return point.load()
    except Exception as error:  # whatever it is: the package is not ours
        raise InvalidSettings(f"{said(point)} cannot be imported: {error}; mend or uninstall it") from error


@cache
def _points(group: str, path: tuple[str, ...]) -> tuple[EntryPoint, ...]:  # noqa: ARG001  # what is installed depends on it
    """Return what all packages on a path of imports offer: reading them takes longer than all else here."""
    return tuple(entry_points(group=group))


def said(point: EntryPoint) -> str:
    """Return how an entry point is named in messages."""
    package = point.dist.name if point.dist else "a package"
    return f"{point.group} {point.name} of {package} ({point.value})"
