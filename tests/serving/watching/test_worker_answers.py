"""What a worker answers over HTTP."""

import json
import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry, Counter

from ltrr.models.errors import InvalidSettings
from ltrr.serving.watching.worker_answers import serve_beside, worker_answers


def ask(port: int, path: str) -> tuple[int, str]:
    """Return status and body."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_it_says_whether_it_lives_and_learns():
    """200 where all is well, else 503 and what is not; every other path has the metrics."""
    registry, alive, known = CollectorRegistry(), [True], {"loop": "ok", "group": "ok"}
    Counter("seen", "Seen.", registry=registry).inc(3)
    port = serve_beside(worker_answers(lambda: alive[0], lambda: known, registry), "127.0.0.1", 0)
    assert ask(port, "/healthz") == (200, '{"status": "ok"}')
    assert ask(port, "/readyz") == (200, json.dumps(known))
    status, metrics = ask(port, "/metrics")
    assert (status, "seen_total 3.0" in metrics) == (200, True)
    alive[0], known["group"] = False, "it has not joined the group yet"
    assert ask(port, "/healthz")[0] == 503
    status, body = ask(port, "/readyz")
    assert (status, json.loads(body)["group"]) == (503, "it has not joined the group yet")
    with pytest.raises(InvalidSettings, match="--metrics-port"):
        serve_beside(worker_answers(lambda: True, dict, registry), "127.0.0.1", port)
