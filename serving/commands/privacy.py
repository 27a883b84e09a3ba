"""`ltrr privacy`: what is known of a visitor, and to forget it."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Final

import typer
from pydantic_core import from_json, to_json

from ltrr.models.records.visitors import Visitors
from ltrr.serving.access.audit import by_command
from ltrr.serving.http.answers import knows
from ltrr.serving.http.connection import ask, connect, server_url
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.settings.signing_key import reading_visitors
from ltrr.serving.terminal import tables
from ltrr.serving.versions.logged_events import messages
from ltrr.streams.events.topics import EVENT_TOPICS, Topic
from ltrr.streams.events.visitor_names import names_in

privacy_app = typer.Typer(no_args_is_help=True, help="Show what is known of a visitor, and forget it.")

User = Annotated[str, typer.Argument(help="Id of a user, client or session, or the name that is kept in its place.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]
_ENDPOINTS: Final = "/v1/privacy"
_FORGOTTEN: Final = (
    "{user_id} is forgotten: nothing that was learned is left; what was logged under that name goes when the log drops "
    "the past"
)
_NOBODY: Final = "nothing is known of {user_id}: is the id spelt as it was sent, and LTRR_SECRET the one of then?"
_UNKNOWN: Final = (
    "nothing had been learned of {user_id}: is the id spelt as it was sent, and LTRR_SECRET the one of then? What may "
    "be logged under that name goes when the log drops the past"
)


@privacy_app.command()
def export(user: User) -> None:
    """Write what was learned of a visitor, and each event of them that is logged, to standard output as JSON lines."""
    asyncio.run(_export(user, load_settings()))


@privacy_app.command()
def delete(user: User, as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """Forget a visitor: profiles and engagement now, what is logged when the log drops it."""
    settings = load_settings()
    answer = asyncio.run(_ask(settings, "delete", user))
    tables.show(answer, as_json=as_json, line=_FORGOTTEN if answer["known"] else _UNKNOWN)


async def _export(user: str, settings: Settings) -> None:
    learned, events = await _ask(settings, "export", user), 0
    _write({"learned": learned})
    async for topic, event in _logged(user, settings):
        _write({topic.short: event})
        events += 1
    if not events and not knows(learned["learned"]):
        typer.echo(_NOBODY.format(**learned), err=True)


async def _ask(settings: Settings, doing: str, user: str) -> dict[str, Any]:
    """Ask the server that runs, else open what it would: then no server notes that."""
    visitors = reading_visitors(settings)
    name = None if visitors is None else visitors.name(user)
    noted = server_url(settings) is not None
    note = contextlib.nullcontext() if noted else by_command(settings.audit_path, f"{doing} visitor", visitor=name)
    async with connect(settings) as client:
        with note:
            answer: dict[str, Any] = await ask(client, "POST", f"{_ENDPOINTS}/{doing}", json={"user_id": user})
            return answer


async def _logged(user: str, settings: Settings) -> AsyncIterator[tuple[Topic, Any]]:
    """Yield each event of a visitor that both topics hold."""
    visitors = reading_visitors(settings)
    ends_s = dict.fromkeys(EVENT_TOPICS, time.time())
    async for origin, raw in messages(settings, 0.0, ends_s):
        for event in _of(user, raw or b"", visitors):
            yield origin.topic, event


def _of(user: str, raw: bytes, visitors: Visitors | None) -> Iterator[Any]:
    """Yield the events of a message in which a visitor stands, by id or name."""
    name = user if visitors is None else visitors.name(user)
    # most messages are of others, and need not be read
    if user.isascii() and not any(to_json(one)[1:-1] in raw for one in (user, name)):
        return
    try:
        found = from_json(raw)
    except ValueError:
        return
    for event in found if isinstance(found, list) else [found]:
        if isinstance(event, dict) and name in names_in(event, visitors):
            yield event


def _write(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(to_json(line) + b"\n")
