"""What is answered to the dashboard; fields may come to be added."""

from pydantic import BaseModel, ConfigDict

from ltrr.models.baseline.regret import Standing
from ltrr.streams.versions.active import Mode


class _Answer(BaseModel):
    model_config = ConfigDict(extra="allow")


class Interval(_Answer):
    """A number with the ends of its 95% interval."""

    value: float
    low: float
    high: float


class ArmSteps(_Answer):
    """Of each step the plans that ran an arm, and the candidates that they asked for."""

    on: list[float]
    candidates: list[float]


class StepsShown(_Answer):
    """What happened in each step. began_s: when counting did; starts_s: when steps do; counts and gauges by name."""

    application: str
    now_s: float
    span: str
    step_s: int
    began_s: float
    starts_s: list[float]
    counts: dict[str, list[float]]
    gauges: dict[str, list[float | None]]
    arms: dict[str, ArmSteps]


class SeenEvent(_Answer):
    """A search with the number of its results, or an action on an object; name: null where it is gone."""

    time_s: float
    query: str
    results: int | None = None
    action_name: str | None = None
    object_id: str | None = None
    name: str | None = None


class LiveShown(_Answer):
    """The last quarter of an hour, and what was seen last, the newest first."""

    application: str
    revision: int
    history: StepsShown
    events: list[SeenEvent]


class Unit(_Answer):
    """The action in which people count, and its reward."""

    action: str
    reward: float


class EngineTime(_Answer):
    """Round trips of an engine in the last searches, in milliseconds."""

    engine: str
    searches: int
    median_ms: float
    p95_ms: float


class BesideShadow(_Answer):
    """How searches do beside the policy in the shadow. standing: what the interval says; doubt: why there is none."""

    pages: int
    effective: float
    difference: Interval | None
    standing: Standing
    doubt: str | None


class StrategyWorth(_Answer):
    """What an arm is worth and costs, in reward for each search. shares: of levels; baseline: its candidates there."""

    arm: str
    engines: list[str]
    calls: int
    reserved: bool
    baseline: int
    observations: float
    shares: list[float]
    worth: Interval
    price: float


class RunLately(_Answer):
    """The last searches here for a kind of query. shares: of the plans, for each arm at each level of the ladder."""

    kind: str
    searches: int
    shares: list[list[float]]


class StrategiesShown(_Answer):
    """What strategies are worth. alone: by themselves, instead of what is lost without them; searches: seen here."""

    application: str
    unit: Unit
    alone: bool
    searches: int
    lately: list[RunLately]
    ladder: list[int]
    engines: list[EngineTime]
    shadow: BesideShadow | None
    arms: list[StrategyWorth]


class SeenQuery(_Answer):
    """Searches for a query. empty: that showed nothing; acted: on which somebody acted; fallback: plans like that."""

    query: str
    searches: int
    empty: int
    acted: int
    actions: int
    fallback: int
    last_s: float


class QueriesShown(_Answer):
    """The first queries of an order, of how many searches since when."""

    application: str
    order: str
    searches: int
    since_s: float
    queries: list[SeenQuery]


class PlanPart(_Answer):
    """An arm that was on. propensity: P(its level)."""

    arm: str
    budget: int
    propensity: float


class ShownItem(_Answer):
    """A result. name: null where it is gone; taken: whether somebody acted on it."""

    object_id: str
    name: str | None
    taken: bool


class SeenSearch(_Answer):
    """A search. plan: null of another search's page; fallback: arms that ran as it brought nothing."""

    time_s: float
    plan: list[PlanPart] | None
    fallback: list[str]
    results: int
    shown: list[ShownItem]
    actions: int


class QueryShown(_Answer):
    """The last searches for a query, the newest first."""

    application: str
    query: str
    searches: list[SeenSearch]


class Freshness(_Answer):
    """From an action to the policy that has learned it; null before the first."""

    updates: int
    mean_s: float | None
    within_1s: float | None


class HealthShown(_Answer):
    """How the process fares since it started. learns: whether it is this one that learns."""

    ready: bool
    conditions: dict[str, str]
    learns: bool
    freshness: Freshness
    events: list[dict[str, str | int]]
    dead_letters: list[dict[str, str | int]]
    without_weight: list[dict[str, str | int]]
    degraded: list[dict[str, str | int]]
    drift: list[dict[str, str | int]]
    memory_pairs: int
    log_bytes: int | None
    open_pages: int | None
    spool_events: int | None


class VersionShown(_Answer):
    """A version. complete: whether its rebuild is through; settings: those that it was learned under, of its own."""

    version: str
    revision: int
    complete: bool
    settings: dict[str, object]


class ApplicationServed(_Answer):
    """What an application is served from. trouble: why nothing is in the shadow; before: where a rollback leads."""

    application: str
    active: str
    mode: Mode
    shadow: str | None
    trouble: str | None
    before: str | None


class VersionsShown(_Answer):
    """The versions that there are. several: whether there can be more than one."""

    several: bool
    versions: list[VersionShown]
    applications: list[ApplicationServed]
