"""What is special about `personal`: who asks decides, and the query how much."""

from collections.abc import Callable

from ltrr.models.records.query import Hit, Query
from ltrr.retrievers.index.index import Index
from ltrr.retrievers.requests.requests import Mixture, VectorRequest
from ltrr.retrievers.strategies.personal import Personal

Draw = Callable[..., list[str]]
Ask = Callable[..., Query]
LOVER = (Hit("vow", 1.0), Hit("ballad", 1.0))
DANCER = (Hit("disco", 1.0), Hit("abba", 1.0))


def mixture(index: Index, query: Query) -> Mixture:
    """Return what is asked for a query."""
    (request,) = Personal(index.entities).requests(query, 10).values()
    assert isinstance(request, VectorRequest)
    assert isinstance(request.near, Mixture)
    return request.near


def test_a_user_without_history_asks_nothing(index: Index, draw: Draw, ask: Ask) -> None:
    """Nobody known, or only what is gone from the catalogue, gives an empty list and costs no request."""
    for profile in ((), (Hit("gone", 5.0),)):
        assert Personal(index.entities).requests(ask("pop", profile=profile), 10) == {}
        assert draw("personal", "pop", profile=profile) == []


def test_who_asks_decides(draw: Draw) -> None:
    """The same words bring what lies near to each user's own, whether from the profile or from the session."""
    for kind in ("profile", "session"):
        assert draw("personal", "unheard of", **{kind: LOVER})[0] in {"vow", "ballad"}
        assert draw("personal", "unheard of", **{kind: DANCER})[0] in {"disco", "abba"}


def test_a_stronger_profile_counts_for_more(index: Index, ask: Ask) -> None:
    """The query has its weight, and a profile one that grows with what is known, never past its share."""
    sums = []
    for weight in (0.1, 1.0, 100.0):
        (_, query), *liked = mixture(index, ask("pop", profile=(Hit("vow", weight), Hit("abba", weight)))).parts
        sums.append(sum(share for _, share in liked) / query)
    assert sums == sorted(sums)
    assert sums[0] < sums[2] / 4


def test_what_the_query_names_gates_the_profile(index: Index, ask: Ask) -> None:
    """A query that is an attribute of the catalogue counts in full, one that is unknown to it not at all."""
    known, unknown = (mixture(index, ask(text, profile=LOVER)).parts[0][1] for text in ("disco", "zzyzx"))
    assert (known, unknown) == (1.0, 0.0)
