"""Talk to the service over HTTP: to one that runs, or to the data folder opened in this process."""

import contextlib
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from models.errors import InvalidInput, LtrrError
from serving.api import create_app
from serving.embedded import EmbeddedService
from serving.settings import Settings

_TIMEOUT_S = 60.0
_ADDRESS = "server.json"
_USER_ERRORS = range(400, 500)


@contextlib.contextmanager
def published_address(folder: Path, url: str) -> Any:  # noqa: ANN401  # a context manager of nothing
    """Let commands find a server by its data folder while it runs."""
    path = folder / _ADDRESS
    path.write_text(json.dumps({"url": url, "pid": os.getpid()}))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of LTRR_URL, else of the server that runs on the data folder, else of the folder itself."""
    url = settings.url or _running(settings.data_dir)
    if url is not None:
        async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S) as client:
            yield client
        return
    service = EmbeddedService(settings, time.time, settings.data_dir)
    try:
        transport = httpx.ASGITransport(create_app(service, close=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://ltrr") as client:
            yield client
    finally:
        service.close()


async def ask(client: httpx.AsyncClient, method: str, path: str, **what: Any) -> Any:  # noqa: ANN401  # JSON
    """Send a request and return its JSON. Raises InvalidInput or LtrrError with the server's own words."""
    try:
        response = await client.request(method, path, **what)
    except httpx.HTTPError as error:
        raise LtrrError(f"no answer from {client.base_url}: {error}; is `ltrr serve` running there?") from error
    if response.is_success:
        return response.json()
    try:
        detail = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"{client.base_url}{path} answered {response.status_code}"
    raise InvalidInput(detail) if response.status_code in _USER_ERRORS else LtrrError(detail)


def _running(folder: Path) -> str | None:
    """Return the address of the server that runs on a data folder."""
    try:
        address = json.loads((folder / _ADDRESS).read_text())
        os.kill(int(address["pid"]), 0)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(address["url"])
