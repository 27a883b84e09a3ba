"""What is drawn for a search before it is answered: its id, the seed of its chances, and its voice."""

from collections.abc import Sequence
from dataclasses import dataclass

from ltrr.models.records.impression import sender_of
from ltrr.models.text import typed
from ltrr.serving.decisions.voices import Voices
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.search.query_ids import QueryIds, seed_of
from ltrr.serving.search.stable_seeds import StableSeeds
from ltrr.serving.settings.applications import application_named
from ltrr.serving.tables import Table


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one search was given. voice: how much its pages may teach, in [0, 1]."""

    query_id: str
    seed: int
    voice: float


class Draws:
    """Draws for all searches of a service, whichever of its processes answers them.

    stable_s: how long a visitor's seed for a query is kept. voices: of visitors.
    """

    def __init__(self, query_ids: QueryIds, applications: Sequence[str], stable_s: float, voices: Voices) -> None:
        self._query_ids = query_ids
        self._applications = applications
        self._seeds = StableSeeds(stable_s)
        self._voices = voices

    def tables(self) -> list[Table]:
        """Return what is kept of visitors."""
        return [self._seeds.table, self._voices.table]

    def draw(self, request: SearchRequest, now_s: float, address: str | None) -> Drawn:
        """Draw for a search that asks for a new answer. address: of the visitor, who may have no other name.

        Raises InvalidInput where its application is not served.
        """
        query_id = self._query_ids.issue()
        application = application_named(request.application, self._applications)
        seed = self._seeds.seed(request, request.same(application), seed_of(query_id), now_s)
        if not request.learn:
            return Drawn(query_id, seed, 1.0)
        whose = sender_of(request.user_id, request.client_id, request.session_id) or address
        return Drawn(query_id, seed, self._voices.voice(application, whose, typed(request.query), query_id, now_s))

    def give_back(self, request: SearchRequest, drawn: Drawn, address: str | None) -> None:
        """Take the voice of a search back that has shown nothing."""
        application = application_named(request.application, self._applications)
        whose = sender_of(request.user_id, request.client_id, request.session_id) or address
        self._voices.give_back(application, whose, typed(request.query), drawn.query_id)
