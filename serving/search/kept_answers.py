"""Answers that wait for their further pages."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from ltrr.models.errors import InvalidInput, NotNow, NotThere
from ltrr.serving.search.answering import Answer
from ltrr.serving.search.messages import SAME, SearchRequest
from ltrr.serving.tables import Table

CANDIDATES: Final = 100
"""Candidates of all kept answers together, for each that may be kept: they are what an answer takes."""


class KeptAnswers:
    """Keeps the answers of which a page was shown last.

    ours: tells which ids are. default: the application of requests that name none. most: how many are kept, fewer
    where they have more than CANDIDATES on average.
    """

    def __init__(self, ours: Callable[[str], bool], default: str, most: int) -> None:
        self._ours = ours
        self._default = default
        self._most = most
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._candidates = 0

    @property
    def table(self) -> Table:
        """Return how many there are."""
        return Table("kept_answers", len(self._kept), self._most)

    def find(self, request: SearchRequest) -> Answer | None:
        """Return the answer that a request asks a page of, None where it asks for a new one.

        Raises InvalidInput where the answer is not here, or belongs to another query.
        """
        if request.query_id is None:
            if request.page > 1:
                raise InvalidInput("a further page needs the query_id of the first")
            return None
        answer = self._kept.get(request.query_id)
        if answer is None:
            raise NotThere(self._lost(request.query_id))
        asked = request.same(self._default)
        if answer.asked != asked:
            other = [name for name, one, its in zip(SAME, asked, answer.asked, strict=False) if one != its]
            raise NotNow(
                f"query_id belongs to a search with another {' and '.join(other)}: send the same {', '.join(SAME)}, "
                "or no query_id"
            )
        return answer

    def keep(self, answer: Answer) -> None:
        """Keep an answer, and let go of the one that nobody has asked for longest."""
        query_id = answer.impression.query_id
        before = self._kept.pop(query_id, None)
        self._candidates += _size(answer) - (0 if before is None else _size(before))
        self._kept[query_id] = answer
        while len(self._kept) > self._most or self._candidates > CANDIDATES * self._most:
            _, gone = self._kept.popitem(last=False)
            self._candidates -= _size(gone)

    def _lost(self, query_id: str) -> str:
        """Say why an id has no pages here: made again, its ranking would be another one and could repeat results."""
        if self._ours(query_id):
            return "the answer of query_id is not kept here any more: search again without query_id"
        return "query_id was not issued here: leave it out, or send your own as client_query_id"


def _size(answer: Answer) -> int:
    return len(answer.union.candidates)
