"""Pages of one query that are not numbered: documents and single objects; window 100 s, lateness 10 s."""

from dataclasses import replace

import pytest

from ltrr.models.learning.join import Join, Outcome
from ltrr.models.ranking.position import log_curve
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Candidate, Impression, PageKind

W, L = 100.0, 10.0


def document(*hits: str, response_id: str | None = None, words: str = "lamp") -> Impression:
    """Return a document of the query."""
    candidates = tuple(Candidate(hit, position=at) for at, hit in enumerate(hits, start=1))
    page = Impression("q", 0.0, words, words, page_size=len(hits) or 10, candidates=candidates, kind=PageKind.DOCUMENT)
    return replace(page, curve=log_curve(len(hits)), response_id=response_id)


def seen(object_id: str, position: int = 1, words: str = "") -> Impression:
    """Return what an event tells that says that an object was shown."""
    shown = (Candidate(object_id, position=position),)
    page = Impression("q", 0.0, words, words, page=position, page_size=1, candidates=shown, kind=PageKind.OBJECT)
    return replace(page, curve=log_curve(position)[-1:])


def joined(*pages: Impression) -> tuple[Join, list[Outcome]]:
    """Return a join that has read pages, a second apart, and what became of each."""
    join = Join(W, L)
    return join, [join.add_impression(page, float(at))[0] for at, page in enumerate(pages)]


def test_an_empty_document_never_stands_for_a_page():
    """A request for counts alone, before the page: the page is learned, and its clicks are."""
    join, outcomes = joined(document(), document("a", "b"), document())
    assert outcomes == [Outcome.EMPTY, Outcome.ACCEPTED, Outcome.DUPLICATE]
    assert join.add_action(Action("q", "b", "click", 3.0), 3.0).outcomes == (Outcome.ACCEPTED,)
    assert [page.impression.page for page in join.pages("q") if page.looks] == [1]


def test_documents_of_a_query_are_its_pages():
    """Other hits, or another response, are a further page; the same again is a duplicate."""
    pages = [document("a", "b"), document("c", "d"), document("a", "b"), document("a", "b", response_id="r-2")]
    join, outcomes = joined(*pages)
    assert outcomes == [Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.ACCEPTED]
    assert [page.impression.page for page in join.pages("q")] == [1, 2, 3]
    assert [page.looks for page in join.pages("q")] == [pages[at].looks() for at in (0, 1, 3)]
    for page in join.pages("q"):
        page.impression.check()
    accepted = join.add_action(Action("q", "d", "click", 5.0), 5.0).accepted
    assert [one.page.impression.page for one in accepted] == [2]


def test_an_action_waits_for_any_document():
    """It is accepted on the page that shows its object, though an empty one and another page came before."""
    join = Join(W, L)
    join.add_action(Action("q", "c", "click", 0.0), 0.0)
    arrivals = [join.add_impression(page, 1.0)[1] for page in (document(), document("a"), document("c"))]
    assert [arrival.outcomes for arrival in arrivals] == [(), (), (Outcome.ACCEPTED,)]


def test_an_action_on_a_query_without_pages_is_unshown():
    """Its query is known; nothing says what was shown."""
    join, _ = joined(document())
    join.add_action(Action("q", "c", "click", 2.0), 2.0)
    assert join.read_past(impressions_s=2.0 + L + 0.1) == (Outcome.UNSHOWN,)


def test_single_objects_are_pages_with_the_words_of_their_query():
    """Each is shown once, and takes the words from the document before it; what a page shows is not shown again."""
    join, outcomes = joined(document(words="red lamp"), seen("a", 1), seen("b", 2), seen("b", 2), seen("a", 3))
    assert outcomes == [Outcome.EMPTY, Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert [page.impression.normalised_query for page in join.pages("q")] == ["red lamp"] * 3
    assert [page.looks for page in join.pages("q")] == [{}, {"a": 1.0}, {"b": pytest.approx(0.6309, abs=1e-4)}]
    assert join.add_action(Action("q", "b", "click", 6.0), 6.0).outcomes == (Outcome.ACCEPTED,)
    _, outcomes = joined(document("a", "b"), seen("a"), seen("c", 7, "own words"))
    assert outcomes == [Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.ACCEPTED]


def test_a_numbered_page_stands_for_all_others():
    """Nobody adds to a page that was numbered and logged with its plan."""
    numbered = replace(document("a", "b"), kind=PageKind.PAGE)
    _, outcomes = joined(numbered, document("a", "b"), document("c"), document(), seen("c"))
    assert outcomes == [Outcome.ACCEPTED, *[Outcome.DUPLICATE] * 4]
