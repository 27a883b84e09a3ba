"""An impression as it travels: a UBI 1.3.0 query document with the decision under `query_attributes.ltrr`.

A document without `ltrr` is another search's query: no decision, its hits at positions 1 to n.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from ltrr.models.errors import InvalidEvent
from ltrr.models.ranking.position import log_curve
from ltrr.models.records.action_names import plain_name
from ltrr.models.records.impression import Candidate, Decision, Impression, PageKind, Shadow, Source
from ltrr.models.text import typed
from ltrr.streams.events.events import DEFAULT_APPLICATION, Id, Name, OwnId, Probability, Share, UserEvent, Wire
from ltrr.streams.events.lenient import dict_or_none, read_hits
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.topics import Topic

_LAST_POSITION = 1000
_SHOWING = {"impression", "impressions", "item_impression", "product_impression", "view_item_list", "product_list_view"}

HIT_LISTS = ("query_response_hit_ids", "query_response_object_ids", "query_response_objects_ids", "doc_ids")
"""What versions of the plugin, its documentation and other engines call the list of shown ids."""

Words = Annotated[str, BeforeValidator(lambda words: "" if words is None else words)]
Hits = Annotated[
    tuple[str | None, ...] | None,
    BeforeValidator(read_hits),
    WithJsonSchema({"type": ["array", "null", "string"], "description": "Shown ids in order; null keeps a place."}),
]
Count = Annotated[int, Field(ge=0)]
Ordinal = Annotated[int, Field(ge=1)]


def is_showing(action_name: object) -> bool:
    """Tell whether events of a name say what was shown, not what a user did."""
    return isinstance(action_name, str) and plain_name(action_name) in _SHOWING


class CandidateRow(Wire):
    """One entity of the union. sources: [arm, rank, score] each; features: null where missing."""

    object_id: OwnId
    sources: Annotated[tuple[tuple[str, Ordinal, float], ...], Field(fail_fast=True)] = ()
    score: float = 0.0
    contributions: dict[str, float] = Field(default_factory=dict)
    estimate: float = 0.0
    position: Ordinal | None = None
    explored: bool = False
    features: Annotated[tuple[float | None, ...], Field(fail_fast=True)] = ()

    def record(self) -> Candidate:
        """Convert."""
        return Candidate(
            object_id=self.object_id,
            sources=tuple([Source(*source) for source in self.sources]),
            score=self.score,
            contributions=self.contributions,
            estimate=self.estimate,
            position=self.position,
            explored=self.explored,
            features=self.features,
        )


class DecisionRow(Wire):
    """A plan and how it was drawn; `levels` and `probabilities` are in the order of `arms`."""

    policy: str
    policy_version: str
    revision: Count
    arms: tuple[str, ...]
    ladder: tuple[Count, ...]
    levels: tuple[Count, ...]
    probabilities: tuple[tuple[Probability, ...], ...]
    joint: Share
    seed: int
    price: float
    calls: Count

    def record(self) -> Decision:
        """Convert."""
        return Decision(
            policy=self.policy,
            policy_version=self.policy_version,
            revision=self.revision,
            arms=self.arms,
            ladder=self.ladder,
            levels=self.levels,
            probabilities=self.probabilities,
            joint=self.joint,
            seed=self.seed,
            price=self.price,
            calls=self.calls,
        )


class ShadowRow(Wire):
    """What a policy in the shadow would have run instead; it was not. In the order of the decision's arms and ladder.

    served_joint: its probability of the plan that was run.
    """

    policy: str
    policy_version: str
    revision: Count
    levels: tuple[Count, ...]
    probabilities: tuple[tuple[Probability, ...], ...]
    joint: Share
    served_joint: Probability
    price: float
    calls: Count

    def record(self) -> Shadow:
        """Convert."""
        return Shadow(**dict(self))


class Ltrr(Wire):
    """What learning needs and UBI has no field for."""

    schema_version: Literal[1]
    normalised_query: str
    page: Ordinal = 1
    page_size: Ordinal = 10
    client_query_id: Id = None
    user_id: Id = None
    session_id: Id = None
    context: dict[str, float] = Field(default_factory=dict)
    decision: DecisionRow | None = None
    shadow: ShadowRow | None = None
    feature_names: tuple[str, ...] = ()
    candidates: Annotated[tuple[CandidateRow, ...], Field(fail_fast=True)] = ()
    curve: Annotated[tuple[Probability, ...], Field(fail_fast=True)] = ()
    slot_share: Probability = 0.0
    swap_share: Probability = 0.0
    latencies_ms: dict[str, float] = Field(default_factory=dict)
    failures: tuple[str, ...] = ()
    ranker: Name | None = None
    brought: dict[str, dict[str, float]] = Field(default_factory=dict)
    fallback: tuple[str, ...] = ()
    unlearned: tuple[OwnId, ...] = ()
    learn: bool = True
    engagement: Probability = Field(
        1.0, description="How much the page counts while nobody acts on it: how likely its visitor acts on a good one."
    )
    kind: PageKind = PageKind.PAGE
    response_id: Id = None
    erased: tuple[OwnId, ...] = Field((), description="Names of visitors who are to be forgotten; shows nothing.")


class QueryAttributes(Wire):
    """Ours; a site's own attributes may stand beside it."""

    ltrr: Ltrr | None = None


class ImpressionEvent(UserEvent):
    """A UBI 1.3.0 query document of one shown page, or an event that says of objects that they were shown."""

    user_query: Words = ""
    action_name: Name | None = None
    object_id_field: str | None = None
    query_response_id: Id = None
    query_response_hit_ids: Hits = None
    query_response_object_ids: Hits = None
    query_response_objects_ids: Hits = None
    doc_ids: Hits = None
    ltrr_voice: Probability = Field(
        1.0, description="How much the page counts, whatever happens on it: less where its visitor has had his say."
    )
    ltrr_history: bool = Field(
        default=False, description="Whether it was told long after it was shown: its age is no reason to leave it out."
    )
    query_attributes: Annotated[QueryAttributes | None, BeforeValidator(dict_or_none)] = None

    @property
    def hits(self) -> tuple[str | None, ...]:
        """Return the shown ids in order, of the first list that has some; None keeps a place."""
        return next((hits for name in HIT_LISTS if (hits := getattr(self, name))), ())

    def records(self, ordinal_base: int = 1) -> tuple[Impression, ...]:
        """Convert. Raises InvalidEvent without a query_id (no action could be joined) and where parts contradict.

        ordinal_base: the ordinal of the first result at this sender, 0 or 1.
        """
        if self.action_name is not None:
            return tuple(self._shown(ordinal_base))
        if not self.query_id:
            message = "query_id: absent: send the id that actions on these results will name"
            raise InvalidEvent(Reason.MISSING_QUERY_ID, message)
        ltrr = self.query_attributes.ltrr if self.query_attributes else None
        impression = self._record(ltrr or self._foreign())
        impression.check()
        return (impression,)

    def _record(self, ltrr: Ltrr) -> Impression:
        return Impression(
            query_id=self.query_id or "",
            time_s=self.timestamp,
            user_query=self.user_query,
            normalised_query=ltrr.normalised_query,
            page=ltrr.page,
            page_size=ltrr.page_size,
            application=self.application or DEFAULT_APPLICATION,
            client_query_id=ltrr.client_query_id,
            client_id=self.client_id,
            user_id=ltrr.user_id,
            session_id=ltrr.session_id,
            context=ltrr.context,
            decision=ltrr.decision.record() if ltrr.decision else None,
            shadow=ltrr.shadow.record() if ltrr.shadow else None,
            feature_names=ltrr.feature_names,
            candidates=tuple([row.record() for row in ltrr.candidates]),
            curve=ltrr.curve,
            slot_share=ltrr.slot_share,
            swap_share=ltrr.swap_share,
            latencies_ms=ltrr.latencies_ms,
            failures=ltrr.failures,
            ranker=ltrr.ranker,
            brought=ltrr.brought,
            fallback=ltrr.fallback,
            unlearned=ltrr.unlearned,
            learn=ltrr.learn,
            engagement=ltrr.engagement,
            voice=self.ltrr_voice,
            history=self.ltrr_history,
            kind=ltrr.kind,
            response_id=ltrr.response_id,
            erased=ltrr.erased,
        )

    def _foreign(self) -> Ltrr:
        """Read another search's page: hits at positions 1 to n (a repeated one at its first), the DCG curve.

        Some searches send all that they found; nobody has looked at what is behind the first hundred.
        """
        hits = self.hits
        first = {object_id: len(hits) - back for back, object_id in enumerate(reversed(hits))}
        shown = [hit for hit in dict.fromkeys(hits) if hit is not None]
        rows = [CandidateRow(object_id=hit, position=first[hit]) for hit in shown]
        return self._page(PageKind.DOCUMENT, rows, log_curve(len(hits)))

    def _shown(self, ordinal_base: int) -> Iterator[Impression]:
        """Read an event about shown objects: each is a page of its own, several stand one behind the other.

        The first stands where the event says, at position 1 where it says nothing.
        """
        if not is_showing(self.action_name):
            message = f"action_name: nothing that was shown: what users did belongs in {Topic.ACTIONS}"
            raise InvalidEvent(Reason.BAD_FIELD, message)
        first = min(self.first_position(ordinal_base) or 1, _LAST_POSITION)
        for position, object_id in enumerate(self.object_ids(), start=first):
            row = CandidateRow(object_id=object_id, position=position)
            yield self._record(self._page(PageKind.OBJECT, [row], log_curve(position)[-1:], page=position))

    def _page(self, kind: PageKind, rows: Sequence[CandidateRow], curve: tuple[float, ...], page: int = 1) -> Ltrr:
        return Ltrr(
            schema_version=1,
            normalised_query=typed(self.user_query),
            page=page,
            page_size=len(curve) or Ltrr.model_fields["page_size"].default,
            user_id=self.user_id,
            session_id=self.session_id,
            candidates=tuple(rows),
            curve=curve,
            kind=kind,
            response_id=self.query_response_id,
        )
