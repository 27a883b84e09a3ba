"""A shown page whose actions are still expected, and what is kept of it when only few of them are."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from ltrr.models.learning.packing import Packing, Parts, bare
from ltrr.models.memory.query_memory import visitor_group
from ltrr.models.ranking.groups import group_of
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.ranking.ranked_page import RankedPage
from ltrr.models.records.impression import Decision, Impression
from ltrr.models.rewards.credit import PageCredit
from ltrr.models.statistics.least_squares import Array
from ltrr.models.statistics.snapshot import Snapshot

KEPT = "pages"
"""Kind of the state record that holds the kept pages of a query."""

_WHO = ("query_id", "application", "user_id")
_WHAT = ("time_s", "user_query", "normalised_query", "page", "engagement", "voice")


class Page:
    """A shown page whose actions are still expected.

    key: tells it from others of its query. accepted: (object id, action name) -> record timestamp, in log order.
    values: object id -> what it gained. engaged: whether its query was acted on. unsent: whether its sender was
    forgotten. group: of the visitor among those of the query, see visitor_group; sender_group: among all, see group_of;
    they stay when he is forgotten. shown: how many entities could be looked at. kind: of what was shown. application:
    that shows it. learns: whether it may be learned from. credited: whether it has a credit.

    What is not needed to tell which actions concern it waits packed, where there is a packing, and is unpacked when it
    is asked for: impression; looks: object id -> P(looked at); credit; expected: arm -> credit that was expected of
    it, empty where nobody asked; called: calls that are in the history, arm -> what was logged of them; beside: the
    baseline's page, None where nothing is known.
    """

    __slots__ = (
        "_packed",
        "_packing",
        "_parts",
        "accepted",
        "application",
        "credited",
        "engaged",
        "group",
        "key",
        "kind",
        "learns",
        "query_id",
        "recorded_s",
        "sender_group",
        "shown",
        "unsent",
        "values",
    )

    def __init__(self, parts: Parts, recorded_s: float, key: Hashable = None, packing: Packing | None = None) -> None:
        self.query_id = parts.impression.query_id
        self.application = parts.impression.application
        self.kind = parts.impression.kind
        self.learns = parts.impression.learn
        self.group = visitor_group(parts.impression.normalised_query, parts.impression.visitor)
        self.sender_group = group_of(parts.impression)
        self.shown = len(parts.looks)
        self.credited = parts.credit is not None
        self.recorded_s = recorded_s
        self.key = key
        self.accepted: dict[tuple[str, str], float] = {}
        self.values: dict[str, float] = {}
        self.engaged = False
        self.unsent = False
        self._parts: Parts | None = parts
        self._packed: bytes | None = None
        self._packing = packing
        if packing is not None:
            packing.loose.append(self)

    @property
    def parts(self) -> Parts:
        """Return what waits packed, to be read; `change` returns it to be written."""
        if self._parts is None:
            if self._packing is None or self._packed is None:
                raise AssertionError("a page without parts is packed")
            self._parts = self._packing.read(self._packed)
            self._packing.loose.append(self)
        return self._parts

    def change(self) -> Parts:
        """Return what waits packed, to be written."""
        parts = self.parts
        self._packed = None
        return parts

    def pack(self) -> None:
        """Let the parts wait in few bytes; to be called by the packing."""
        if self._packing is not None and self._parts is not None:
            self._packed = self._packed or self._packing.write(self._parts)
            self._parts = None

    @property
    def impression(self) -> Impression:
        """Return what was shown."""
        return self.parts.impression

    @property
    def looks(self) -> Mapping[str, float]:
        """Return P(looked at) of each shown entity."""
        return self.parts.looks

    @property
    def credit(self) -> PageCredit | None:
        """Return its credit, None where it has none; `answer` changes it."""
        return self.parts.credit

    @property
    def sender(self) -> str | None:
        """Return who asked, as far as that is known."""
        return None if self.unsent else self.impression.sender

    @property
    def weight(self) -> float:
        """Return how much the page counts as of now, in [0, 1]."""
        return self.impression.voice * (1.0 if self.engaged else self.impression.engagement)

    @property
    def acted(self) -> set[str]:
        """Return the objects that actions were accepted on."""
        return {object_id for object_id, _ in self.accepted}

    def gain(self, object_id: str, value: float) -> float:
        """Raise an entity's value to that of an action, and return by how much."""
        gained = max(0.0, value - self.values.get(object_id, 0.0))
        self.values[object_id] = self.values.get(object_id, 0.0) + gained
        return gained

    def telling(self, values: Mapping[str, float]) -> float:
        """Return how much such gains say of what answers the query, in (0, 1].

        All, up to half of the page; where more was taken, the less the more: who takes everything, whatever it is, says
        as little as who takes nothing.
        """
        taken = sum(value > 0 for value in values.values())
        return min(1.0, 2.0 * (self.shown - taken + 1) / self.shown)

    def answer(self, object_id: str, value: float, look: float) -> bool:
        """Take note of an action on a page of the query; return whether that changed the credit of the page."""
        self.engaged = self.engaged or value > 0
        return self.observe(object_id, value, look)

    def observe(self, object_id: str, value: float, look: float) -> bool:
        """Take note of what an action tells of an entity; return whether that changed the credit of the page."""
        if self.credit is None or not self.credit.observe(object_id, value, look):
            return False
        self.change()
        return True

    def ranked(self, layout: RankerLayout) -> RankedPage:
        """Return the page as a ranker learns it."""
        return RankedPage(layout, self.impression, self.looks, self.sender_group)

    def leave_shown(self) -> None:
        """Forget what was not shown, which no action is about: a page waits packed without it."""
        parts = self.change()
        parts.impression = parts.impression.shown()

    def reduce(self) -> None:
        """Forget all but what further actions on the objects that were acted on need."""
        parts = self.change()
        of, decision = parts.impression, parts.impression.decision
        about = {name: getattr(of, name) for name in (*_WHO, *_WHAT)}
        parts.impression = Impression(**about, decision=decision and bare(decision))
        parts.looks = {object_id: look for object_id, look in parts.looks.items() if object_id in self.acted}
        self.key, parts.expected, parts.beside = None, {}, None
        if parts.credit is not None:
            parts.credit.reduce(self.acted)


def write_kept(pages: Iterable[Page]) -> Snapshot:
    """Return the record of the kept pages of a query."""
    metas, arrays = [], list[Array]()
    for page in pages:
        decision = page.impression.decision
        credit, parts = (None, []) if page.credit is None else page.credit.pack()
        metas.append(
            {
                "impression": {name: getattr(page.impression, name) for name in (*_WHO, *_WHAT)},
                "decision": None if decision is None else asdict(decision),
                "recorded_s": page.recorded_s,
                "looks": page.looks,
                "called": {arm: measures.tolist() for arm, measures in page.parts.called.items()},
                "accepted": [[*key, recorded_s] for key, recorded_s in page.accepted.items()],
                "values": page.values,
                "shown": page.shown,
                "group": page.group,
                "engaged": page.engaged,
                "credit": credit,
                "arrays": len(parts),
            }
        )
        arrays += parts
    return Snapshot(KEPT, {"pages": metas}, arrays)


def read_kept(record: Snapshot, packing: Packing | None = None) -> list[Page]:
    """Return the pages of such a record."""
    arrays = iter(record.arrays)
    return [_page(meta, [next(arrays) for _ in range(meta["arrays"])], packing) for meta in record.meta["pages"]]


def _page(meta: Mapping[str, Any], arrays: list[Array], packing: Packing | None) -> Page:
    decision = meta["decision"]
    if decision is not None:
        empty: dict[str, Any] = {name: tuple(decision[name]) for name in ("arms", "ladder", "levels", "probabilities")}
        decision = Decision(**{**decision, **empty})
    credit = None if meta["credit"] is None else PageCredit.unpack(meta["credit"], arrays)
    impression = Impression(**meta["impression"], decision=decision)
    called = {arm: np.array(measures) for arm, measures in meta["called"].items()}
    page = Page(Parts(impression, meta["looks"], credit, called=called), meta["recorded_s"], packing=packing)
    page.accepted = {(object_id, name): recorded_s for object_id, name, recorded_s in meta["accepted"]}
    page.values, page.engaged, page.shown = dict(meta["values"]), meta["engaged"], meta["shown"]
    page.group = meta["group"]
    return page
