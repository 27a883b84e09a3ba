"""The order of retrieval, which serves where nothing that was learned is to be."""

from typing import Final

from ltrr.models.ranking.ranker import Ranker
from ltrr.serving.rankers.served import TrainedRankers

RETRIEVAL: Final = "retrieval"


class RetrievalOrder(TrainedRankers):
    """Orders all unions as at the start, whatever was learned or trained."""

    def name(self, application: str) -> str | None:  # noqa: ARG002  # of all
        """Return what impressions and answers call this order."""
        return RETRIEVAL

    def over(self, application: str, online: Ranker) -> Ranker:  # noqa: ARG002  # all alike
        """Return what orders unions. online: whose estimates are logged."""
        return online.unlearned()
