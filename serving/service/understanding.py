"""What became of events that were taken: for their sender, who sees so why nothing is learned."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from ltrr.models.learning.fold import Fold
from ltrr.models.learning.join import MOST_PAGES, Outcome
from ltrr.models.records.action import Action
from ltrr.models.records.action_names import plain_name, weighted_name
from ltrr.retrievers.index.index import Index
from ltrr.serving.metrics import Metrics
from ltrr.serving.settings.settings import Settings
from ltrr.serving.tables import Table
from ltrr.serving.turns import Turns
from ltrr.streams.events.messages import Event

_NAMES: Final = 20
_SHOWN: Final = 60
_WITHOUT_WEIGHT: Final = "without_weight"
_NOTHING: Final = "nothing"
# of these the counts are about events that came before
_GIVEN_UP: Final = {Outcome.UNSHOWN, Outcome.DANGLING}
_CLOCKS: Final = "check the sender's clock, and send times with their zone: without one they are read as UTC"
_ANEW: Final = "the next start learns the log anew (on Kafka `ltrr replay` does), and nothing has to be sent again"
_HINTS: Final = {
    Outcome.DANGLING: "query {query}: no page of it is known, or none of the last {known_s:.0f} s "
    "(LTRR_JOIN_WINDOW_S); send its document first, or the query_id of a search",
    Outcome.UNSHOWN: "query {query}: no page shows {thing}; send as object_id what its hits hold (see object_id_field)",
    Outcome.OTHER_APPLICATION: "an action names another application than its search did; send that one, or none",
    Outcome.EARLY: f"an action happened before its page; {_CLOCKS}",
    Outcome.FUTURE: f"an event is of a time to come; {_CLOCKS}",
    Outcome.LATE: "an event came too long after its page, or a page too long after its search; if none of it is old, "
    f"{_CLOCKS}; else raise LTRR_JOIN_WINDOW_S, for actions, or LTRR_LATE_S, for a history behind newer pages: {_ANEW}",
    Outcome.CROWDED: "more actions came before their pages than can wait, and were dropped; send queries before the "
    "events on them, and these actions again",
    Outcome.BEYOND: f"a query has {MOST_PAGES} pages at most; give each search a query_id of its own",
    _NOTHING: "it is kept, and nothing of it is learned for now; /readyz of the server says why, under learning",
    _WITHOUT_WEIGHT: f"{{name}} teaches nothing; name it in LTRR_ACTION_WEIGHTS or LTRR_ACTION_ALIASES: {_ANEW}",
}


class Understanding:
    """Says what events taught.

    fold: returns what learns in this very process, None where that is done elsewhere. turns: of all that has much to
    do. index: of the catalogue that actions are about. learns: whether what is told can be learned, here or elsewhere.
    """

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        fold: Callable[[], Fold | None],
        turns: Turns,
        index: Index,
        learns: Callable[[], bool] = lambda: True,
    ) -> None:
        self._learns = learns
        self._index = index
        self._weights = settings.action_weights
        self._aliases = settings.aliases
        self._known_s = settings.join_window_s + 2 * settings.late_s
        self._metrics = metrics
        self._fold = fold
        self._turns = turns
        self._names: set[str] = set()

    @property
    def table(self) -> Table:
        """Return how many names are labels."""
        return Table("untaught_names", len(self._names), _NAMES)

    async def told(
        self, events: Sequence[Event], learned: Counter[tuple[str, str]], anywhere: Collection[str]
    ) -> dict[str, Any]:
        """Return what to answer about events that were kept. learned: (topic, outcome) -> how many of them.

        anywhere: query ids of which nobody knows here of which application they are.

        Where this process learns: `taught`, pages and actions that were learned. `without_weight`: names of actions
        that teach nothing, at most 20; `not_taught`: outcome -> how many; `hints`: one for each cause.
        `not_in_catalogue`: how many actions are of entities that it does not have, with an id of these and of its own.
        """
        fold, untaught, hints = self._fold(), Counter[str](), dict[str, str]()
        names: dict[str, None] = {}
        async for event in self._turns.through(events):
            outcome = self._waiting(event, fold)
            if outcome == _WITHOUT_WEIGHT and isinstance(event, Action):
                names[event.action_name] = None
            if outcome is not None:
                untaught[outcome] += 1
                hints.setdefault(outcome, _HINTS[outcome].format(**_about(event), known_s=self._known_s))
        answer: dict[str, Any] = {}
        if fold is not None:
            answer["taught"] = sum(count for (_, outcome), count in learned.items() if outcome == Outcome.ACCEPTED)
            known = {Outcome.ACCEPTED, _WITHOUT_WEIGHT, *_GIVEN_UP}
            for outcome, count in ((outcome, n) for (_, outcome), n in learned.items() if outcome not in known):
                untaught[outcome] += count
                hints |= {outcome: _HINTS[outcome]} if outcome in _HINTS else {}
        if names:
            answer["without_weight"] = list(names)[:_NAMES]
        if untaught:
            answer["not_taught"] = dict(untaught)
        if not self._learns():
            hints[_NOTHING] = _HINTS[_NOTHING]
        if hints:
            answer["hints"] = list(hints.values())
        placed = [event for event in events if isinstance(event, Action) and event.query_id not in anywhere]
        return answer | self._not_in_catalogue(placed)

    def _not_in_catalogue(self, actions: Sequence[Action]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for application in dict.fromkeys(action.application for action in actions):
            acted = [action.object_id for action in actions if action.application == application]
            lacking = self._index.lacking(application, dict.fromkeys(acted))
            sent = [thing for thing in acted if thing in lacking]
            if sent:
                found = found or {"actions": 0, "sent": sent[0], "held": self._index.example(application)}
                found["actions"] += len(sent)
        return {"not_in_catalogue": found} if found else {}

    def _waiting(self, event: Event, fold: Fold | None) -> str | None:
        """Return why an action teaches nothing by now, as far as it can be told."""
        if not isinstance(event, Action):
            return None
        if self._untaught(event):
            self._metrics.without_weight.labels(self._label(event.action_name)).inc()
            return _WITHOUT_WEIGHT
        weighted = None if fold is None else fold.learning.weighted(event)
        return None if fold is None or weighted is None else fold.join.waits_for(weighted)

    def _untaught(self, action: Action) -> bool:
        return weighted_name(action.action_name, self._weights, self._aliases) is None

    def _label(self, action_name: str) -> str:
        """Return a name as a label: one of the first few."""
        name = plain_name(action_name)
        if len(self._names) < _NAMES:
            self._names.add(name)
        return name if name in self._names else "other"


def _about(event: Event) -> dict[str, str]:
    if not isinstance(event, Action):
        return {}
    about = {"query": event.query_id, "thing": event.object_id, "name": event.action_name}
    return {name: repr(value[:_SHOWN]) for name, value in about.items()}
