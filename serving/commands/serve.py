"""`ltrr serve`: the service over HTTP."""

import asyncio
import signal
from typing import Annotated

import typer

from ltrr.serving.http.api import create_app
from ltrr.serving.http.connection import published_address
from ltrr.serving.http.guard import guard_of
from ltrr.serving.http.server import address, bind
from ltrr.serving.http.server import serve as serve_http
from ltrr.serving.processes.ending import END_S, end_within
from ltrr.serving.service.opening import open_service
from ltrr.serving.settings.settings import load_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (LTRR_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, 0 for any free one (LTRR_PORT).")] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that search; beside them one serves, and learns embedded.")
    ] = 1,
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
        service = open_service(settings, accept_shorter_log=accept_shorter_log, workers=workers, tell=_tell)
        service.secrets.keep()  # names are told that have to hold, though nothing is logged yet
        url = address(bound)
        with published_address(settings.data_dir, url):
            more = "" if settings.kafka is None else "; what else ltrr.entities has is being read"
            entities = f"{len(service.index)} entities at {url} (API at {url}/docs){more}"
            typer.echo(f"ltrr serves {entities}; Ctrl-C ends", err=True)
            signal.signal(signal.SIGTERM, lambda *_: None)  # raised once more after the server has stopped
            asyncio.run(serve_http(create_app(service, guard=guard), bound))
            end_within(END_S, "ltrr serve")


def _tell(said: str) -> None:
    typer.echo(f"ltrr is {said}", err=True)
