"""Forgets visitors: what was learned of whom, and whose the pages were that may still get actions."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from ltrr.models.learning.page import Page
from ltrr.models.memory.memory import visitor_hash
from ltrr.models.state.records import RecordKey
from ltrr.models.state.state import ApplicationState, State


def forget(state: State, visitors: Collection[str]) -> set[RecordKey]:
    """Forget profiles, engagement and queries of visitors, by their names; return the records that change.

    What pages and actions have taught of queries, arms and ranking is nobody's, and stays.
    """
    return {key for name, application in state.applications.items() for key in _forget(name, application, visitors)}


def _forget(name: str, application: ApplicationState, visitors: Collection[str]) -> Iterator[RecordKey]:
    for kind, profiles in application.profiles.items():
        for whose in visitors:
            if profiles.own.pop(whose, None) is not None:
                yield RecordKey(kind, name, whose)
    senders = _senders(visitors)
    for sender in senders:
        if application.senders.own.pop(sender, None) is not None:
            yield RecordKey("sender", name, sender)
    for query, memory in application.memory.queries.items():
        left = set(memory.visitors).difference(visitor_hash(query, sender) for sender in senders)
        if len(left) < len(memory.visitors):
            memory.visitors = tuple(sorted(left))
            yield RecordKey("query", name, query)


def disown(pages: Iterable[Page], visitors: Collection[str]) -> set[str]:
    """Take visitors off pages; return the queries of those.

    Who else stands on a page is still taught by what is done there, as by what was done before.
    """
    changed, senders = set(), _senders(visitors)
    for page in pages:
        of = page.impression
        ids = of.user_id, of.client_id, of.session_id
        user, client, session = (None if one in visitors else one for one in ids)
        if (user, client, session) != ids:
            page.unsent = page.unsent or of.sender in senders
            page.change().impression = replace(of, user_id=user, client_id=client, session_id=session)
            changed.add(of.query_id)
    return changed


def _senders(visitors: Iterable[str]) -> list[str]:
    return [f"{kind}:{whose}" for whose in visitors for kind in ("user", "client", "session")]
