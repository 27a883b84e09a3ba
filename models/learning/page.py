"""A shown page whose actions are still expected, and what is kept of it when only few of them are."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ltrr.models.baseline.page import BaselinePage
from ltrr.models.records.impression import Decision, Impression
from ltrr.models.rewards.credit import PageCredit
from ltrr.models.statistics.least_squares import Array
from ltrr.models.statistics.snapshot import Snapshot

KEPT = "pages"
"""Kind of the state record that holds the kept pages of a query."""

_WHO = ("query_id", "application", "user_id")
_WHAT = ("time_s", "user_query", "normalised_query", "page", "engagement")


@dataclass(slots=True)
class Page:
    """A shown page whose actions are still expected.

    key: tells it from others of its query. accepted: (object id, action name) -> record timestamp, in log order.
    expected: arm -> credit that was expected of it; empty where nobody asked. called: calls that are in the history,
    arm -> what was logged of them. beside: the baseline's page; None where nothing is known. engaged: whether its query
    was acted on.
    """

    impression: Impression
    recorded_s: float
    looks: dict[str, float]
    key: Hashable = None
    accepted: dict[tuple[str, str], float] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    credit: PageCredit | None = None
    expected: Mapping[str, float] = field(default_factory=dict)
    beside: BaselinePage | None = None
    called: Mapping[str, Array] = field(default_factory=dict)
    engaged: bool = False

    @property
    def weight(self) -> float:
        """Return how much the page counts as of now, in [0, 1]."""
        return 1.0 if self.engaged else self.impression.engagement

    @property
    def acted(self) -> set[str]:
        """Return the objects that actions were accepted on."""
        return {object_id for object_id, _ in self.accepted}

    def answer(self, object_id: str, value: float, look: float) -> bool:
        """Take note of an action on a page of the query; return whether that changed the credit of the page."""
        self.engaged = self.engaged or value > 0
        return self.credit is not None and self.credit.observe(object_id, value, look)

    def reduce(self) -> None:
        """Forget all but what further actions on the objects that were acted on need."""
        of, decision = self.impression, self.impression.decision
        self.impression = Impression(**{name: getattr(of, name) for name in (*_WHO, *_WHAT)}, decision=_bare(decision))
        self.looks = {object_id: look for object_id, look in self.looks.items() if object_id in self.acted}
        self.key, self.expected, self.beside, self.called = None, {}, None, {}
        if self.credit is not None:
            self.credit.reduce(self.acted)


def _bare(decision: Decision | None) -> Decision | None:
    return decision and replace(decision, arms=(), ladder=(), levels=(), probabilities=())


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
                "accepted": [[*key, recorded_s] for key, recorded_s in page.accepted.items()],
                "values": page.values,
                "engaged": page.engaged,
                "credit": credit,
                "arrays": len(parts),
            }
        )
        arrays += parts
    return Snapshot(KEPT, {"pages": metas}, arrays)


def read_kept(record: Snapshot) -> list[Page]:
    """Return the pages of such a record."""
    arrays = iter(record.arrays)
    return [_page(meta, [next(arrays) for _ in range(meta["arrays"])]) for meta in record.meta["pages"]]


def _page(meta: Mapping[str, Any], arrays: list[Array]) -> Page:
    decision = meta["decision"]
    if decision is not None:
        empty: dict[str, Any] = {name: tuple(decision[name]) for name in ("arms", "ladder", "levels", "probabilities")}
        decision = Decision(**{**decision, **empty})
    return Page(
        Impression(**meta["impression"], decision=decision),
        meta["recorded_s"],
        dict(meta["looks"]),
        accepted={(object_id, name): recorded_s for object_id, name, recorded_s in meta["accepted"]},
        values=dict(meta["values"]),
        credit=None if meta["credit"] is None else PageCredit.unpack(meta["credit"], arrays),
        engaged=meta["engaged"],
    )
