"""The command line: every command is a function of its own module, wired here."""

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine
from typing import Annotated, Any

import typer

from ltrr.models.errors import InvalidInput, LtrrError
from ltrr.serving.commands.bench import bench
from ltrr.serving.commands.demo import demo
from ltrr.serving.commands.doctor import doctor
from ltrr.serving.commands.export import export
from ltrr.serving.commands.index import index
from ltrr.serving.commands.keys import keys_app
from ltrr.serving.commands.learned.evaluate import evaluate
from ltrr.serving.commands.learned.policy import policy_app
from ltrr.serving.commands.learned.ranker import ranker_app
from ltrr.serving.commands.learned.replay import replay
from ltrr.serving.commands.topics import topics_app
from ltrr.serving.commands.worker import worker
from ltrr.serving.http.api import create_app
from ltrr.serving.http.client import given
from ltrr.serving.http.connection import ask, connect, published_address
from ltrr.serving.http.guard import guard_of
from ltrr.serving.http.server import address, bind
from ltrr.serving.http.server import serve as serve_http
from ltrr.serving.publishing import file as event_file
from ltrr.serving.publishing import report as publish_report
from ltrr.serving.service.opening import open_service
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal import tables

app = typer.Typer(
    name="ltrr",
    help="Learning to rank and retrieve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(keys_app, name="keys")
app.add_typer(policy_app, name="policy")
app.add_typer(ranker_app, name="ranker")
app.add_typer(topics_app, name="topics")
app.command()(demo)
app.command()(worker)
app.command()(index)
app.command()(bench)
app.command()(doctor)
app.command()(evaluate)
app.command()(replay)
app.command()(export)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]
Application = Annotated[str | None, typer.Option(help="Tenant; the first of LTRR_APPLICATIONS where absent.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (LTRR_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, 0 for any free one (LTRR_PORT).")] = None,
    accept_shorter_log: Annotated[  # noqa: FBT002  # a flag
        bool,
        typer.Option("--accept-shorter-log", help="Learn a log that lacks records anew, and keep the state aside."),
    ] = False,
) -> None:
    """Serve searches and take events over the data folder (LTRR_DATA_DIR) until Ctrl-C."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(**given)
    guard = guard_of(settings)
    with bind(settings.host, settings.port) as bound:
        service = open_service(settings, accept_shorter_log=accept_shorter_log)
        url = address(bound)
        with published_address(settings.data_dir, url):
            typer.echo(f"ltrr serves {len(service.index)} entities at {url} (API at {url}/docs); Ctrl-C ends", err=True)
            signal.signal(signal.SIGTERM, lambda *_: None)  # raised once more after the server has stopped
            asyncio.run(serve_http(create_app(service, guard=guard), bound))


@app.command()
def publish(
    file: Annotated[str, typer.Argument(help="JSON of UBI events and queries, in any form; - reads standard input.")],
    trusted: Annotated[bool, typer.Option("--trusted", help="Keep ltrr's plans in queries.")] = False,  # noqa: FBT002  # a flag
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Publish events; what is bad is left out, and summed up by kind on standard error."""
    settings = load_settings()
    report = _run(event_file.publish(file, settings, trust=trusted))
    tables.show(report, as_json=as_json, line=publish_report.said(report))
    if report["bad"]:
        raise typer.Exit(1)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to search for.")],
    application: Application = None,
    user_id: Annotated[str | None, typer.Option(help="Who searches.")] = None,
    size: Annotated[int, typer.Option(min=1, max=100, help="Results on the page.")] = 10,
    explain: Annotated[bool, typer.Option(help="Show what each arm added to each score.")] = False,  # noqa: FBT002  # a flag
    no_learn: Annotated[bool, typer.Option("--no-learn", help="Let nothing be learned from the page.")] = False,  # noqa: FBT002  # a flag
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Search, and show the plan that was run."""
    body = {"query": query, "application": application, "user_id": user_id, "size": size}
    body |= {"explain": explain, "learn": not no_learn}
    answer = _run(_ask("POST", "/v1/search", json={k: v for k, v in body.items() if v is not None}))
    tables.show(answer, as_json=as_json, table=tables.results)


@app.command()
def memory(
    query: Annotated[str, typer.Argument(help="The query whose memory to show.")],
    application: Application = None,
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Show what is remembered of a query: its query-to-entity (Q2E) pairs."""
    answer = _run(_ask("GET", "/v1/memory", params=given(query=query, application=application)))
    tables.show(answer, as_json=as_json, table=tables.pairs)


@policy_app.command("show")
def policy_show(application: Application = None, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Show the active policy and what it thinks of each arm."""
    answer = _run(_ask("GET", "/v1/policy", params=given(application=application)))
    tables.show(answer, as_json=as_json, table=tables.policy)


def main() -> None:
    """Run the command line: 0 for success, 1 for failure, 2 for wrong use, one line on standard error."""
    logging.basicConfig(level=logging.WARNING, format="ltrr: %(message)s", stream=sys.stderr)
    for chatty in ("kafka", "elastic_transport"):  # they warn of every slow moment
        logging.getLogger(chatty).setLevel(logging.ERROR)
    try:
        sys.exit(app(prog_name="ltrr", standalone_mode=False))
    except LtrrError as error:
        sys.stderr.write(f"ltrr: {error}\n")
        sys.exit(2 if isinstance(error, InvalidInput) else 1)
    except typer.TyperException as error:
        sys.stderr.write(_wrong_use(error))
        sys.exit(2)
    except typer.Abort:
        sys.exit(130)


def _wrong_use(error: typer.TyperException) -> str:
    """Return one line for a wrong call; a command that was called without what it needs has printed its help."""
    context = getattr(error, "ctx", None)
    if not str(error):
        return ""
    command = context.command_path if context else "ltrr"
    return f"ltrr: {error.format_message().rstrip('.')}; see {command} --help\n"


async def _ask(method: str, path: str, **what: Any) -> dict[str, Any]:  # noqa: ANN401  # what httpx takes
    async with connect(load_settings()) as client:
        answer: dict[str, Any] = await ask(client, method, path, **what)
        return answer


def _run(work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    return asyncio.run(work)
