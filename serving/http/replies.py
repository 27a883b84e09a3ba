"""What is answered over HTTP besides searches; fields may come to be added."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ltrr.models.baseline.regret import Standing
from ltrr.streams.events.refusals import Reason
from ltrr.streams.versions.active import Mode


class _Answer(BaseModel):
    model_config = ConfigDict(extra="allow")


class Rejected(_Answer):
    """One of a list that was not taken. index: its place there."""

    index: int
    reason: Reason
    message: str


class EventsTaken(_Answer):
    """What became of events.

    joined: actions without a query id for which the one they can be about was found. Where this process learns: taught,
    pages and actions that were learned; without_weight: names of actions that teach nothing; not_taught: outcome to how
    many, with hints.
    """

    accepted: int
    rejected: list[Rejected]
    joined: int | None = None
    taught: int | None = None
    without_weight: list[str] | None = None
    not_taught: dict[str, int] | None = None
    hints: list[str] | None = None


class Outdated(_Answer):
    """One of a list that is older than what is held. index: its place there."""

    index: int
    message: str


class ChangesTaken(_Answer):
    """What became of changes of the catalogue. taken: those that made a difference; on Kafka all that were accepted.

    outdated: those that change nothing, since a larger version is held; absent where there are none.
    """

    accepted: int
    taken: int
    rejected: list[Rejected]
    outdated: list[Outdated] | None = None


class TakenEntity(_Answer):
    """What a visitor took. score: what it gained in actions, faded to now."""

    object_id: str
    score: float


class Counted(_Answer):
    """First pages that were shown, and those that were acted on, both faded to now."""

    pages: float
    acted: float


class VisitorLearned(_Answer):
    """Profiles as a user and as a session; engagement as a user, a client, a session, where there is some."""

    user: list[TakenEntity]
    session: list[TakenEntity]
    engagement: dict[str, Counted]


class EntityShown(_Answer):
    """An entity that is in the index."""

    object_id: str
    type: str
    name: str


class EntitiesShown(_Answer):
    """Those of the entities asked for that are in the index. missing: object ids of the others."""

    application: str
    entities: list[EntityShown]
    missing: list[str]


class CatalogueShown(_Answer):
    """What is searched. examples: of queries; shown: attributes of items; counted: those to narrow down by.

    type: the one that all entities have, None where they differ.
    """

    application: str
    entities: int
    examples: list[str]
    shown: list[str]
    counted: list[str]
    type: str | None
    fields: dict[str, list[str]]


class ServedVersion(_Answer):
    """A version and how it takes part in searches."""

    version: str
    mode: Mode


class Promoted(_Answer):
    """What an application is served from now on. before: from what earlier, newest last; removed: versions gone."""

    application: str
    version: str
    mode: Mode
    before: list[ServedVersion]
    shadow: str | None
    removed: list[str] | None = None


class ServingRanker(_Answer):
    """serves: a trained ranker's name, or the online one; refused: why a trained one does not."""

    serves: str
    refused: str | None


class Engagement(_Answer):
    """Pages of late, those on which somebody acted, and their share."""

    pages: float
    acted: float
    rate: float


class HalfLifeChange(_Answer):
    """A half-life from a time on; null never forgets."""

    at: Annotated[str, Field(alias="from")]
    half_life_s: float | None


class Forgetting(_Answer):
    """The half-life at first, null never forgets, and its changes."""

    half_life_s: float | None
    changes: list[HalfLifeChange]


class ArmLearned(_Answer):
    """What the policy thinks of an arm. net_value and probabilities: of each level of the ladder.

    reserved: whether it fills a place of its own by chance, and is ranked by nothing. observations: the decayed weight
    of the decisions that taught it, no count.
    """

    arm: str
    reserved: bool
    observations: float
    mean_credit: float
    net_value: list[float]
    probabilities: list[float]


class Beside(_Answer):
    """How searches do beside other pages.

    difference: with what `matters`; standing: what its interval says, undecided where there is no verdict; doubt: why
    there is none.
    """

    difference: dict[str, float] | None
    standing: Standing
    effective: float
    doubt: str | None


class BesideBaseline(Beside):
    """How plans do beside the baseline, and searches beside what they would be with nothing learned."""

    plan: dict[str, int]
    planned: float
    pages: float
    share: float
    unlearned: Beside


class PositionLook(_Answer):
    """The probability that a position is looked at, with its 95% interval."""

    position: int
    look: float
    low: float
    high: float


class ShadowServed(_Answer):
    """A policy that decides unseen."""

    version: str
    policy: str
    revision: int


class PolicyLearned(_Answer):
    """What an application is served from, and what was learned."""

    active: str
    mode: Mode
    shadow: ShadowServed | None
    shadow_trouble: str | None
    policy: str
    revision: int
    application: str
    ranker: ServingRanker
    decisions: int
    engagement: Engagement
    ladder: list[int]
    max_calls: int | None
    forgetting: Forgetting
    arms: list[ArmLearned]
    baseline: BesideBaseline
    positions: list[PositionLook]


class RememberedPair(_Answer):
    """A query-to-entity pair. near_query: the one whose actions it has; null: its own."""

    object_id: str
    name: str | None
    score: float
    origin: str | None
    near_query: str | None
    predicted: float
    actions: float
    examinations: float
    near_actions: float
    near_examinations: float


class Remembered(_Answer):
    """What is known of a query. prior: weight of the prediction; arms: what arms brought for it."""

    query: str
    application: str
    prior: float
    pairs: list[RememberedPair]
    arms: list[dict[str, str | float]]


class VisitorShown(_Answer):
    """What was learned of a visitor. user_id: the name that is kept; learned: by application."""

    user_id: str
    learned: dict[str, VisitorLearned]
