"""What a search is asked and answers, over HTTP and in the process."""

import sys
from typing import Annotated, Final, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict

from ltrr.models.records.entity import LONGEST_ID
from ltrr.models.records.query import RELEVANCE, Intent
from ltrr.streams.events.events import ObjectId
from ltrr.streams.events.lenient import read_id

_LARGEST: Final = 2**63
_MOST_ACCEPTED: Final = 500  # values of a filter
_MOST_NAMES: Final = 50  # of a request: of tens of thousands each would be told as unknown


def _read_id(value: object) -> str | None:
    if isinstance(value, (int, float)) and abs(value) > _LARGEST:
        raise ValueError("is too large a number")
    return read_id(value)


def _read_whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


_A_NUMBER: Final[JsonDict] = {"type": "number", "minimum": -_LARGEST, "maximum": _LARGEST}
_AN_ID: Final[JsonDict] = {"anyOf": [{"type": "string", "maxLength": LONGEST_ID}, _A_NUMBER, {"type": "null"}]}
Id = Annotated[str | None, BeforeValidator(_read_id), WithJsonSchema(_AN_ID)]
"""As in events: of numbers too, "" is absent."""
Small = Annotated[int, Field(ge=-_LARGEST, le=_LARGEST)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Whole = Annotated[int, BeforeValidator(_read_whole)]  # JSON has one kind of numbers: 10.0 is 10

_STRICT: Final = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
_A_BOUND: Final[JsonDict] = {"type": ["number", "string"]}
_NO_FURTHER_PAGE: Final[JsonDict] = {"properties": {"page": {"const": 1}}}
_NO_PLAN_GIVEN: Final[JsonDict] = {"properties": {"plan": {"type": "null"}}}
_LOGGED: Final[JsonDict] = {"properties": {"log": {"const": True}}}
_TEACHES_NOTHING: Final[JsonDict] = {"required": ["learn"], "properties": {"learn": {"const": False}}}
_OF_AN_ANSWER: Final[JsonDict] = {
    "required": ["query_id"],
    "properties": {"query_id": {"type": ["string", "number"], "minLength": 1}},
}

Accepted = Annotated[list[str | float | bool], Field(max_length=_MOST_ACCEPTED)]


def _read_bound(value: object) -> object:
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    if not number and not isinstance(value, str):
        raise ValueError("is neither a finite number nor text such as a date")
    return value


Bound = Annotated[float | str, BeforeValidator(_read_bound)]


class Bounds(BaseModel):
    """A range of numbers, or of dates in ISO 8601 or seconds since the epoch: one bound, or one on each side."""

    model_config = _STRICT | ConfigDict(
        frozen=True,
        json_schema_extra={
            "anyOf": [{"required": [one], "properties": {one: _A_BOUND}} for one in ("gte", "gt", "lte", "lt")],
            "not": {
                "anyOf": [
                    {"required": [*pair], "properties": dict.fromkeys(pair, _A_BOUND)}
                    for pair in (("gte", "gt"), ("lte", "lt"))
                ]
            },
        },
    )

    gte: Bound | None = None
    gt: Bound | None = None
    lte: Bound | None = None
    lt: Bound | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self == type(self).model_construct():
            raise ValueError("a range needs a bound: gte, gt, lte or lt")
        if None not in {self.gte, self.gt} or None not in {self.lte, self.lt}:
            raise ValueError("a range has one bound on a side: gte or gt, and lte or lt")
        return self


def _form(accepted: object) -> str:
    if isinstance(accepted, (dict, BaseModel)):
        return "range"
    return "list" if isinstance(accepted, (list, tuple)) else "value"


Condition = Annotated[
    Annotated[Bounds, Tag("range")] | Annotated[Accepted, Tag("list")] | Annotated[str | float | bool, Tag("value")],
    Discriminator(_form),
]
"""What a filter accepts; where it cannot be read, what is said is of the form that was sent."""


class FacetRequest(BaseModel):
    """A field whose entities are counted by ranges, in the order given."""

    model_config = _STRICT

    field: Name
    ranges: Annotated[list[Bounds], Field(min_length=1, max_length=50)]


Counted = Annotated[
    Annotated[FacetRequest, Tag("range")] | Annotated[Name, Tag("value")],
    Discriminator(lambda asked: "range" if _form(asked) == "range" else "value"),
]
"""What a facet counts."""


class SearchRequest(BaseModel):
    """One search. query_id with page asks for a further page of an earlier answer."""

    model_config = _STRICT | ConfigDict(
        json_schema_extra={
            "allOf": [
                {"anyOf": [_NO_FURTHER_PAGE, _OF_AN_ANSWER]},
                {"anyOf": [_NO_PLAN_GIVEN, _TEACHES_NOTHING]},
                {"anyOf": [_LOGGED, _TEACHES_NOTHING]},
            ]
        }
    )

    query: Annotated[str, StringConstraints(max_length=20_000)]
    application: Id = None
    user_id: Id = None
    session_id: Id = None
    client_id: Id = None
    client_query_id: Id = None
    attributes: dict[str, str | Small | float | bool] = Field(default_factory=dict, max_length=50)
    language: Annotated[str, StringConstraints(max_length=35)] | None = None
    region: Annotated[str, StringConstraints(max_length=10)] | None = Field(
        None, description="ISO 3166 country or subdivision, such as DE or DE-BY, whose public holidays count."
    )
    timezone: str | None = Field(None, description="IANA name, such as Europe/Berlin; UTC where absent.")
    filters: dict[Name, Condition] = Field(default_factory=dict, max_length=20)
    sort: Name = Field(
        RELEVANCE,
        description="Or newest, or a number or date of entities, with - before it for the largest first; of a page in "
        "another order than relevance nothing is learned. Where absent, the words may ask for one: cheapest laptop.",
    )
    facets: list[Counted] = Field(default_factory=list, max_length=10)
    fields: list[Name] = Field(
        default_factory=list, max_length=50, description="Attributes that items carry, and description, popularity, ..."
    )
    size: Whole = Field(10, ge=1, le=100)
    query_id: Id = None
    page: Whole = Field(1, ge=1, le=100)
    explain: bool = False
    learn: bool = Field(default=True, description="Whether anything may be learned from this page and its actions.")
    log: bool = Field(
        default=True,
        description="Whether the page is logged; false is for looking at answers, as nobody can act on a page that is "
        "not. Only with `learn: false`.",
    )
    plan: dict[Name, Whole] | None = Field(
        None,
        max_length=_MOST_NAMES,
        description="Runs this plan, arm -> candidates, in the order of retrieval, as if nothing had been learned, and"
        " logs nothing: for judging. Only with `learn: false`.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: object) -> object:
        if isinstance(raw, dict) and len(raw) > _MOST_NAMES:
            raise ValueError(f"a search has at most {_MOST_NAMES} fields")
        return raw

    @model_validator(mode="after")
    def _teaches_nothing(self) -> Self:
        if not self.log and self.learn:
            raise ValueError("a page that is not logged teaches nothing: say learn: false beside log: false")
        return self

    def same(self, default: str) -> tuple[object, ...]:
        """Return what is the same in requests for the same results: values of SAME, and a plan where one is given.

        default: the application where none is named.
        """
        filters = sorted((name, repr(accepted)) for name, accepted in self.filters.items())
        given = () if self.plan is None else (tuple(sorted(self.plan.items())),)
        return self.query, self.application or default, tuple(filters), self.asked_sort, self.size, *given

    @property
    def asked_sort(self) -> str:
        """Return the order that is asked for, "" where none is, as the words may then ask for one."""
        return self.sort if "sort" in self.model_fields_set else ""


SAME: Final = ("query", "application", "filters", "sort", "size")
"""What all pages of an answer are asked with."""


class UserName(BaseModel):
    """A user: by the id that a site has given, or the name that is kept in its place."""

    model_config = ConfigDict(extra="forbid")

    user_id: ObjectId


class Forgotten(UserName):
    """Who is forgotten, by the name that was kept. known: whether anything had been learned of them."""

    known: bool


class SourceOut(BaseModel):
    """An arm that brought an item."""

    arm: str
    rank: int
    score: float


class Item(BaseModel):
    """One result. attributes: those that `fields` asked; features and contributions are there with `explain`.

    groups: what features that cost no call added to the score, by group.
    """

    object_id: str
    position: int
    type: str
    name: str
    score: float
    sources: list[SourceOut]
    explored: bool = False
    attributes: dict[str, list[str | float]] | None = None
    estimate: float | None = None
    features: dict[str, float] | None = None
    contributions: dict[str, float] | None = None
    groups: dict[str, float] | None = None


class PlannedArm(BaseModel):
    """What the plan gave an arm. level: step of the ladder; budget: candidates; propensity: P(level)."""

    arm: str
    level: int
    budget: int
    propensity: float


class ShadowOut(BaseModel):
    """What the policy in the shadow would have run; it was not. propensities are its own."""

    policy: str
    policy_version: str
    revision: int
    plan: list[PlannedArm]


class SlotOut(BaseModel):
    """A part of the query and what it is read as.

    category: "name", or an attribute; value: as the catalogue writes it.
    """

    text: str
    category: str
    value: str


class InterpretationOut(BaseModel):
    """One way to read the whole query; likelihoods of one query sum to 1."""

    likelihood: float
    slots: list[SlotOut]


class UnderstandingOut(BaseModel):
    """What the query was understood as.

    language: the request's, else what the words tell; ambiguity: in [0, 1]; without: what is not wanted; ranges: the
    bounds that the words set to numbers and dates.
    """

    intent: Intent
    language: str | None = None
    ambiguity: float
    interpretations: list[InterpretationOut]
    without: list[str] = Field(default_factory=list)
    ranges: dict[str, Bounds] = Field(default_factory=dict)


class FacetCount(BaseModel):
    """How many candidates of the search carry a value, or one within a range."""

    value: str
    count: int
    range: Bounds | None = None


class SearchResponse(BaseModel):
    """One page of results.

    sort: what items are ordered by: what was asked, else what the words ask for; relevance, where no entity has that.
    learned: whether anything may be learned from the page: never where no plan was drawn, which `plan` then shows as
    empty: in another order than relevance, and for an empty query.
    retrieved: results on all pages together, which the plan's arms brought, not all that match.
    facets: counts over all candidates of the search, not over the page or the catalogue. shadow: where `explain` was
    asked and a policy decides in the shadow. fallback: arms that ran because the plan brought nothing or too little.
    hints: why nothing was found, that a page is behind all results, and names in the request that no entity has, or
    that it is of other words than were typed. ranker: the one that gave the scores; there when `explain` was asked.
    """

    query_id: str
    page: int
    policy_version: str
    revision: int
    took_ms: float
    sort: str = RELEVANCE
    learned: bool = True
    retrieved: int = 0
    items: list[Item]
    plan: list[PlannedArm]
    shadow: ShadowOut | None = None
    understanding: UnderstandingOut
    facets: dict[str, list[FacetCount]]
    degraded: list[str]
    fallback: list[str] = Field(default_factory=list)
    hints: list[str] = Field(default_factory=list)
    ranker: str | None = None
