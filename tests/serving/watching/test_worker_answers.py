"""What a worker answers over HTTP."""

import json
import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry, Counter

from ltrr.models.errors import InvalidSettings
from ltrr.serving.metrics import Metrics
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


def test_a_partition_of_another_worker_has_no_lag_here():
    """What is not known is not told as 0, and gauges are as of the moment at which they are read."""
    metrics, lags, conditions = Metrics(), {0: 3, 1: None}, {"kafka": "ok", "state": "ok"}

    def refresh() -> None:
        metrics.show_conditions(conditions, None)
        for partition, lag in lags.items():
            metrics.show_lag("actions", partition, lag)

    port = serve_beside(worker_answers(lambda: True, lambda: conditions, metrics.registry, refresh), "127.0.0.1", 0)

    def told(name: str) -> list[str]:
        return [line for line in ask(port, "/metrics")[1].splitlines() if line.startswith(name + "{")]

    assert told("ltrr_consumer_lag") == ['ltrr_consumer_lag{partition="0",topic="actions"} 3.0']
    assert told("ltrr_condition") == ['ltrr_condition{part="kafka"} 1.0', 'ltrr_condition{part="state"} 1.0']
    lags |= {0: None, 1: 0}
    conditions["kafka"] = "it has told nothing for 42 s"
    assert told("ltrr_consumer_lag") == ['ltrr_consumer_lag{partition="1",topic="actions"} 0.0']
    assert told("ltrr_condition")[0] == 'ltrr_condition{part="kafka"} 0.0'
