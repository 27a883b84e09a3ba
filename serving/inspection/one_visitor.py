"""Whether one visitor made much of the last searches of an application, or of those that were acted on."""

from collections import Counter
from typing import NamedTuple

from ltrr.models.errors import InvalidInput
from ltrr.models.records.heaviest import Heaviest
from ltrr.serving.inspection.recent import Recent


class _Search(NamedTuple):
    """What is kept of a page: all of it, ten thousand times, would be much."""

    query_id: str
    user_query: str
    application: str
    sender: str | None
    voice: float


def visitors_of(recent: Recent) -> str:
    """Return how much of the last searches in a log one visitor made at most.

    Searches that may teach nothing are left out. Raises InvalidInput where that is so much that learning, and all that
    is said of it, may be his doing.
    """
    taught = [
        _Search(page.query_id, page.user_query, page.application, page.sender, page.voice)
        for page in recent.pages()
        if page.page == 1 and page.learn
    ]
    acted = {one.query_id for one in recent.actions}
    applications = sorted({one.application for one in taught})
    said = []
    for application in applications:
        searches = [one for one in taught if one.application == application]
        of = "" if len(applications) == 1 else f" of {application}"
        for what, some in (
            (f"searches{of}", searches),
            (f"searches{of} with an action", [one for one in searches if one.query_id in acted]),
        ):
            found = Heaviest.of((one.sender, one.voice) for one in some)
            if found is not None and found.matters:
                raise InvalidInput(
                    f"one visitor made {found.share:.0%} of the last {len(some):,} {what}, mostly for "
                    f"{_asked_most(some, found.sender)!r}; learning gives them {found.voiced:.0%} "
                    "(LTRR_VISITOR_SEARCHES), and reports count them in full. Is it a program? Name its id in "
                    "LTRR_TEST_AGENTS, or let it send learn: false"
                )
            if found is not None:
                said.append(f"{found.share:.0%} of the last {len(some):,} {what}")
    if not said:
        return "none is logged yet of which anybody knows who asked"
    return f"one visitor made at most {', '.join(said)}"


def _asked_most(searches: list[_Search], sender: str) -> str:
    """Return what a visitor has asked for most."""
    return Counter(one.user_query for one in searches if one.sender == sender).most_common(1)[0][0]
