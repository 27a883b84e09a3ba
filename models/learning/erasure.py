"""Forgets visitors: what was learned of whom, and whose the pages were that may still get actions."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from ltrr.models.learning.page import Page
from ltrr.models.memory.pieces import pieces
from ltrr.models.memory.query_memory import visitor_hash
from ltrr.models.state.records import RecordKey
from ltrr.models.state.state import ApplicationState, State


def forget(state: State, visitors: Collection[str]) -> Iterator[set[RecordKey]]:
    """Forget profiles, engagement and queries of visitors, by their names; yield the records that change, in pieces.

    What pages and actions have taught of queries, arms and ranking is nobody's, and stays.
    """
    for name, application in state.applications.items():
        yield from _forget(name, application, visitors)


def _forget(name: str, application: ApplicationState, visitors: Collection[str]) -> Iterator[set[RecordKey]]:
    senders = _senders(visitors)
    for kind, profiles in application.profiles.items():
        yield {RecordKey(kind, name, one) for one in visitors if profiles.own.pop(one, None) is not None}
    yield {RecordKey("sender", name, one) for one in senders if application.senders.own.pop(one, None) is not None}
    for part in pieces(list(application.memory.queries.items())):
        changed = set()
        for query, memory in part:
            left = set(memory.visitors).difference(visitor_hash(query, sender) for sender in senders)
            if len(left) < len(memory.visitors):
                memory.visitors = tuple(sorted(left))
                changed.add(RecordKey("query", name, query))
        yield changed


def disown(page: Page, visitors: Collection[str]) -> bool:
    """Take visitors off a page; tell whether any was on it.

    Who else stands on a page is still taught by what is done there, as by what was done before.
    """
    of = page.impression
    ids = of.user_id, of.client_id, of.session_id
    user, client, session = (None if one in visitors else one for one in ids)
    if (user, client, session) == ids:
        return False
    page.unsent = page.unsent or of.sender in _senders(visitors)
    page.change().impression = replace(of, user_id=user, client_id=client, session_id=session)
    return True


def _senders(visitors: Iterable[str]) -> list[str]:
    return [f"{kind}:{whose}" for whose in visitors for kind in ("user", "client", "session")]
