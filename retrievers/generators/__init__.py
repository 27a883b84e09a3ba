"""Generators: entities to the queries that they may be searched with. One module for each; `load` finds it by name."""

from importlib import import_module
from pkgutil import iter_modules

from ltrr.models.errors import InvalidSettings, UnknownName
from ltrr.models.memory.prediction import QueryGenerator


def load(name: str) -> QueryGenerator:
    """Return what the module of this package that `name` begins with makes.

    name: "structured", or a module and its model with a colon between: "doc2query:FOLDER". Raises UnknownName, or
    InvalidSettings where the model is missing or not asked for.
    """
    module, colon, model = name.partition(":")
    known = [one.name for one in iter_modules(__path__)]
    if module not in known:
        raise UnknownName("query generator", module, known)
    found = import_module(f"{__name__}.{module}")
    if bool(model) != found.NEEDS_MODEL:
        wanted = f"{module}:MODEL" if found.NEEDS_MODEL else module
        raise InvalidSettings(f"LTRR_GENERATOR={name}: write it as {wanted}")
    generator: QueryGenerator = found.load(model) if colon else found.load()
    return generator
