"""Find the parts of a package: one file adds one part."""

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def discover(package: ModuleType, base: type[T]) -> dict[str, type[T]]:
    """Return the concrete subclasses of `base` that the modules of a package define, by their `name`."""
    found: dict[str, type[T]] = {}
    for module in pkgutil.iter_modules(package.__path__):
        path = f"{package.__name__}.{module.name}"
        for _, part in inspect.getmembers(importlib.import_module(path), inspect.isclass):
            if issubclass(part, base) and part.__module__ == path and not inspect.isabstract(part) and part is not base:
                name = getattr(part, "name", "")
                if not name or name in found:
                    raise TypeError(f"{path}.{part.__name__} needs a name of its own, not {name!r}")
                found[name] = part
    return found
