"""Talk to the service over HTTP: to one that runs, or to the data folder opened in this process."""

import asyncio
import contextlib
import fcntl
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx

from ltrr.models.errors import InvalidInput, StorageFailed
from ltrr.retrievers.engines.base import HEALTHY
from ltrr.serving.http.answers import answer_of, no_answer
from ltrr.serving.settings.settings import Settings

_TIMEOUT_S = 60.0
_HEALTH_S = 5.0
_ADDRESS = "server.json"


@contextlib.contextmanager
def published_address(folder: Path, url: str) -> Iterator[None]:
    """Let commands find a server by its data folder while it runs: its lock on the file ends with it, even killed."""
    path = folder / _ADDRESS
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(json.dumps({"url": url}))
            file.flush()
        except OSError as error:
            raise StorageFailed(f"cannot write {path}: {error.strerror}; free some space") from error
        stack.callback(path.unlink, missing_ok=True)
        yield


@contextlib.asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of LTRR_URL, else of the server that runs on the data folder, else of the folder itself."""
    url = server_url(settings)
    if url is not None:
        headers = {} if settings.key is None else {"Authorization": f"Bearer {settings.key.get_secret_value()}"}
        async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S, headers=headers) as client:
            yield client
        return
    from ltrr.serving.http.api import create_app  # noqa: PLC0415  # these bring all that searches, which a server has
    from ltrr.serving.service.opening import open_service  # noqa: PLC0415

    service = open_service(settings)
    try:
        service.start()
        await service.caught_up()
        transport = httpx.ASGITransport(create_app(service, close=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://ltrr") as client:
            yield client
    finally:
        await service.stop()
        service.close()


async def ask(client: httpx.AsyncClient, method: str, path: str, **what: Any) -> Any:  # noqa: ANN401  # JSON
    """Send a request and return its JSON. Raises InvalidInput or LtrrError with the server's own words."""
    try:
        response = await client.request(method, path, **what)
    except UnicodeEncodeError as error:
        raise InvalidInput("what was given is not UTF-8 text") from error
    except httpx.HTTPError as error:
        raise no_answer(client.base_url, error) from error
    return answer_of(response)


def answer(settings: Settings, method: str, path: str, **what: Any) -> dict[str, Any]:  # noqa: ANN401  # what httpx takes
    """Send one request to what `connect` finds, and return its JSON."""

    async def asked() -> dict[str, Any]:
        async with connect(settings) as client:
            found: dict[str, Any] = await ask(client, method, path, **what)
            return found

    return asyncio.run(asked())


def server_url(settings: Settings) -> str | None:
    """Return LTRR_URL, else the address of the server that runs on the data folder."""
    return str(settings.url) if settings.url else running_server(settings.data_dir)


def running_server(folder: Path) -> str | None:
    """Return the address of the server that runs on a data folder."""
    try:
        with (folder / _ADDRESS).open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return str(json.load(file)["url"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None  # nothing there, or what a killed server left behind


def serves_at(host: str, port: int) -> bool:
    """Tell whether what listens there is a service of ltrr. host: as for listening, of all interfaces too."""
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # not bound
    url = f"http://[{asked}]:{port}" if ":" in asked else f"http://{asked}:{port}"
    try:
        return bool(httpx.get(f"{url}/healthz", timeout=_HEALTH_S).json() == {"status": HEALTHY})
    except (httpx.HTTPError, ValueError):
        return False
