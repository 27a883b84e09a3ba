"""Topics that were made again, and another secret: learning stops with what to do, instead of going on in silence."""

import json
import time
import urllib.error
from pathlib import Path

import httpx
import pytest
from kafka import KafkaAdminClient, KafkaConsumer

from deploy.local import ports
from ltrr.bench.running.processes import Process
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka import admin
from ltrr.streams.kafka.brokers import Brokers
from tests.integration import traffic
from tests.integration.test_replay import board, run, version_of
from tests.integration.test_serving import serve
from tests.integration.test_worker import said, send_now

pytestmark = pytest.mark.servers
SAID = "was learned from other topics than there are: ltrr.actions (partition 0 ends at 0"


def made_again(bootstrap: Brokers, topic: Topic) -> None:
    """Delete a topic, and make it again, empty."""
    client = KafkaAdminClient(**bootstrap.client())
    try:
        client.delete_topics([topic])
    finally:
        client.close()

    def made() -> bool:
        return topic in admin.create(bootstrap, traffic.PARTITIONS)

    traffic.wait_until(made, 30, f"{topic} is not made again")
    with_broker = KafkaConsumer(**bootstrap.client())
    traffic.wait_until(lambda: topic in with_broker.topics(), 20, f"{topic} is not there again")
    with_broker.close()


def ended(process: Process) -> str:
    """Return what a process says once it has ended, with another code than 0."""
    traffic.wait_until(lambda: process.exit_code is not None, 60, process.said)
    assert process.exit_code != 0
    return process.log.read_text()


def findings(processes: traffic.Processes, name: str, **environment: str) -> dict[str, dict[str, str]]:
    """Return what `ltrr doctor` finds."""
    process = processes.start(name, "doctor", "--json", **environment)
    traffic.wait_until(lambda: process.exit_code is not None, 120, process.said)
    found = json.loads(process.log.read_text().splitlines()[-1])["findings"]
    return {one["what"]: one for one in found}


def ready(port: int) -> dict[str, str]:
    """Return what a worker says of its parts; nothing before it answers."""
    try:
        return said(port, "readyz")
    except urllib.error.URLError:
        return {}


def test_a_topic_that_was_made_again_is_not_learned_in_silence(topics: Brokers, tmp_path: Path):
    """Workers end and refuse, and query workers, `doctor` and `policy list` say what to do; a replay learns on."""
    version, again = version_of("before"), version_of("again")
    with traffic.Processes(topics, tmp_path, version) as processes:
        worker, (_, url) = processes.worker("worker"), serve(processes, "serve", 503)
        send_now(topics, 1, 600)
        traffic.wait_until(lambda: board(topics).lag(version, traffic.ends(topics)) == 0, 60, worker.said)
        assert httpx.get(f"{url}/readyz").json()["learning"] == "ok"
        made_again(topics, Topic.ACTIONS)
        assert SAID in ended(worker)
        assert f"version {version} {SAID}" in ended(processes.worker("refused"))
        told = f"version {version} {SAID}"
        traffic.wait_until(lambda: told in httpx.get(f"{url}/readyz").json()["learning"], 30, "it says nothing")
        click = {"query_id": "q", "action_name": "click", "timestamp": time.time(), "event_attributes": {}}
        click["event_attributes"] = {"object": {"object_id": "song-1"}}
        answer = httpx.post(f"{url}/v1/events", json=click).json()
        assert "nothing of it is learned for now" in answer["hints"][0]
        found = findings(processes, "doctor")["learned from"]
        assert (found["state"], told in found["said"]) == ("failed", True)
        (row,) = run(processes, "list", "policy", "list")["versions"]
        assert told in str(row["trouble"])
        run(processes, "replay", "replay", "--into", again)
        on = processes.start("on", "worker", "--name", "on", LTRR_VERSION=again)
        send_now(topics, 2, 200)
        traffic.wait_until(lambda: board(topics).lag(again, traffic.ends(topics)) == 0, 60, on.said)
        run(processes, "promote", "policy", "promote", again)
        traffic.wait_until(lambda: httpx.get(f"{url}/readyz").json()["learning"] == "ok", 30, "it is not served")


def test_one_secret_is_that_of_all(topics: Brokers, tmp_path: Path):
    """A process with another one refuses to start until that is on record, and the first one refuses from then on."""
    one, other = ({"LTRR_SECRET": f"{which} secret of this installation"} for which in ("one", "another"))
    with traffic.Processes(topics, tmp_path, version_of("secret")) as processes:
        port = ports.free()
        first = processes.start("first", "worker", "--metrics-port", str(port), **one)
        traffic.wait_until(lambda: "ok" in ready(port).get("state", ""), 60, first.said)
        assert "not the secret of the other processes" in ended(
            processes.start("serve", "serve", "--port", "0", **other)
        )
        found = findings(processes, "doctor", **other)["secret"]
        assert (found["state"], "`ltrr topics secret`" in found["said"]) == ("failed", True)
        assert "LTRR_SECRET is not set" in ended(processes.worker("without"))
        with_both = one | {"LTRR_SECRET": other["LTRR_SECRET"], "LTRR_FORMER_SECRETS": json.dumps([one["LTRR_SECRET"]])}
        serve(processes, "newer", 503, **with_both)
        assert "not the secret of the other processes" in ended(processes.start("older", "worker", **one))
        replaced = processes.start("replaced", "topics", "secret", **other)
        traffic.wait_until(lambda: replaced.exit_code is not None, 60, replaced.said)
        assert "name visitors by another secret" in ended(processes.start("both", "worker", **with_both))
        assert findings(processes, "after", **other)["secret"]["state"] == "ok"
