"""What a search is asked and answers, over HTTP and in the process."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class SearchRequest(BaseModel):
    """One search. query_id with page asks for a further page of an earlier answer."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, StringConstraints(max_length=20_000)]
    application: Name | None = None
    user_id: Name | None = None
    session_id: Name | None = None
    client_id: Name | None = None
    client_query_id: Name | None = None
    attributes: dict[str, str | int | float | bool] = Field(default_factory=dict, max_length=50)
    language: Annotated[str, StringConstraints(max_length=35)] | None = None
    region: Annotated[str, StringConstraints(max_length=10)] | None = Field(
        None, description="ISO 3166 country or subdivision, such as DE or DE-BY, whose public holidays count."
    )
    timezone: str | None = Field(None, description="IANA name, such as Europe/Berlin; UTC where absent.")
    filters: dict[Name, list[str]] = Field(default_factory=dict, max_length=20)
    size: int = Field(10, ge=1, le=100)
    query_id: Name | None = None
    page: int = Field(1, ge=1, le=100)
    explain: bool = False


class SourceOut(BaseModel):
    """An arm that brought an item."""

    arm: str
    rank: int
    score: float


class Item(BaseModel):
    """One result. features and contributions are there when `explain` was asked."""

    object_id: str
    position: int
    type: str
    name: str
    score: float
    sources: list[SourceOut]
    explored: bool = False
    estimate: float | None = None
    features: dict[str, float] | None = None
    contributions: dict[str, float] | None = None


class PlannedArm(BaseModel):
    """What the plan gave an arm. level: step of the ladder; budget: candidates; propensity: P(level)."""

    arm: str
    level: int
    budget: int
    propensity: float


class SearchResponse(BaseModel):
    """One page of results."""

    query_id: str
    page: int
    policy_version: str
    revision: int
    took_ms: float
    items: list[Item]
    plan: list[PlannedArm]
    understanding: list[dict[str, Any]]
    degraded: list[str]
