"""What one shown page logs: everything that learning from it needs, so that nothing is computed again."""

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b
from itertools import chain
from typing import Annotated, Self

from msgspec import Meta, Struct, structs

from ltrr.models.errors import InvalidEvent
from ltrr.models.records.entity import LONGEST_ID

Probability = Annotated[float, Meta(ge=0, le=1)]
Share = Annotated[float, Meta(gt=0, le=1)]
Count = Annotated[int, Meta(ge=0)]
_SUM_TOLERANCE = 1e-6


class PageKind(StrEnum):
    """How it is said what was shown: a numbered page, one of the documents of a query, or a single object."""

    PAGE = "page"
    DOCUMENT = "document"
    OBJECT = "object"


class Source(Struct, frozen=True, array_like=True, gc=False):
    """Where a candidate came from. rank: 1-based in the arm's own list."""

    arm: str
    rank: Annotated[int, Meta(ge=1)]
    score: float


class Candidate(Struct, frozen=True, omit_defaults=True, gc=False):
    """One entity of the union.

    score: what the union was sorted by, descending. contributions: arm -> its additive part of that score.
    estimate: calibrated value in [0, 1] of the entity to this user once it is looked at. position: 1-based shown
    position over all pages, None where not shown. explored: shown at random instead of by score. features: the
    ranker's inputs in the order of the impression's feature_names; None where missing; empty where not shown.
    """

    object_id: Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
    sources: tuple[Source, ...] = ()
    score: float = 0.0
    contributions: dict[str, float] = {}
    estimate: float = 0.0
    position: Annotated[int, Meta(ge=1)] | None = None
    explored: bool = False
    features: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A plan and how it was drawn.

    ladder: budgets by level, first 0 (off). levels: the chosen level (index into ladder) of each arm.
    probabilities: marginal P(level) for each arm, shape (arms, levels), each row sums to 1. joint: P(this plan),
    in (0, 1]. price: the plan's cost before lambda. calls: distinct backend sub-requests.
    """

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

    def budgets(self) -> dict[str, int]:
        """Return the arms that are on with their budgets in candidates."""
        pairs = zip(self.arms, self.levels, strict=True)
        return {arm: self.ladder[level] for arm, level in pairs if level}

    def troubles(self) -> Iterator[str]:
        """Say what contradicts what."""
        if not len(self.arms) == len(set(self.arms)) == len(self.levels) == len(self.probabilities):
            yield "arms must differ, with one of levels and one of probabilities each"
        if not self.ladder or list(self.ladder) != sorted(set(self.ladder)) or self.ladder[0] != 0:
            yield "ladder must start with 0 and rise"
        if not all(0 <= level < len(self.ladder) for level in self.levels):
            yield "levels must be places in ladder"
        if any(len(row) != len(self.ladder) for row in self.probabilities) or not 0 < self.joint <= 1:
            yield "probabilities must have one entry for each step of ladder, and joint be above 0 and at most 1"
        if not _add_up(self.probabilities):
            yield "probabilities must sum to 1 for each arm"


@dataclass(frozen=True, slots=True)
class Shadow:
    """What another policy would have decided in the same place; it was not run, and nobody learns from it.

    levels, probabilities and joint are those of its own plan, in the order of the decision's arms and ladder.
    served_joint: its P(plan that was run), in [0, 1]. The seed is the decision's.
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

    @classmethod
    def of(cls, own: Decision, served_joint: float) -> Self:
        """Return a policy's own decision as the shadow of another one."""
        return cls(
            policy=own.policy,
            policy_version=own.policy_version,
            revision=own.revision,
            levels=own.levels,
            probabilities=own.probabilities,
            joint=own.joint,
            served_joint=served_joint,
            price=own.price,
            calls=own.calls,
        )

    def troubles(self, decision: Decision | None) -> Iterator[str]:
        """Say what does not fit the decision that was run."""
        if decision is None:
            yield "shadow stands beside a decision"
            return
        shape = [len(decision.ladder)] * len(decision.arms)
        if len(self.levels) != len(shape) or not all(0 <= level < len(decision.ladder) for level in self.levels):
            yield "levels of shadow must be places in ladder, one for each arm"
        if [len(row) for row in self.probabilities] != shape:
            yield "probabilities of shadow must have one entry for each arm and step of ladder"
        if not _add_up(self.probabilities):
            yield "probabilities of shadow must sum to 1 for each arm"
        if not (0 < self.joint <= 1 and 0 <= self.served_joint <= 1):
            yield "joint probabilities of shadow must be at most 1, and that of its own plan above 0"


@dataclass(frozen=True, slots=True)
class Impression:
    """One shown page of one query.

    page: 1-based. decision: None for queries that were not planned by us (UBI queries, imported logs). shadow: what
    another policy would have decided, if one was asked.
    candidates: the whole union, best score first. curve: probability that position 1, 2, ... is looked at.
    slot_share, swap_share: the chances with which the page was changed at random (see Placement).
    latencies_ms: engine -> milliseconds. failures: arms whose engine did not answer. ranker: the one that was trained
    in batches and ordered the union, None for the online ranker. brought: of the plan's arms that answered, see
    measure_calls. fallback: arms that ran because the plan brought nothing, or too little: no merit of it. unlearned:
    object ids of the page that the baseline would have shown with nothing learned, in its order, where that is known.
    learn: whether anything may be learned from the page and from actions on it. engagement: how much silence of its
    visitor says of the page, in [0, 1] (see Senders). voice: how much the page counts, whatever happens on it,
    in [0, 1]: less than 1 where its visitor has had more say than others. history: whether it was told long after it
    was shown, so that its age is no reason to leave it out. kind: of the page; response_id: of a document's response,
    where its sender gave one. erased: visitors who are to be forgotten, all that was logged of them before; such a
    record shows nothing.
    """

    query_id: str
    time_s: float
    user_query: str
    normalised_query: str
    page: int = 1
    page_size: int = 10
    application: str = "default"
    client_query_id: str | None = None
    client_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    context: Mapping[str, float] = field(default_factory=dict)
    decision: Decision | None = None
    shadow: Shadow | None = None
    feature_names: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    curve: tuple[float, ...] = ()
    slot_share: float = 0.0
    swap_share: float = 0.0
    latencies_ms: Mapping[str, float] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    ranker: str | None = None
    brought: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    fallback: tuple[str, ...] = ()
    unlearned: tuple[str, ...] = ()
    learn: bool = True
    engagement: float = 1.0
    voice: float = 1.0
    history: bool = False
    kind: PageKind = PageKind.PAGE
    response_id: str | None = None
    erased: tuple[str, ...] = ()

    @property
    def key(self) -> Hashable:
        """Return what tells the page from others of its query and kind."""
        if self.kind is PageKind.PAGE:
            return self.page
        shown = [(c.position, c.object_id) for c in self.candidates]
        said = repr((self.response_id if self.kind is PageKind.DOCUMENT else None, shown))
        return blake2b(said.encode(errors="surrogatepass"), digest_size=16).digest()  # pages wait in memory

    def numbered(self, page: int) -> Self:
        """Return a first page as a later one: positions count on."""
        offset = (page - self.page) * self.page_size
        moved = [c if c.position is None else structs.replace(c, position=c.position + offset) for c in self.candidates]
        return replace(self, page=page, candidates=tuple(moved))

    @property
    def sender(self) -> str | None:
        """Return who asked, as far as that was said: a user, else a client, else a session."""
        return sender_of(self.user_id, self.client_id, self.session_id)

    @property
    def visitor(self) -> str | None:
        """Return the person who asked: a user, else a client; one person may have many sessions."""
        return sender_of(self.user_id, self.client_id, None)

    def looks(self) -> dict[str, float]:
        """Return P(looked at) of each shown entity."""
        first = self.first_position
        return {c.object_id: self.curve[c.position - first] for c in self.candidates if c.position is not None}

    def shown(self) -> "Impression":
        """Return the impression without what was not shown, and without what only credit needs."""
        shown = [c for c in self.candidates if c.position is not None]
        candidates = tuple(structs.replace(c, sources=(), contributions={}) for c in shown)
        return replace(self, shadow=None, candidates=candidates, latencies_ms={}, failures=(), brought={}, unlearned=())

    def check(self, *, finite: bool = False) -> None:
        """Raise InvalidEvent("inconsistent") where parts of the impression contradict each other.

        finite: whether its numbers are known to be, such as for being read from JSON.
        """
        for trouble in self._troubles() if finite else chain(self._troubles(), self._wild_numbers()):
            raise InvalidEvent("inconsistent", f"impression {self.query_id!r}: {trouble}")

    @property
    def first_position(self) -> int:
        """Return the first position of its page."""
        return (self.page - 1) * self.page_size + 1

    def _troubles(self) -> Iterator[str]:
        if self.page < 1 or self.page_size < 1:
            yield "page and page_size start at 1"
        positions = [c.position for c in self.candidates if c.position is not None]
        first = self.first_position
        if len(set(positions)) != len(positions) or any(not 0 <= p - first < len(self.curve) for p in positions):
            yield "shown positions must differ, belong to the page and have a place in curve"
        if not all(0 < look <= 1 for look in self.curve):
            yield "curve must hold probabilities above 0"
        if not 0 <= min(self.slot_share, self.swap_share) <= self.slot_share + self.swap_share <= 1:
            yield "slot_share and swap_share must be probabilities, together at most 1"
        if not (0 <= self.engagement <= 1 and 0 <= self.voice <= 1):
            yield "engagement and voice must lie in [0, 1]"
        yield from self._candidate_troubles()
        if self.decision is not None:
            yield from self.decision.troubles()
        if self.shadow is not None:
            yield from self.shadow.troubles(self.decision)

    def _candidate_troubles(self) -> Iterator[str]:
        if len({c.object_id for c in self.candidates}) != len(self.candidates):
            yield "candidates must have different object ids"
        if len(set(self.unlearned)) != len(self.unlearned) or len(self.unlearned) > self.page_size:
            yield "unlearned must be different object ids, a page of them at most"
        width = len(self.feature_names)
        odd = [c for c in self.candidates if len(c.features) != width]
        if any(c.features or c.position is not None for c in odd):
            yield "features must be as many as feature_names, and shown candidates have them"

    def _wild_numbers(self) -> Iterator[str]:
        numbers = [self.time_s, *self.context.values()]
        numbers += [c.score for c in self.candidates]
        numbers += [c.estimate for c in self.candidates]
        for parts in (*[c.contributions for c in self.candidates], *self.brought.values()):
            numbers += parts.values()
        if not (math.isfinite(sum(numbers)) or all(map(math.isfinite, numbers))):  # a sum of large ones may not be
            yield "time, scores, estimates, contributions, context and what arms brought must be finite"
        features = [c.features for c in self.candidates if c.features]
        sums = [sum(filter(None, row)) for row in features]  # what is missing, and 0, add nothing
        if not math.isfinite(sum(sums)) and any(math.inf in row or -math.inf in row for row in features):
            yield "features must not be infinite"


def _add_up(probabilities: Iterable[Sequence[float]]) -> bool:
    return all(abs(sum(row) - 1) <= _SUM_TOLERANCE for row in probabilities)


def sender_of(user_id: str | None, client_id: str | None, session_id: str | None) -> str | None:
    """Return who asks: the user, else the client, else the session; None where nothing is said."""
    whose = (("user", user_id), ("client", client_id), ("session", session_id))
    return next((f"{kind}:{name}" for kind, name in whose if name), None)
