"""The learner: one pure fold over the impressions and actions of a partition."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from ltrr.models.baseline.page import BaselinePage
from ltrr.models.baseline.regret import UNCOMPARED
from ltrr.models.learning.erasure import disown
from ltrr.models.learning.feedback import Feedback
from ltrr.models.learning.fold_records import FoldRecords, Steps
from ltrr.models.learning.join import Accepted, Arrival, Join
from ltrr.models.learning.packing import Packing
from ltrr.models.learning.page import KEPT, Page
from ltrr.models.memory.memory import stretch_of
from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression
from ltrr.models.rewards.call_history import call_rows, logged_calls
from ltrr.models.rewards.credit import Credit, PageCredit
from ltrr.models.rewards.drift import Drift
from ltrr.models.rewards.union import Union
from ltrr.models.state.learning import Learning
from ltrr.models.state.progress import ACTIONS, IMPRESSIONS, Progress
from ltrr.models.state.records import RecordKey
from ltrr.models.state.state import ApplicationState, State
from ltrr.models.statistics.least_squares import Array

CUT: Final = 64
"""Pages and actions that are learned in one piece, whatever messages they came in; large pages count for more."""
_LARGE: Final = 25  # entities of a page that count as one event


class Fold(FoldRecords):
    """Joins, credits and learns, message by message.

    A message is absorbed once: an offset that was absorbed before is left out. The order in which the two topics
    are read changes no count, and real numbers by no more than rounding.

    state: what was learned; progress: from which messages; changed: records to write since the last `flushed`. What
    the models learn waits for whoever reads them, but for no more than CUT events. Where a restart goes on at a cut
    (`is_cut`), sums round as without it.
    drift: told of each decision, when it is made and when its credit is final; it changes nothing. tells: whether
    feedback is returned; else nobody waits for it to be made.
    """

    def __init__(self, learning: Learning, drift: Drift | None = None, *, tells: bool = True) -> None:
        self.learning = learning
        self.drift = drift
        self.state = State(learning)
        self.progress = Progress(forgetting=learning.forgetting)
        self.changed: set[RecordKey] = set()
        self._tells = tells
        self._uncut, self._cut_within = 0, False
        self._arm_keys = {}
        self.join = Join(learning.join_window_s, learning.late_s, learning.action_windows_s, Packing.of(learning))

    def absorb_impressions(
        self, offset: int, recorded_s: float, impressions: Sequence[Impression]
    ) -> tuple[Feedback, ...]:
        """Learn a message of the impressions topic."""
        return tuple(chain.from_iterable(self.impressions_in_steps(offset, recorded_s, impressions)))

    def absorb_actions(self, offset: int, recorded_s: float, actions: Sequence[Action]) -> tuple[Feedback, ...]:
        """Learn a message of the actions topic."""
        return tuple(chain.from_iterable(self.actions_in_steps(offset, recorded_s, actions)))

    def impressions_in_steps(self, offset: int, recorded_s: float, impressions: Sequence[Impression]) -> Steps:
        """Learn a message of the impressions topic while what is returned is iterated, and yield what was made of it.

        Between two steps what is learned may be read; it is as of no moment, so nothing is to be written or absorbed.
        """
        if offset < self.progress.offsets[IMPRESSIONS]:
            return
        yield from self._advance(IMPRESSIONS, offset, recorded_s)
        yield from self.sweep(recorded_s)
        for impression in impressions:
            if impression.erased:
                yield from self.erase(impression.erased)
                continue
            outcome, arrival = self.join.add_impression(impression, recorded_s)
            self._count(IMPRESSIONS, outcome)
            yield from self._learn(arrival)
            yield from self._cut()
        yield from self._cut(at_end=True)

    def actions_in_steps(self, offset: int, recorded_s: float, actions: Sequence[Action]) -> Steps:
        """Learn a message of the actions topic, as `impressions_in_steps` does."""
        if offset < self.progress.offsets[ACTIONS]:
            return
        yield from self._advance(ACTIONS, offset, recorded_s)
        for action in actions:
            weighted = self.learning.weighted(action)
            if weighted is None:
                self._count(ACTIONS, "without_weight")
                yield ()
            else:
                yield from self._learn(self.join.add_action(weighted, recorded_s))
            yield from self._cut()
        yield from self._cut(at_end=True)

    @property
    def is_cut(self) -> bool:
        """Tell whether the message that was absorbed last has ended a piece."""
        return not self._uncut

    def read_past(self, impressions_s: float | None = None, actions_s: float | None = None) -> None:
        """Take note that no record of a topic before a time is still to come, such as at the end of a log."""
        for _ in self.past_in_steps(impressions_s, actions_s):
            pass

    def past_in_steps(self, impressions_s: float | None = None, actions_s: float | None = None) -> Steps:
        """Do so while what is returned is iterated: thousands of pages may be closed by it."""
        for outcome in self.join.passing(impressions_s, actions_s):
            self._count(ACTIONS, outcome)
            self.changed.add(RecordKey("progress"))
            yield ()
        for topic, read_s in ((IMPRESSIONS, self.join.impressions_s), (ACTIONS, self.join.actions_s)):
            if math.isfinite(read_s):
                self.progress.read_s[topic] = read_s
        for page in self.join.closed:
            self._learn_closed(page)
            if self.join.keeps(page):
                page.reduce()
                self.changed.add(RecordKey(KEPT, name=page.query_id))
            self.join.settle()
            yield ()
        self.join.closed.clear()
        self.changed.update(RecordKey(KEPT, name=query_id) for query_id in self.join.dropped)
        self.join.dropped.clear()

    def warm(self, messages: Iterable[tuple[float, Sequence[Impression | Action]]]) -> None:
        """Fill the join table after a restart from messages that were absorbed before, without learning them again.

        messages: (record timestamp, events) of all messages below the absorbed offsets that were recorded at
        `warm_since_s` or later, in any interleaving of the topics.
        """
        self.join.keeping = False
        open_s = self.join.over_s(self.read_s)
        for recorded_s, events in messages:
            for event in events:
                if isinstance(event, Impression) and event.erased:
                    for page in self.join:  # of what was learned they are gone already
                        disown(page, event.erased)
                elif isinstance(event, Impression):
                    self._follow(self.join.add_impression(event, recorded_s)[1], open_s)
                elif (weighted := self.learning.weighted(event)) is not None:
                    self._follow(self.join.add_action(weighted, recorded_s), open_s)
                self.join.settle()
                self.join.closed.clear()
        # what is given up here was given up, and counted, before the restart
        self.join.read_past(self.progress.read_s.get(IMPRESSIONS), self.progress.read_s.get(ACTIONS))
        self.join.closed.clear()
        self.join.dropped.clear()
        self.join.keeping = True

    def _advance(self, topic: str, offset: int, recorded_s: float) -> Steps:
        self.state.revision += offset + 1 - self.progress.offsets[topic]
        self.progress.offsets[topic] = offset + 1
        self.changed.add(RecordKey("progress"))
        return self.past_in_steps(*(recorded_s if topic == one else None for one in (IMPRESSIONS, ACTIONS)))

    def _cut(self, *, at_end: bool = False) -> Steps:
        """Count an event, or a message that ends: it ends a piece, too, where one has ended within it."""
        self._uncut += not at_end
        if self._cut_within if at_end else self._uncut >= CUT:
            self._uncut, self._cut_within = 0, not at_end
            yield from (() for application in self.state.applications.values() for _ in application.settling())

    def _follow(self, arrival: Arrival, open_s: float) -> None:
        """Bring the open pages up to an arrival that was learned before. open_s: nobody asks what earlier ones earn."""
        if arrival.page is not None:
            if arrival.page.recorded_s >= open_s:
                self._open(arrival.page)
            else:
                arrival.page.leave_shown()
            for other, key in self.join.answers(arrival.page):
                arrival.page.answer(*self._observed(other, *key))
        for accepted in arrival.accepted:
            self._value(accepted)
            if self.join.related(accepted.page, accepted.recorded_s):
                for page in self.join.answered(accepted):
                    page.answer(*self._observed(accepted.page, *accepted.key))
            else:
                self._outlast(accepted)

    def _learn(self, arrival: Arrival) -> Steps:
        for outcome in arrival.outcomes:
            self._count(ACTIONS, outcome)
        if arrival.page is not None:
            self._uncut += arrival.page.shown // _LARGE
            yield from self._learn_page(arrival.page)
            yield self._feedback(arrival.page)
        for accepted in arrival.accepted:
            self._uncut += accepted.page.shown // _LARGE
            if self.join.related(accepted.page, accepted.recorded_s):
                yield from self._learn_action(accepted)
            else:
                self._learn_outlasting(accepted)
            yield self._feedback(accepted.page)
        self.join.settle()
        yield ()

    def _feedback(self, page: Page) -> Sequence[Feedback]:
        return (Feedback.of(page, self.learning.price_weight),) if self._tells else ()

    def _learn_page(self, page: Page) -> Steps:
        impression = page.impression
        application = self._touch(impression)
        query, stretch, voice = impression.normalised_query, stretch_of(page.recorded_s), impression.voice
        shown = query, page.looks, impression.time_s, stretch, page.weight
        if query and page.looks and application.memory.examine(*shown):
            application.memory.visit(query, impression.visitor)
            self.changed.add(RecordKey("query", impression.application, query))
        if impression.page == 1 and page.looks:
            self._note_senders(impression, application.senders.show, stretch, page.sender)
        for kind, whose in (("user", impression.user_id), ("session", impression.session_id)):
            if (
                page.looks
                and whose
                and voice
                and application.profiles[kind].count(whose, impression.time_s, stretch, voice)
            ):
                self.changed.add(RecordKey(kind, impression.application, whose))
        credit = self._open(page)
        self._examine(application, page, page.weight)
        self._compare(page)
        if credit is not None:
            first, model = credit.credit(page.weight), application.reward_model
            if self.drift is not None:
                page.change().expected = self.drift.expect(impression.application, model, impression.context, first)
            if model.at_once:
                model.learn_one(impression.context, first)
            self._note_arms(impression.application, credit)
            self._remember(application, page, call_rows(page.parts.called, first))
        for other, key in self.join.answers(page):
            self._answer(page, *self._observed(other, *key))
            yield ()

    def _learn_action(self, accepted: Accepted) -> Steps:
        page, object_id = accepted.page, accepted.action.object_id
        impression, voice = page.impression, page.impression.voice
        application = self._touch(impression)
        before = dict(page.values)
        gained = self._value(accepted)
        if gained:
            self._compare(page, before)
        if gained and application.positions.act(impression, object_id, gained, page.values[object_id], voice):
            self.changed.add(RecordKey("position", impression.application))
        self._learn_taken(page, object_id, before)
        if gained:
            self._learn_taste(page, "session", impression.session_id, object_id, voice * gained)
        for answered in self.join.answered(accepted):
            self._answer(answered, *self._observed(page, *accepted.key))
            yield ()
        if gained and impression.feature_names:
            application.ranker.act(page.ranked(application.ranker.layout), page.values, before, voice)

    def _learn_outlasting(self, accepted: Accepted) -> None:
        """Learn an action of a longer window: of what was taken, and of the plan that has brought it."""
        page, object_id = accepted.page, accepted.action.object_id
        taken = dict(page.values)
        self._value(accepted)
        self._learn_taken(page, object_id, taken)
        credit = page.credit
        before = credit and credit.credit(page.weight)
        if self._outlast(accepted) and credit and before:
            self._learn_credit(page, credit, before)
        if self.join.keeps(page):
            self.changed.add(RecordKey(KEPT, name=page.query_id))

    def _outlast(self, accepted: Accepted) -> bool:
        """Let an action of a longer window change the credit of its page; return whether it did.

        It changes none that is learned when the page closes: what was read until then depends on how topics are read.
        """
        page = accepted.page
        model = self.state.application(page.impression.application).reward_model
        return model.at_once and page.observe(*self._observed(page, *accepted.key))

    def _learn_credit(self, page: Page, credit: PageCredit, before: Credit) -> None:
        """Learn the credit of a page in place of that before."""
        application, now = self._touch(page.impression), credit.credit(page.weight)
        if application.reward_model.at_once:
            application.reward_model.learn_one(credit.context, now, before)
        self._note_arms(page.impression.application, credit)
        self._remember(application, page, call_rows(page.parts.called, now, before))

    def _learn_taken(self, page: Page, object_id: str, before: Mapping[str, float]) -> None:
        """Learn what an entity has gained, for the query of its page and for the user who asked.

        before: the page's values until then. Where much of it is taken, all of that tells less of the query.
        """
        impression, voice = page.impression, page.impression.voice
        heard = voice * (page.values[object_id] - before.get(object_id, 0.0))
        if not heard:
            return
        application, query = self.state.application(impression.application), impression.normalised_query
        stretch = stretch_of(page.recorded_s)
        now, then = page.telling(page.values), page.telling(before)
        for one, value in page.values.items() if query else ():
            change = voice * (now * value - then * before.get(one, 0.0))
            if change and application.memory.act(query, one, change, impression.time_s, stretch, page.group):
                self.changed.add(RecordKey("query", impression.application, query))
        self._learn_taste(page, "user", impression.user_id, object_id, heard)

    def _learn_taste(self, page: Page, kind: str, whose: str | None, object_id: str, value: float) -> None:
        impression, stretch = page.impression, stretch_of(page.recorded_s)
        profiles = self.state.application(impression.application).profiles[kind]
        if whose and value and profiles.act(whose, object_id, value, impression.time_s, stretch):
            self.changed.add(RecordKey(kind, impression.application, whose))

    def _compare(self, page: Page, before: Mapping[str, float] | None = None) -> None:
        """Learn what a page says of the baseline. before: its values that were learned, None where nothing was."""
        impression, beside = page.impression, page.parts.beside
        if beside is not None:
            now, previous = beside.row(page.values), None if before is None else beside.row(before)
        elif page.credit is not None and before is None:
            now, previous = UNCOMPARED, None
        else:
            return
        self.state.application(impression.application).regret.learn_one(
            now, impression.time_s, previous, impression.voice
        )
        self.changed.add(RecordKey("baseline", impression.application))

    def _learn_closed(self, page: Page) -> None:
        """Learn a decision of which all is known, where it could not be learned at once, and watch what it shows."""
        credit, name = page.credit, page.impression.application
        if credit is None:
            return
        if not self.state.application(name).reward_model.at_once:
            self._touch(page.impression).reward_model.learn_one(credit.context, credit.credit(page.weight))
            self._note_arms(name, credit)
        if self.drift is not None and page.parts.expected:  # nothing was expected of what was learned before a restart
            self.drift.observe(name, credit.credit(page.weight), page.parts.expected)

    def _open(self, page: Page) -> PageCredit | None:
        """Start the credit of a plan's first page, and keep no more of the page than its actions need.

        Levels of another ladder would be read as other budgets, so they are given no credit.
        """
        parts, impression, decision = page.change(), page.impression, page.impression.decision
        if impression.page == 1 and decision is not None and decision.ladder == self.learning.rules.ladder:
            learning, rules = self.learning, self.learning.rules
            looks, most = learning.estimate_looks, learning.most_gain
            union = Union(impression, decision.arms, rules.reserved)
            parts.credit = PageCredit(impression, decision, learning.alone_share, looks, most, rules.reserved, union)
            page.credited = True
            parts.called = logged_calls(impression.brought, parts.credit.arms)
            parts.beside = BaselinePage.of(impression, decision, rules, most, union)
        page.leave_shown()
        return parts.credit

    def _value(self, accepted: Accepted) -> float:
        """Raise an entity's value on its page to the action's weight, and return by how much."""
        weight = self.learning.action_weights[accepted.action.action_name]
        return accepted.page.gain(accepted.action.object_id, weight)

    def _observed(self, page: Page, object_id: str, action_name: str) -> tuple[str, float, float]:
        """Return what an accepted action on a page tells: of what, its value and P(looked at)."""
        return object_id, self.learning.action_weights[action_name], page.looks[object_id]

    def _answer(self, page: Page, object_id: str, value: float, look: float) -> None:
        """Learn what an action on any page of its query changes for a page."""
        if page.engaged and not page.credited:
            return
        credit, engaged, weight = page.credit, page.engaged, page.weight
        before = credit and credit.credit(weight)
        changed = page.answer(object_id, value, look)
        if page.engaged and not engaged:
            self._engage(page, page.weight - weight)
        if credit and before and (changed or page.weight > weight):
            self._learn_credit(page, credit, before)

    def _engage(self, page: Page, weight: float) -> None:
        """Learn that a page's query was acted on. weight: that the page gains."""
        impression, stretch = page.impression, stretch_of(page.recorded_s)
        application, query = self._touch(impression), impression.normalised_query
        if impression.page == 1 and page.looks:
            self._note_senders(impression, application.senders.act, stretch, page.sender)
        self._examine(application, page, weight)
        engaged = query, page.looks, impression.time_s, stretch, impression.voice, weight
        if impression.voice and query and application.memory.engage(*engaged):
            self.changed.add(RecordKey("query", impression.application, query))

    def _examine(self, application: ApplicationState, page: Page, weight: float) -> None:
        if page.impression.feature_names:
            application.ranker.examine(page.ranked(application.ranker.layout), weight)

    def _note_senders(
        self, impression: Impression, count: Callable[..., list[str]], stretch: int, sender: str | None
    ) -> None:
        changed = count(sender, impression.time_s, stretch, impression.voice) if impression.voice else []
        self.changed.update(RecordKey("sender", impression.application, sender) for sender in changed)

    def _remember(self, application: ApplicationState, page: Page, rows: Mapping[str, Array]) -> None:
        """Add to what calls of arms brought, altogether and for the query."""
        impression, query = page.impression, page.impression.normalised_query
        if not rows:
            return
        application.calls.add(rows, impression.time_s)
        if application.memory.call(query, rows, impression.time_s, stretch_of(page.recorded_s)):
            self.changed.add(RecordKey("query", impression.application, query))

    def _touch(self, impression: Impression) -> ApplicationState:
        application = self.state.application(impression.application)
        self.changed.add(RecordKey("ranker", impression.application))
        if impression.decision is not None:
            self._know_arms(impression.application)
        return application
