"""Prometheus metrics of a process. Labels come from bounded sets; nothing that a user typed becomes one."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, ProcessCollector
from prometheus_client.samples import Sample

from ltrr.models.state.state import State
from ltrr.retrievers.engines.base import HEALTHY
from ltrr.serving.tables import Table
from ltrr.streams.events.refusals import Reason
from ltrr.streams.files.room import Room

RESIDENT: Final = "process_resident_memory_bytes"
"""The only gauge that adds up over processes; they may share some of it."""
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_HTTP_SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5)  # for each route: what searches take is told apart above


class Metrics:
    """The metrics of one process, in a registry of its own. elsewhere: what its other processes have counted."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.elsewhere: Callable[[], Iterable[Iterable[Metric]]] = tuple
        registry = self.registry
        ProcessCollector(registry=registry)
        self.http_requests = Counter(
            "ltrr_http_requests_total",
            "Requests that were answered, by the route that they match.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.http_seconds = Histogram(
            "ltrr_http_request_seconds",
            "Time from a request to the end of its answer.",
            ["method", "route"],
            buckets=_HTTP_SECONDS,
            registry=registry,
        )
        self.searches = Counter("ltrr_searches_total", "Searches of people.", ["application"], registry=registry)
        self.searches_empty = Counter(
            "ltrr_searches_empty_total", "Searches that showed nothing.", ["application"], registry=registry
        )
        self.searches_acted = Counter(
            "ltrr_searches_acted_total",
            "Searches of here that got their first action here.",
            ["application"],
            registry=registry,
        )
        self.actions = Counter(
            "ltrr_actions_total",
            "Actions with a weight that came in here.",
            ["application", "action"],
            registry=registry,
        )
        self.search_seconds = Histogram(
            "ltrr_search_seconds", "Time of a search, request to answer.", buckets=_SECONDS, registry=registry
        )
        self.retrieve_seconds = Histogram(
            "ltrr_retrieve_seconds", "Time of an engine's round trip.", ["engine"], buckets=_SECONDS, registry=registry
        )
        self.phase_seconds = Histogram(
            "ltrr_search_phase_seconds", "Time of a part of a search.", ["phase"], buckets=_SECONDS, registry=registry
        )
        self.arm_level = Counter(
            "ltrr_arm_level_total", "Plans that ran an arm at a level (0 is off).", ["arm", "level"], registry=registry
        )
        self.shadow_level = Counter(
            "ltrr_shadow_level_total",
            "Plans of the policy in the shadow that had an arm at a level; same: whether it was run at that level.",
            ["arm", "level", "same"],
            registry=registry,
        )
        self.shadow_failed = Counter(
            "ltrr_shadow_failed_total", "Searches for which the policy in the shadow found no plan.", registry=registry
        )
        self.propensity = Histogram(
            "ltrr_propensity",
            "Probability of the chosen level, by arm and query.",
            buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0),
            registry=registry,
        )
        self.reward = Gauge("ltrr_reward", "Mean credit of an arm as it ran.", ["arm"], registry=registry)
        self.position_look = Gauge(
            "ltrr_position_look",
            "Estimated probability that a position is looked at, relative to the first.",
            ["position"],
            registry=registry,
        )
        self.drift = Counter(
            "ltrr_drift_total", "Changes of what an arm is worth that were detected.", ["arm"], registry=registry
        )
        self.events = Counter(
            "ltrr_events_total", "Events by what became of them.", ["topic", "outcome"], registry=registry
        )
        self.without_weight = Counter(
            "ltrr_actions_without_weight_total",
            "Actions that were taken here and teach nothing, by name: the first ones, all others as `other`.",
            ["name"],
            registry=registry,
        )
        self.dead_letters = Counter(
            "ltrr_deadletter_total", "Events that could not be read, by reason.", ["reason"], registry=registry
        )
        for reason in Reason:  # begun at 0: the first one would be no rise of a counter that begins with it
            self.dead_letters.labels(reason)
        self.degraded = Counter(
            "ltrr_degraded_total",
            "Searches that an engine did not answer, or that the log did not take.",
            ["engine"],
            registry=registry,
        )
        self.fallback = Counter(
            "ltrr_fallback_total",
            "Searches whose plan brought nothing or too little, so that the baseline ran.",
            registry=registry,
        )
        self.freshness_seconds = Histogram(
            "ltrr_freshness_seconds",
            "Time from the log's record of an action to the policy that learned it being served.",
            buckets=(0.001, 0.005, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0),
            registry=registry,
        )
        self.policy_version = Gauge(
            "ltrr_policy_version",
            "1 for the version that an application is served from, and how.",
            ["application", "version", "policy", "mode"],
            registry=registry,
        )
        self.policy_revision = Gauge(
            "ltrr_policy_revision", "Messages that a served version has absorbed.", ["version"], registry=registry
        )
        self.ranker = Gauge(
            "ltrr_ranker", "1 for the ranker that serves an application.", ["application", "ranker"], registry=registry
        )
        self.baseline_regret = Gauge(
            "ltrr_baseline_regret",
            "Net reward for each page less the baseline's, with its 95% interval and what matters; none in doubt.",
            ["application", "bound"],
            registry=registry,
        )
        self.learning_gain = Gauge(
            "ltrr_learning_gain",
            "Net reward for each page less that of the baseline with nothing learned, likewise.",
            ["application", "bound"],
            registry=registry,
        )
        self.baseline_compared = Gauge(
            "ltrr_baseline_compared",
            "Share of first pages that are compared with the baseline: on the others its arms hardly had a chance.",
            ["application"],
            registry=registry,
        )
        self.engagement = Gauge(
            "ltrr_engagement",
            "Share of an application's pages that are acted on, faded as what is learned.",
            ["application"],
            registry=registry,
        )
        self.memory_pairs = Gauge("ltrr_memory_pairs", "Query-to-entity pairs in memory.", registry=registry)
        self.open_pages = Gauge("ltrr_open_pages", "Pages that may still get actions.", registry=registry)
        self.table_entries = Gauge(
            "ltrr_table_entries", "Entries of a table that grows in the process.", ["table"], registry=registry
        )
        self.table_bound = Gauge(
            "ltrr_table_bound", "Entries that it may have; absent where time bounds it.", ["table"], registry=registry
        )
        self.behind = Gauge(
            "ltrr_behind",
            "Messages of an event topic that a served version has not absorbed, whoever learns it.",
            ["version", "topic"],
            registry=registry,
        )
        self.consumer_lag = Gauge(
            "ltrr_consumer_lag",
            "Messages of a source partition that its worker has not absorbed; absent where this one does not have it.",
            ["topic", "partition"],
            registry=registry,
        )
        self.condition = Gauge(
            "ltrr_condition",
            "1 where a part of the process can work, as /readyz says; else 0.",
            ["part"],
            registry=registry,
        )
        self.disk_free = Gauge("ltrr_disk_free_bytes", "What the disk of the data folder has left.", registry=registry)
        self.disk_reserve = Gauge("ltrr_disk_reserve_bytes", "What of it stays free.", registry=registry)
        self.log_bytes = Gauge("ltrr_log_bytes", "Bytes of the embedded log's records.", registry=registry)
        self.spool_events = Gauge(
            "ltrr_spool_events", "Events that are kept here and not yet acknowledged by Kafka.", registry=registry
        )

    def samples(self, metric: Counter | Gauge | Histogram) -> Sequence[Sample]:
        """Return the samples of one metric, with what other processes have counted."""
        (own,) = metric.collect()
        same = [other for counted in self.elsewhere() for other in counted if other.name == own.name]
        return added(own, *same).samples

    def counted(self) -> Iterator[Metric]:
        """Yield what adds up over processes: what was counted, processor time, resident memory."""
        return (metric for metric in self.registry.collect() if _adds_up(metric))

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics, with what other processes of the service have counted."""
        others = [metric for counted in self.elsewhere() for metric in counted]
        for metric in self.registry.collect():
            same = [other for other in others if other.name == metric.name]
            yield added(metric, *same) if same else metric

    def watch_applications(self, applications: Iterable[str], actions: Iterable[str]) -> None:
        """Begin the counters of what people do at 0."""
        for application in applications:
            for counter in (self.searches, self.searches_empty, self.searches_acted):
                counter.labels(application)
            for action in actions:
                self.actions.labels(application, action)

    def watch_engines(self, engines: Iterable[str]) -> None:
        """Begin the counters of engines, and of the log, at 0."""
        for engine in engines:
            self.degraded.labels(engine)

    def watch_drift(self, arms: Iterable[str]) -> None:
        """Show that drift is looked for: a counter that begins with its first change would hide that one."""
        for arm in arms:
            self.drift.labels(arm)

    def show_lag(self, topic: str, partition: int, messages: int | None) -> None:
        """Bring the lag of a partition up to date; None where it is not known here, which is another thing than 0."""
        if messages is None:
            self.consumer_lag.remove(topic, str(partition))
        else:
            self.consumer_lag.labels(topic, str(partition)).set(messages)

    def show_behind(self, behind: Mapping[str, Mapping[str, int]]) -> None:
        """Bring up to date how many messages the served versions have not absorbed: version -> topic -> messages."""
        self.behind.clear()
        for version, topics in behind.items():
            for topic, messages in topics.items():
                self.behind.labels(version, topic).set(messages)

    def show_conditions(self, conditions: Mapping[str, str], room: Room | None) -> None:
        """Bring the gauges of parts and of the disk up to date. conditions: of each part, "ok" where it can work."""
        for part, said in conditions.items():
            self.condition.labels(part).set(said == HEALTHY)
        if room is not None:
            self.disk_free.set(room.free_bytes)
            self.disk_reserve.set(room.reserve_bytes)

    def show_tables(self, tables: Iterable[Table]) -> None:
        """Bring the gauges of tables up to date."""
        for table in tables:
            self.table_entries.labels(table.name).set(table.entries)
            if math.isfinite(table.most):
                self.table_bound.labels(table.name).set(table.most)

    def show(self, states: Mapping[str, State], pairs: int) -> None:
        """Bring the gauges of learned state up to date. states: of the served versions; pairs: in their memories."""
        self.policy_revision.clear()
        for version, state in states.items():
            self.policy_revision.labels(version).set(state.revision)
        applications = [application for state in states.values() for application in state.applications.values()]
        self.memory_pairs.set(pairs)
        curves = [application.positions.curve.looks for application in applications]
        for position, looks in enumerate(zip(*curves, strict=True), start=1):
            self.position_look.labels(str(position)).set(sum(looks) / len(looks))
        for arm in dict.fromkeys(arm for state in states.values() for arm in state.learning.rules.names):
            models = [a.reward_model for a in applications]
            known = [model.mean_credit(arm) for model in models if arm in model.regressors]
            self.reward.labels(arm).set(sum(known) / len(known) if known else 0.0)


def added(first: Metric, *others: Metric) -> Metric:
    """Return the sum of one metric of several processes, by labels."""
    sums: dict[tuple[str, tuple[tuple[str, str], ...]], Sample] = {}
    for sample in (sample for metric in (first, *others) for sample in metric.samples):
        key = sample.name, tuple(sorted(sample.labels.items()))
        held = sums.get(key)
        if held is None:
            sums[key] = sample
        elif not sample.name.endswith("_created"):  # the time at which it began
            sums[key] = sample._replace(value=held.value + sample.value)
    total = Metric(first.name, first.documentation, first.type)
    total.samples = list(sums.values())
    return total


def _adds_up(metric: Metric) -> bool:
    return metric.type in {"counter", "histogram"} or metric.name == RESIDENT


class Laps:
    """Observes how long each part of a search took."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._began_s = self._at_s = perf_counter()

    def __call__(self, phase: str) -> None:
        """Note that a part has ended."""
        now_s = perf_counter()
        self._metrics.phase_seconds.labels(phase).observe(now_s - self._at_s)
        self._at_s = now_s

    @property
    def total_s(self) -> float:
        """Return the seconds from the start to the end of the last part."""
        return self._at_s - self._began_s
