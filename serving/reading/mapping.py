"""Which columns of a file become which fields and attributes of entities."""

import json
from collections.abc import Collection, Iterable
from collections.abc import Mapping as Map
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from ltrr.models.errors import InvalidInput
from ltrr.models.records.entity import LONGEST_ID
from ltrr.serving.reading.cells import Kind, Order

FIELDS: Final = (
    *("object_id", "name", "type", "description", "aliases", "related", "popularity", "quality", "created_s"),
    *("application", "version", "deleted"),
)
SHORT: Final = {"id": "object_id", "created": "created_s"}
ATTRIBUTE: Final = "attributes."
WITHIN: Final = "."
"""Between the names of an object and of a field of it."""
DEFAULT_TYPE: Final = "item"
SEPARATOR: Final = "|"  # between the values of a cell of a table
_ALIKE: Final = 0.85
_ADVICE: Final = "docs/entities.md says how to write a mapping"


def _column(raw: object) -> object:
    if raw is None:
        raise ValueError("null is no column: name what is to become nothing in leave_out")
    return {"column": raw} if isinstance(raw, (str, list)) else raw


def _columns(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


class Column(BaseModel):
    """Where a field or attribute comes from.

    column: one or several, which are put together. kind: what cells are; found out from the first rows where it is not
    said, and then a cell that is something else is text. separator: the character between the values of a cell, ""
    where cells are one value; `|` in tables where it is not said. decimal: what stands before decimals. date: whether
    the day ("dmy") or the month ("mdy") begins dates of digits. Both are found out where they are not said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: Annotated[tuple[str, ...], BeforeValidator(_columns), Field(min_length=1)]
    kind: Kind | None = None
    separator: Annotated[str, StringConstraints(max_length=1)] | None = None
    decimal: Annotated[str, StringConstraints(pattern="^[.,]$")] | None = None
    date: Order | None = None

    @property
    def own_separator(self) -> str | None:
        """Return what stands between values, where that is neither nothing nor what does so in any table."""
        return None if self.separator in {None, "", SEPARATOR} else self.separator


class Mapping(BaseModel):
    """What a file's columns become. Columns that are named nowhere become attributes of their names.

    columns: field or attribute -> where it comes from; an attribute that is called as a field is is written
    `attributes.NAME`. leave_out: columns that become nothing, with all within them but for what `columns` names. group:
    the column of which neighbouring rows that have the same cell share what the first alone says, see `groups`; ""
    where none do, found out where it is not said. type: of entities that say none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[Annotated[str, StringConstraints(min_length=1)], Annotated[Column, BeforeValidator(_column)]] = Field(
        default_factory=dict
    )
    leave_out: tuple[str, ...] = ()
    group: str | None = None
    type: Annotated[str, StringConstraints(min_length=1, max_length=100)] = DEFAULT_TYPE

    def sources(self, fields: Iterable[str]) -> frozenset[str]:
        """Return the columns that some fields come from."""
        return frozenset().union(*(self.columns[one].column for one in fields if one in self.columns))

    def tells(self, column: str) -> bool:
        """Tell whether it says all that a column becomes; one that makes up an id with others is more than that."""
        several = self.columns.get("object_id")
        parts = several.column if several and len(several.column) > 1 else ()
        others = (one.column for name, one in self.columns.items() if name != "object_id" or not parts)
        return any(column in names for names in others) or any(is_within(column, name) for name in self.leave_out)

    def missing(self, columns: Collection[str]) -> list[str]:
        """Return the columns that it names and that are not there."""
        used = dict.fromkeys(name for one in self.columns.values() for name in one.column)
        used |= {self.group: None} if self.group else {}
        gone = [name for name in self.leave_out if not any(is_within(one, name) for one in columns)]
        return sorted({name for name in used if name not in columns}.union(gone))


def is_within(column: str, outer: str) -> bool:
    """Tell whether a column is another one, or a field of it."""
    return column == outer or column.startswith(f"{outer}{WITHIN}")


def read_mapping(given: str) -> Mapping:
    """Read `field=column,attribute=column`, or the file of that name. Raises InvalidInput.

    `id` and `created` stand for object_id and created_s; `id=brand+number` puts two columns together. An attribute that
    is called nearly as a field is refused, since it would be a misspelt one.
    """
    if "=" not in given:
        return _of_file(Path(given))
    columns: dict[str, Column] = {}
    for pair in filter(None, map(str.strip, given.split(","))):
        target, equals, column = (part.strip() for part in pair.partition("="))
        name = SHORT.get(target, target)
        if not (equals and name and column):
            raise InvalidInput(f"--map: {pair!r} is no field=column; {_ADVICE}")
        if name in columns:
            raise InvalidInput(f"--map: {target} is there twice; leave one")
        columns[name] = Column(column=tuple(column.split("+")))
    for name, one in columns.items():
        near = [] if name in {*FIELDS, *one.column} else get_close_matches(name, FIELDS, 1, _ALIKE)
        if near and near[0] not in columns:
            raise InvalidInput(
                f"--map: no field is called {name!r}; did you mean {near[0]!r}? An attribute of that name is written "
                f"{ATTRIBUTE}{name}={'+'.join(one.column)}"
            )
    return Mapping(columns=columns)


def write_mapping(mapping: Mapping) -> str:
    """Return a mapping as the text of a file."""
    held = mapping.model_dump(exclude_defaults=True, mode="json") | {"type": mapping.type}
    for column in held.get("columns", {}).values():
        if len(column["column"]) == 1:
            (column["column"],) = column["column"]
    return json.dumps(held, ensure_ascii=False, indent=2) + "\n"


def as_option(mapping: Mapping) -> str | None:
    """Return the fields of a mapping as `--map` takes them, and attributes that would not become that by themselves.

    None where it needs a file: for a column's name, a separator, or what is left out.
    """
    if mapping.leave_out or any(one.own_separator for one in mapping.columns.values()):
        return None
    long = {name: short for short, name in SHORT.items()}
    fields = Mapping(columns={name: one for name, one in mapping.columns.items() if name in FIELDS})
    pairs = [
        (long.get(name, name), one.column)
        for name, one in mapping.columns.items()
        if name in FIELDS or any(fields.tells(column) for column in one.column) or _is_free(name, mapping)
    ]
    if any(mark in name for _, columns in pairs for name in columns for mark in ",=+"):
        return None
    return ",".join(f"{name}={'+'.join(columns)}" for name, columns in pairs)


def _is_free(attribute: str, mapping: Mapping) -> bool:
    """Tell whether an attribute is called as a field is that no column becomes."""
    name = attribute.removeprefix(ATTRIBUTE)
    return name != attribute and name in FIELDS and name not in mapping.columns


def joined_id(parts: list[str]) -> str:
    """Return an object id of several columns: their texts with `/` between, or a hash of them where that is long."""
    whole = "/".join(parts)
    return whole if len(whole) <= LONGEST_ID else blake2b(whole.encode(), digest_size=16).hexdigest()


def _of_file(path: Path) -> Mapping:
    try:
        raw: Map[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
        mapping = Mapping.model_validate(raw)
    except OSError as error:
        raise InvalidInput(
            f"--map: cannot read {path}: {error.strerror}; give field=column,... or a file of them"
        ) from error
    except ValidationError as error:
        raise InvalidInput(f"{path}: {_problem(error)}; {_ADVICE}") from None
    except ValueError as error:
        raise InvalidInput(f"{path} is no JSON: {error}; {_ADVICE}") from error
    short = {name: column for name, column in mapping.columns.items() if name in SHORT}
    renamed = {SHORT.get(name, name): column for name, column in mapping.columns.items()}
    return mapping.model_copy(update={"columns": renamed}) if short else mapping


def _problem(error: ValidationError) -> str:
    """Return what is wrong with a mapping, in the words of its file."""
    problem = error.errors(include_url=False)[0]
    place = problem["loc"]
    where = WITHIN.join(map(str, place))
    if not place:
        return "a mapping is an object"
    if problem["type"] == "extra_forbidden" and len(place) == 1:
        example = json.dumps({"columns": {where: "COLUMN"}}, ensure_ascii=False)
        return f"{where} is none of {', '.join(Mapping.model_fields)}; fields and attributes stand within: {example}"
    if problem["type"] == "extra_forbidden":
        return f"{where} is none of {', '.join(Column.model_fields)}"
    if problem["type"] in {"model_type", "missing"}:
        where = where.removesuffix(f"{WITHIN}column")
        return f"{where}: give a column's name, a list of them, or an object with `column`"
    return f"{where}: {problem['msg'].removeprefix('Value error, ')}"
