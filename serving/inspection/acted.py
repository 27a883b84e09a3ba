"""Of which entities the last actions are: of those that are there, of some that were deleted, or of none ever."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ltrr.models.errors import InvalidInput
from ltrr.models.records.entity import Place
from ltrr.retrievers.index.cards import stored_places
from ltrr.serving.inspection.recent import Recent
from ltrr.serving.publishing.report import not_in_catalogue


def acted_on(recent: Recent, index: Path) -> str:
    """Return how many of the last actions in a log are of entities that are in an index, or have been.

    What a page of ltrr's own has shown was there. Raises InvalidInput where some are of others.
    """
    acted = Counter(one.place for one in recent.actions)
    lacking, held = dict(acted), None
    for place in stored_places(index):
        lacking.pop(place, None)
        held = held or place.object_id
    gone = _shown(recent, lacking.keys()) if lacking else set[Place]()
    others = {place: count for place, count in lacking.items() if place not in gone}
    deleted = sum(lacking[place] for place in gone)
    since = f"; {deleted:,} of others that were shown here, and are deleted since" if deleted else ""
    if others:
        unknown = not_in_catalogue(sum(others.values()), next(iter(others)).object_id, held)
        raise InvalidInput(f"of the last {acted.total():,}, {unknown}{since}")
    there = acted.total() - deleted
    return f"the last {there:,} are of entities that are there{since}" if acted else "none are logged yet"


def _shown(recent: Recent, places: Iterable[Place]) -> set[Place]:
    """Return which of some entities were shown on pages of ltrr's own."""
    asked = set(places)
    return {
        place
        for page in recent.pages()
        if page.decision is not None
        for one in page.candidates
        if one.position is not None and (place := Place(page.application, one.object_id)) in asked
    }
