"""A version in the shadow of another one under load: asked and logged, not run, judged from the log, then online."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ltrr.models.records.impression import Impression
from ltrr.streams.events.codec import parse_impressions, split_batch
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.reader import KafkaReader
from tests.integration import traffic
from tests.integration.test_promotion import Load, two_query_workers
from tests.integration.test_replay import board, run, version_of

pytestmark = pytest.mark.servers
JUDGED = 40


@pytest.fixture
def servers(topics: Brokers, tmp_path: Path) -> Iterator[tuple[traffic.Processes, list[str]]]:
    """Yield processes of a version whose baseline is full text, and the URLs of two query workers."""
    with two_query_workers(topics, tmp_path, LTRR_BASELINE=json.dumps({"fulltext": 4})) as both:
        yield both


@pytest.fixture
def load(servers: tuple[traffic.Processes, list[str]]) -> Iterator[Load]:
    """Yield a load on both query workers, which ends with the test however that goes."""
    load = Load(servers[1])
    yield load
    load.end()


def impressions(bootstrap: Brokers) -> list[Impression]:
    """Return all impressions on the topic."""

    async def read() -> list[Impression]:
        async with KafkaReader(bootstrap) as reader:
            records = [
                record
                for partition in range(traffic.PARTITIONS)
                async for record in reader.read(Topic.IMPRESSIONS, partition)
            ]
        found = (one for record in records for _, read in split_batch(record.value, parse_impressions) for one in read)
        return [event for event in found if isinstance(event, Impression)]

    return asyncio.run(read())


def shown(urls: list[str]) -> list[dict[str, object]]:
    """Return what each query worker says of its policy."""
    return [httpx.get(f"{url}/v1/policy", timeout=20).raise_for_status().json() for url in urls]


def all_say(urls: list[str], **expected: object) -> bool:
    """Tell whether all query workers say so of their policies."""
    return all(said.get(name) == value for said in shown(urls) for name, value in expected.items())


def test_from_the_shadow_to_online(
    topics: Brokers,
    servers: tuple[traffic.Processes, list[str]],
    load: Load,
    record_property: Callable[[str, object], None],
):
    """Searches come from the first version while the second is logged and judged; then it is online; none fails."""
    processes, urls = servers
    first, second = processes.environment["LTRR_VERSION"], version_of("second")
    processes.worker("first")
    traffic.wait_until(lambda: len(load.answers) > 50, 60, lambda: f"no answers: {load.failures[:3]}")
    traffic.wait_until(lambda: board(topics).revision(first) > 0, 180, "nothing is learned")
    run(processes, "replay", "replay", "--into", second, "--policy", "thompson")
    processes.start("second", "worker", "--name", "second", LTRR_VERSION=second)
    promoted = run(processes, "shadow", "policy", "promote", second, "--mode", "shadow")
    promoted_s = time.time()
    assert (promoted["version"], promoted["mode"], promoted["shadow"]) == (first, "online", second)
    traffic.wait_until(
        lambda: all(said["shadow"] and said["shadow"]["version"] == second for said in shown(urls)),  # type: ignore[index]
        20,
        "the shadow does not reach all",
    )
    took_s = time.time() - promoted_s

    def logged() -> list[Impression]:
        return [page for page in impressions(topics) if page.shadow is not None]

    traffic.wait_until(lambda: len(logged()) >= JUDGED, 30, "no shadow is logged")
    check_logged(logged(), first, second)
    check_dashboard(urls, first, second)
    check_judged(processes, second)
    check_commands(processes, first, second)
    online = httpx.post(f"{urls[0]}/v1/policy/{second}/promote", timeout=20).raise_for_status().json()
    online_s = time.time()
    assert (online["version"], online["mode"], online["shadow"]) == (second, "online", None)
    assert online["before"] == [{"version": first, "mode": "online"}]
    traffic.wait_until(lambda: load.changed_over(online_s, second), 20, "not all change over")
    late_s = load.last_of_others(online_s, time.time(), second)
    run(processes, "apprentice", "policy", "promote", first, "--mode", "apprentice")
    traffic.wait_until(
        lambda: all_say(urls, active=first, mode="apprentice", policy="apprentice"), 20, "no baseline is served"
    )
    back = httpx.post(f"{urls[1]}/v1/policy/rollback", timeout=20).raise_for_status().json()
    assert (back["version"], back["mode"], back["before"]) == (second, "online", online["before"])
    traffic.wait_until(lambda: all_say(urls, active=second, mode="online", policy="thompson"), 20, "not rolled back")
    load.end()
    assert load.failures == []
    assert {found for at, _, found in load.answers if at <= online_s - 1} == {first}
    apprentices = [page for page in impressions(topics) if page.decision and page.decision.policy == "apprentice"]
    assert {page.decision.policy_version for page in apprentices if page.decision} <= {first}
    record_property(
        "seen",
        f"{len(load.answers)} searches, none failed; the shadow was there {1000 * took_s:.0f} ms after its "
        f"promotion; the last answer without it online came {1000 * late_s:.0f} ms after that",
    )


def check_logged(pages: list[Impression], first: str, second: str) -> None:
    """Each page was decided by the first version and has the plan of the second, over the same arms."""
    for page in pages:
        assert page.decision is not None
        assert page.shadow is not None
        assert page.decision.policy_version == first
        assert (page.shadow.policy_version, page.shadow.policy) == (second, "thompson")
        assert len(page.shadow.levels) == len(page.decision.levels)
    assert any(page.shadow.levels != page.decision.levels for page in pages if page.shadow and page.decision)


def check_dashboard(urls: list[str], first: str, second: str) -> None:
    """Each query worker tells the dashboard of both versions, of its own searches beside the shadow, and of Kafka."""
    for url in urls:
        told = httpx.get(f"{url}/v1/versions", timeout=20).raise_for_status().json()
        assert told["several"]
        assert {row["version"] for row in told["versions"] if row["complete"]} >= {first, second}
        (served,) = told["applications"]
        assert (served["active"], served["mode"], served["shadow"], served["before"]) == (first, "online", second, None)
        strategies = httpx.get(f"{url}/v1/dashboard/strategies", timeout=20).raise_for_status().json()
        assert 0 < strategies["shadow"]["pages"] <= strategies["searches"]
        health = httpx.get(f"{url}/v1/dashboard/health", timeout=20).raise_for_status().json()
        assert (health["ready"], health["learns"], health["log_bytes"]) == (True, False, None)
        assert health["spool_events"] >= 0
        assert health["freshness"]["updates"] > 0
        live = httpx.get(f"{url}/v1/dashboard/live", timeout=20).raise_for_status().json()
        assert sum(live["history"]["counts"]["actions"]) > 0


def check_judged(processes: traffic.Processes, second: str) -> None:
    """`ltrr evaluate` says what the second version would have earned, from what it logged."""
    document = run(processes, "evaluate", "evaluate", "--policy", "shadow", "--policy", "uniform", "--from", "0")
    uniform, judged = document["policies"]  # type: ignore[misc]
    assert judged["policy"] == f"shadow:{second}"
    assert JUDGED <= judged["decisions"] < uniform["decisions"] == document["decisions"]
    for row in judged["estimates"]:
        assert isinstance(row["value"], float), row
    assert document["unusable"] == {}


def check_commands(processes: traffic.Processes, first: str, second: str) -> None:
    """Commands show the modes, and what is in a shadow cannot be deleted."""
    listed = {row["version"]: row for row in run(processes, "list", "policy", "list")["versions"]}  # type: ignore[attr-defined]
    assert (listed[first]["active"], listed[first]["modes"]) == (["default"], {"default": ["online"]})
    assert (listed[second]["active"], listed[second]["modes"]) == ([], {"default": ["shadow"]})
    process = processes.start(f"delete-{uuid.uuid4().hex[:4]}", "policy", "delete", second)
    traffic.wait_until(lambda: process.exit_code is not None, 60, process.said)
    assert process.exit_code == 2
    assert "is in the shadow of default" in process.said()


def test_a_shadow_that_does_not_fit_costs_nothing(
    topics: Brokers, servers: tuple[traffic.Processes, list[str]], load: Load
):
    """A version over other arms is named as the trouble; searches go on, and query workers stay ready."""
    processes, urls = servers
    first, other = processes.environment["LTRR_VERSION"], version_of("other")
    processes.worker("first")
    traffic.wait_until(lambda: board(topics).revision(first) > 0, 180, "nothing is learned")
    run(processes, "replay", "replay", "--into", other, "--set", 'arms=["fulltext", "fuzzy"]')
    run(processes, "shadow", "policy", "promote", other, "--mode", "shadow")
    reason = f"version {other} does not decide in the shadow: its arms or its ladder are not those of version {first}"
    traffic.wait_until(lambda: all_say(urls, shadow=None, shadow_trouble=reason), 20, lambda: str(shown(urls)))
    ready = httpx.get(f"{urls[0]}/readyz", timeout=20)
    assert (ready.status_code, ready.json()["shadow"], ready.json()["state"]) == (200, reason, "ok")
    run(processes, "end", "policy", "rollback")
    traffic.wait_until(lambda: all_say(urls, active=first, shadow_trouble=None), 20, "the shadow does not end")
    assert "shadow" not in httpx.get(f"{urls[0]}/readyz", timeout=20).json()
    load.end()
    assert load.failures == []
    assert all(page.shadow is None for page in impressions(topics))
