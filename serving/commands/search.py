"""`ltrr search` and `ltrr memory`: ask the service that runs, or the data folder."""

from typing import Annotated

import typer

from ltrr.serving.http.answers import given
from ltrr.serving.http.connection import answer
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal import tables

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]
Application = Annotated[str | None, typer.Option(help="Tenant; the first of LTRR_APPLICATIONS where absent.")]


def search(
    query: Annotated[str, typer.Argument(help="What to search for.")],
    application: Application = None,
    user_id: Annotated[str | None, typer.Option(help="Who searches.")] = None,
    size: Annotated[int, typer.Option(min=1, max=100, help="Results on the page.")] = 10,
    explain: Annotated[bool, typer.Option(help="Show what arms, matches and the like added to each score.")] = False,  # noqa: FBT002  # a flag
    no_learn: Annotated[bool, typer.Option("--no-learn", help="Let nothing be learned from the page.")] = False,  # noqa: FBT002  # a flag
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Search, and show the plan that was run."""
    body = {"query": query, "application": application, "user_id": user_id, "size": size}
    body |= {"explain": explain, "learn": not no_learn}
    found = answer(load_settings(), "POST", "/v1/search", json={k: v for k, v in body.items() if v is not None})
    tables.show(found, as_json=as_json, table=tables.results)


def memory(
    query: Annotated[str, typer.Argument(help="The query whose memory to show.")],
    application: Application = None,
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Show what is remembered of a query: its query-to-entity (Q2E) pairs."""
    found = answer(load_settings(), "GET", "/v1/memory", params=given(query=query, application=application))
    tables.show(found, as_json=as_json, table=tables.pairs)
