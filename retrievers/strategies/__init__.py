"""Strategies: one arm in one module, found by being here."""

from importlib import import_module
from pkgutil import iter_modules

from retrievers.strategy import Strategy


def discover() -> tuple[type[Strategy], ...]:
    """Return the strategies that the modules of this package define, by name. Raises ValueError on a double name."""
    found: dict[str, type[Strategy]] = {}
    for info in iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Strategy) and value.__module__ == module.__name__:
                if value.name in found:
                    raise ValueError(f"two strategies are called {value.name!r}: rename one")
                found[value.name] = value
    return tuple(found[name] for name in sorted(found))
