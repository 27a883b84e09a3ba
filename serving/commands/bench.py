"""`ltrr bench`: measure, and print one JSON document or a table."""

import ast
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from typer.core import TyperGroup

from ltrr.models.errors import InvalidSettings, UnknownName
from ltrr.serving.terminal import tables

_SHELVES: Final = ("ltrr.bench", "ltrr.bench.people", "ltrr.bench.servers", "ltrr.bench.speed")


class _Benches(TyperGroup):
    """All benches by name, and the one that is called with its own options: many bring libraries of their own."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401  # Typer hides the types
        """Import the bench."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise UnknownName("bench", args[0], self.commands)
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and bench_named(str(command.name)), rest


bench_app = typer.Typer(
    cls=_Benches,
    no_args_is_help=True,
    help="Measure a part of the product; a target that is missed fails nothing.",
    epilog="Example: ltrr bench overhead --seed 1",
)
_OPTIONS: Final[Mapping[str, Any]] = {
    "data": Annotated[Path, typer.Option(help="Folder or file of data; docs/benches.md says which.")],
    "seed": Annotated[int, typer.Option(min=0, help="Seed of everything random.")],
    "queries": Annotated[int | None, typer.Option(min=1, help="How many queries to ask at most.")],
    "events": Annotated[int, typer.Option(min=1, help="How many events.")],
    "minutes": Annotated[float, typer.Option(min=0.1, help="How long it goes on.")],
    "encoder": Annotated[str, typer.Option(help="Dense encoder.")],
    "sparse_encoder": Annotated[str, typer.Option(help="Sparse encoder.")],
    "calls": Annotated[str, typer.Option(help="Cap on calls of what learns: 1, 2, 3 or all.")],
    "budget": Annotated[int, typer.Option(min=4, help="Candidates of a query, a multiple of 4.")],
    "grid": Annotated[bool, typer.Option("--grid", help="All caps on calls.")],
    "delay": Annotated[int, typer.Option(min=0, help="Pages that are shown before one is learned.")],
    "frozen": Annotated[bool, typer.Option("--frozen", help="Keep the index as of before the log.")],
    "eval_users": Annotated[Path | None, typer.Option(help="File of user ids: count their queries alone.")],
    "seeds": Annotated[int, typer.Option(min=1, help="How many seeds are pooled.")],
    "drift": Annotated[str | None, typer.Option(help="What changes in the middle: outage, mix or catalogue.")],
    "map_": Annotated[
        list[str] | None, typer.Option("--map", help="What columns of a catalogue become, as `ltrr index` has it.")
    ],
    "rounds": Annotated[int, typer.Option(min=1, help="How often all is measured, in turns.")],
    "largest": Annotated[int, typer.Option(min=1_000, help="Entities at most, in a bench over sizes.")],
    "svg": Annotated[Path | None, typer.Option(help="File for a picture.")],
}
"""Parameter of a bench -> its option; a bench has those that its `run` takes, with its own defaults."""

_KEYWORD: Final = inspect.Parameter.KEYWORD_ONLY
_EXAMPLES: Final = {"data": " --data PATH", "queries": " --queries 100", "events": " --events 20000"}


def bench_named(name: str) -> Any:  # noqa: ANN401  # Typer hides the type
    """Return the command of a bench, with the options that it takes. Raises InvalidSettings where a library lacks."""
    try:
        run = importlib.import_module(benches()[name]).run
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        raise InvalidSettings(f"bench {name} compares with {library}: pip install {library}") from error
    taken = [one for one in inspect.signature(run).parameters.values() if one.name in _OPTIONS]

    def measure(*, as_json: bool, map_: list[str] | None = None, **given: Any) -> None:  # noqa: ANN401  # as declared
        if map_:
            given["map_"] = ",".join(map_)
        tables.show(run(**given).as_json(), as_json=as_json, table=_tables)

    as_json = Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")]
    measure.__doc__ = _said(name)
    measure.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # which Typer reads
        [
            *(one.replace(kind=_KEYWORD, annotation=_OPTIONS[one.name]) for one in taken),
            inspect.Parameter("as_json", _KEYWORD, default=False, annotation=as_json),
        ]
    )
    alone = typer.Typer(add_completion=False)
    example = "".join(_EXAMPLES.get(one.name, "") for one in taken)
    alone.command(name, epilog=f"Example: ltrr bench {name}{example}")(measure)
    return typer.main.get_command(alone)


def _said(name: str) -> str:
    """Return what a bench says of itself, without importing it."""
    spec = importlib.util.find_spec(benches()[name])
    source = Path(str(spec and spec.origin)).read_text("utf-8")
    said = str(ast.get_docstring(ast.parse(source))).partition("`: ")[2]
    return said[:1].upper() + said[1:]


def benches() -> dict[str, str]:
    """Return the benches: name -> module, of `bench` and of its shelves of commands."""
    shelves = [importlib.import_module(name) for name in _SHELVES]
    found = [(shelf, module) for shelf in shelves for module in pkgutil.iter_modules(shelf.__path__)]
    return {module.name: f"{shelf.__name__}.{module.name}" for shelf, module in found if not module.ispkg}


def _tables(document: tables.Answer) -> list[Table]:
    figures: dict[str, Any] = document["figures"]
    tabled = figures if document["tabled"] is None else {name: figures[name] for name in document["tabled"]}
    more = len(figures) - len(tabled)
    table = Table(
        title=f"bench {document['bench']}", title_justify="left", caption=f"{more} more with --json" if more else None
    )
    for column in ("figure", "value", "interval", "unit", "target"):
        table.add_column(column)
    targets: dict[str, Any] = {target["figure"]: target for target in document["targets"]}
    for name, figure in tabled.items():
        target = targets.get(name)
        kept = f"{target['op']} {target['limit']}: {'met' if target['met'] else 'missed'}" if target else ""
        span = f"{_number(figure['low'])} to {_number(figure['high'])}"
        table.add_row(name, _number(figure["value"]), span, figure["unit"], kept)
    return [table]


def _number(value: float | None) -> str:
    """Return a number; one that is not finite has become null in the document."""
    return "?" if value is None else f"{value:.3g}"


for _name in sorted(benches()):
    bench_app.command(_name, help=_said(_name))(lambda: None)
