"""`ltrr bench`: measure, and print one JSON document or a table."""

import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from ltrr.models.errors import InvalidInput, InvalidSettings, UnknownName
from ltrr.serving.terminal import tables

_SHELVES: Final = ("ltrr.bench", "ltrr.bench.people", "ltrr.bench.servers", "ltrr.bench.speed")


def bench(
    name: Annotated[str, typer.Argument(help="What to measure; docs/benches.md lists the names.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 0,
    data: Annotated[Path | None, typer.Option(help="Folder or file of data, for the benches that need one.")] = None,
    queries: Annotated[
        int | None, typer.Option(min=1, help="How many queries to ask at most, in a bench of queries.")
    ] = None,
    events: Annotated[int | None, typer.Option(min=1, help="How many events, in a bench of a log.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="How long, in a bench that goes on.")] = None,
    encoder: Annotated[str | None, typer.Option(help="Dense encoder, where engines are searched.")] = None,
    sparse_encoder: Annotated[str | None, typer.Option(help="Sparse encoder, where engines are searched.")] = None,
    calls: Annotated[str | None, typer.Option(help="Cap on calls of what learns: 1, 2, 3 or all.")] = None,
    budget: Annotated[int | None, typer.Option(min=4, help="Candidates of a query, a multiple of 4.")] = None,
    grid: Annotated[bool | None, typer.Option("--grid", help="All caps on calls.")] = None,
    delay: Annotated[int | None, typer.Option(min=0, help="Pages that are shown before one is learned.")] = None,
    frozen: Annotated[bool | None, typer.Option("--frozen", help="Keep the index as of before the log.")] = None,
    eval_users: Annotated[Path | None, typer.Option(help="File of user ids: count their queries alone.")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="How many seeds are pooled.")] = None,
    drift: Annotated[str | None, typer.Option(help="What changes in the middle: outage, mix or catalogue.")] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="What columns of a catalogue become, as `ltrr index` has it.")
    ] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="How often all is measured, in turns.")] = None,
    largest: Annotated[int | None, typer.Option(min=1_000, help="Entities at most, in a bench over sizes.")] = None,
    svg: Annotated[Path | None, typer.Option(help="File for a picture.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, nothing else.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Measure a part of the product; a target that is missed fails nothing."""
    known = benches()
    if name not in known:
        raise UnknownName("bench", name, known)
    try:
        run = importlib.import_module(known[name]).run
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        raise InvalidSettings(f"bench {name} compares with {library}: pip install {library}") from error
    options = {
        "data": data,
        "queries": queries,
        "events": events,
        "minutes": minutes,
        "encoder": encoder,
        "sparse-encoder": sparse_encoder,
        "calls": calls,
        "budget": budget,
        "grid": grid,
        "delay": delay,
        "frozen": frozen,
        "eval-users": eval_users,
        "seeds": seeds,
        "drift": drift,
        "map": ",".join(map_) if map_ else None,
        "rounds": rounds,
        "largest": largest,
        "svg": svg,
    }
    given = {key: value for key, value in options.items() if value is not None}
    takes = {_option(one.name): one for one in inspect.signature(run).parameters.values()}
    for key in given.keys() - takes.keys():
        raise InvalidInput(f"bench {name} takes no --{key}: leave it out")
    for key, parameter in takes.items():
        if parameter.default is inspect.Parameter.empty and key not in given:
            raise InvalidInput(f"bench {name} needs --{key}; docs/benches.md says what it is")
    document = run(seed=seed, **{takes[key].name: value for key, value in given.items()})
    tables.show(document.as_json(), as_json=as_json, table=_tables)


def _option(parameter: str) -> str:
    return parameter.rstrip("_").replace("_", "-")


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
