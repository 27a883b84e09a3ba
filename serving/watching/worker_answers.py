"""What a worker answers over HTTP: whether it lives, whether it learns, and its metrics."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from ltrr.models.errors import InvalidSettings
from ltrr.retrievers.engines.base import HEALTHY

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def worker_answers(
    alive: Callable[[], bool],
    conditions: Callable[[], Mapping[str, str]],
    registry: CollectorRegistry,
    refresh: Callable[[], None] = lambda: None,
) -> "WSGIApplication":
    """Return what answers `/healthz` and `/readyz`, and all else with the metrics of a registry.

    alive: whether the worker goes on. conditions: of each of its parts, "ok" or what is wrong. refresh: brings gauges
    up to date, before metrics are told.
    """
    metrics = make_wsgi_app(registry)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/healthz":
            live = alive()
            return _say(start_response, live, {"status": HEALTHY if live else "its loop stands still"})
        if path == "/readyz":
            known = conditions()
            return _say(start_response, set(known.values()) <= {HEALTHY}, known)
        refresh()
        answered: Iterable[bytes] = metrics(environ, start_response)
        return answered

    return answer


def serve_beside(answers: "WSGIApplication", host: str, port: int) -> int:
    """Answer in threads of its own until this process ends, and return the port. Raises InvalidSettings."""
    kind = _Server6 if ":" in host else _Server
    try:
        server = make_server(host, port, answers, kind, _Quiet)
    except OSError as error:
        raise InvalidSettings(
            f"cannot listen on {host}:{port}: {error.strerror}; give another --metrics-port or LTRR_HOST"
        ) from error
    threading.Thread(target=server.serve_forever, daemon=True, name="worker answers").start()
    return int(server.server_port)


def _say(start_response: "StartResponse", well: bool, what: Mapping[str, str]) -> list[bytes]:  # noqa: FBT001  # private
    start_response("200 OK" if well else "503 Service Unavailable", [("Content-Type", "application/json")])
    return [json.dumps(what).encode()]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    timeout = 30.0  # who sends nothing holds a thread no longer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Write nothing."""
