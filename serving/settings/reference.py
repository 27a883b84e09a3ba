"""docs/settings.md, made from the settings themselves: `python -m ltrr.serving.settings.reference` writes it."""

import json
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import HttpUrl, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from ltrr.serving.settings.refusals import PREFIX
from ltrr.serving.settings.settings import Settings

FILE: Final = Path(__file__).resolve().parents[2] / "docs" / "settings.md"

_INTRODUCTION: Final = """\
# Settings

A setting is an environment variable. It is read once, when a command starts. Lists and maps are JSON:
`{prefix}LADDER='[0, 5, 10, 20]'`. A setting without a default is off as long as its variable is absent. A misspelt
variable, an unknown one that starts with `{prefix}`, and a bad value stop the command with one line that names it
(exit code 2).

`ltrr serve --host` and `--port` go before their variables. `ltrr demo` sets some of them itself, whatever the
variables say: see [demo.md](demo.md). What the learning settings do is in [learning/](learning/policies.md).

This page is generated: `make docs` writes it.

| variable | type | default | meaning |
|---|---|---|---|
"""

_PLAIN: Final[dict[Any, str]] = {
    bool: "true or false",
    int: "integer",
    float: "number",
    str: "text",
    Path: "path",
    SecretStr: "secret text",
    HttpUrl: "URL",
}


def settings_page() -> str:
    """Return the text that docs/settings.md should hold."""
    rows = (_row(name, field) for name, field in Settings.model_fields.items())
    return _INTRODUCTION.format(prefix=PREFIX) + "".join(rows)


def _row(name: str, field: FieldInfo) -> str:
    default = to_jsonable_python(field.default)
    shown = "" if default is None else default if isinstance(default, str) else json.dumps(default)
    meaning = (field.description or "").replace("|", "\\|")
    return f"| `{PREFIX}{name.upper()}` | {_kind(field.annotation)} | {shown and f'`{shown}`'} | {meaning} |\n"


def _kind(annotation: Any) -> str:  # noqa: ANN401  # any type that a setting may have
    origin = get_origin(annotation)
    parts = [part for part in get_args(annotation) if part not in (NoneType, Ellipsis)]
    if origin is Annotated:
        return _kind(parts[0])
    if origin in (Union, UnionType):
        return " or ".join(map(_kind, parts))
    if origin is tuple:
        return f"list ({_kind(parts[0])})"
    if origin is dict:
        return f"map ({_kind(parts[0])} to {_kind(parts[1])})"
    if issubclass(annotation, Enum):
        return " or ".join(annotation)
    return _PLAIN[annotation]


def main() -> None:
    """Write the page."""
    FILE.write_text(settings_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
