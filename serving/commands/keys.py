"""`ltrr keys`: make keys for callers, list them, revoke them."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.table import Table

from ltrr.models.errors import InvalidInput
from ltrr.serving.access.audit import by_command
from ltrr.serving.access.keys import Key, Keys, Role
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.terminal import tables

keys_app = typer.Typer(no_args_is_help=True, help="Keys of callers: once there is one, `ltrr serve` asks for them.")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]


@keys_app.command()
def create(
    name: Annotated[str, typer.Argument(help="What to call it, such as whose it is.")],
    role: Annotated[list[Role], typer.Option(help="What it may do; may be given several times.")],
    origin: Annotated[
        list[str] | None, typer.Option(help="Page origin, such as https://shop.example: a key that browsers send.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Make a key and print it: it is shown this once, and kept as a hash."""
    keys, audit = _open()
    origins = [_origin(text) for text in origin or ()]
    with by_command(audit, "create key", key=name, roles=[*sorted(role)], origins=list(origins)):
        key, token = keys.create(name, role, origins, time.time())
    tables.show({**_shown(key), "key": token}, as_json=as_json, line="{key}")
    if len(keys.all()) == 1:
        typer.echo("from now on every caller is asked for a key, those of a server that runs as well", err=True)


@keys_app.command("list")
def list_keys(as_json: AsJson = False) -> None:  # noqa: FBT002  # a flag
    """List the keys, without their secrets."""
    keys, _ = _open()
    tables.show({"keys": [_shown(key) for key in keys.all()]}, as_json=as_json, table=_table)


@keys_app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Name or id of the key.")],
    as_json: AsJson = False,  # noqa: FBT002  # a flag
) -> None:
    """Revoke a key; running services refuse it from the next request on."""
    keys, audit = _open()
    with by_command(audit, "revoke key", key=name):
        key = keys.revoke(name)
    tables.show(_shown(key), as_json=as_json, line="{name} is revoked")


def _open() -> tuple[Keys, Path]:
    settings = load_settings()
    return Keys(settings.keys_path), settings.audit_path


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or text != f"{parts.scheme}://{parts.netloc}":
        raise InvalidInput(f"{text!r} is no origin: write scheme, host and port alone, as https://shop.example")
    return text


def _shown(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "roles": sorted(key.roles),
        "origins": list(key.origins),
        "created": datetime.fromtimestamp(key.created_s, UTC).isoformat(timespec="seconds"),
    }


def _table(answer: tables.Answer) -> list[Table]:
    table = tables.new_table("id", "name", "roles", "origins", "created")
    table.title = "keys"
    for key in answer["keys"]:
        table.add_row(key["id"], key["name"], ", ".join(key["roles"]), ", ".join(key["origins"]), key["created"])
    return [table]
