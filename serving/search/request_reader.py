"""What a request asks, and what is known when its plan is drawn: the query and its context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ltrr.models.errors import NotThere
from ltrr.models.memory.memory import RememberedPair
from ltrr.models.memory.taste import Taste
from ltrr.models.records.fields import FieldKinds
from ltrr.models.records.impression import sender_of
from ltrr.models.records.query import Bounded, Order, Query
from ltrr.models.retrieval import Retriever
from ltrr.models.rewards.context import attribute_features, context_features
from ltrr.models.state.state import ApplicationState
from ltrr.models.text import split, typed
from ltrr.serving.retrieval.recall import Recall, remembered_hits
from ltrr.serving.search.conditions import read_filters, read_order
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.settings.days_off import is_holiday

_LIKED = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, the context of its decision, and what the memory and the profiles know.

    context: by name, and by "arm.name" the history of arms. order: None for relevance. kinds: of the
    catalogue's fields.
    """

    query: Query
    context: Mapping[str, float]
    remembered: Sequence[RememberedPair]
    user: Taste
    session: Taste
    order: Order | None
    kinds: FieldKinds


class RequestReader:
    """Reads requests with the catalogue, the memory and the profiles."""

    def __init__(self, retriever: Retriever, recall: Recall) -> None:
        self._retriever = retriever
        self._recall = recall

    def read(
        self,
        request: SearchRequest,
        asked: Bounded,
        application: str,
        learned: ApplicationState,
        seed: int,
        now_s: float,
    ) -> Asked:
        """Return what a request asks. asked: how its query is read. Raises InvalidInput."""
        kinds = self._retriever.kinds(application)
        text = asked.words if asked.order else asked.text
        understanding = self._retriever.understand(text, application)
        visitor = sender_of(request.user_id, request.client_id, None)
        whole, normalised = typed(request.query), typed(text)
        meant = understanding.respaced or (split(normalised) if asked.ranges else ())
        remembered = self._recall.pairs(application, learned.memory, whole, now_s, meant, visitor)
        user = self._taste(learned, "user", request.user_id, application, now_s)
        session = self._taste(learned, "session", request.session_id, application, now_s)
        query = Query(
            text=text,
            normalised=normalised,
            tokens=split(normalised),
            time_s=now_s,
            seed=seed,
            application=application,
            language=request.language or understanding.language,
            user_id=request.user_id,
            session_id=request.session_id,
            filters={**asked.values, **asked.ranges, **read_filters(request, kinds)},
            understanding=understanding,
            remembered=remembered_hits(remembered),
            profile=user.hits,
            session=session.hits,
        )
        context = _context(request, query, user, session, learned.reward_model.context_names)
        context |= learned.calls.features(learned.memory.calls(whole, now_s))
        return Asked(query, context, remembered, user, session, asked.order or read_order(request, kinds), kinds)

    def _taste(self, learned: ApplicationState, kind: str, name: str | None, application: str, now_s: float) -> Taste:
        """Return what is known of a user or session, empty where nothing is."""
        hits = learned.profiles[kind].strongest(name, now_s, _LIKED)
        return Taste.of(hits, self._retriever.entities(application, [hit.object_id for hit in hits]))


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotThere(f"timezone {name!r} is not an IANA name such as Europe/Berlin") from None


def _context(
    request: SearchRequest, query: Query, user: Taste, session: Taste, names: tuple[str, ...]
) -> dict[str, float]:
    """Return the context of a request. names: what the policy knows."""
    zone = _zone(request.timezone)
    holiday = is_holiday(query.time_s, zone, request.region)
    told = {"language": request.language, "region": request.region}
    attributes = {name: value for name, value in told.items() if value} | request.attributes
    features = context_features(query, zone, holiday=holiday, user=user, session=session)
    return features | attribute_features(attributes, names)
