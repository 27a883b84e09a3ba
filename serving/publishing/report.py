"""What became of a file of events."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ltrr.models.learning.join import Outcome
from ltrr.models.records.heaviest import Heaviest

_NAMES: Final = 20
_KNOWN: Final = (
    "duplicates are in the log already: where they had not taught for a setting, change that and start the server "
    "again, which learns the log anew; nothing has to be sent again"
)

_FEWEST: Final = 10  # queries of which it is said what most of them are
_ONE_RESULT: Final = (
    "{one_result} of {queries} queries have one result: such a file teaches what was taken, and nothing of places or "
    "of what was passed over; send all that was shown (docs/history.md)"
)
_ELSEWHERE: Final = (
    "what they teach cannot be told here, as workers learn them: `ltrr policy list` shows how many they are behind, "
    "`ltrr doctor` whether they learn, and ltrr.deadletter holds what they cannot use"
)

_ONE_VISITOR: Final = (
    "one visitor made {queries:,} of the queries, {share:.0%} of all: of each day no more than LTRR_VISITOR_SEARCHES "
    "count in full, but reports count them all. Is it a program? Leave it out of such a file"
)


@dataclass(slots=True)
class Report:
    """Counts over a file, of what was taken and of what was learned of it.

    unplanned: queries without a plan of ltrr. queries: all that say what they answered; one_result: those of them
    that say of one entity alone. taught: pages and actions that were learned; None where the answers do
    not say. not_taught: outcome -> how many, as of the answers: an action may still have found its page further on.
    not_in_catalogue: {actions, sent, held} of actions on entities that it does not have. senders: who
    asked -> queries.
    """

    read: int = 0
    accepted: int = 0
    bad: int = 0
    unplanned: int = 0
    queries: int = 0
    one_result: int = 0
    joined: int = 0
    taught: int | None = None
    not_taught: Counter[str] = field(default_factory=Counter)
    without_weight: dict[str, None] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)
    not_in_catalogue: dict[str, Any] | None = None
    senders: Counter[str | None] = field(default_factory=Counter)

    def add(self, answer: Mapping[str, Any], sent: int) -> None:
        """Add what was answered to so many events."""
        bad = len(answer.get("rejected", ()))
        self.bad += bad
        self.accepted += sent - bad
        self.joined += answer.get("joined", 0)
        if "taught" in answer:
            self.taught = (self.taught or 0) + answer["taught"]
        self.not_taught.update(answer.get("not_taught", {}))
        self.without_weight |= dict.fromkeys(answer.get("without_weight", ()))
        if found := answer.get("not_in_catalogue"):
            before = self.not_in_catalogue or {**found, "actions": 0}
            self.not_in_catalogue = {**before, "actions": before["actions"] + found["actions"]}
        again = [_KNOWN] if answer.get("not_taught", {}).get(Outcome.DUPLICATE) else []
        for hint in (*answer.get("hints", ()), *again):
            self.hints.setdefault(hint.rpartition(";")[2], hint)  # one for each cause

    def document(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        heaviest = Heaviest.of((sender, 1.0) for sender in self.senders.elements())
        return {
            "read": self.read,
            "accepted": self.accepted,
            "bad": self.bad,
            "unplanned": self.unplanned,
            "queries": self.queries,
            "one_result": self.one_result,
            "joined": self.joined,
            "taught": self.taught,
            "not_taught": dict(self.not_taught),
            "without_weight": list(self.without_weight)[:_NAMES],
            "not_in_catalogue": self.not_in_catalogue,
            "heaviest": {"queries": heaviest.decisions, "share": heaviest.share}
            if heaviest is not None and heaviest.matters
            else None,
            "hints": list(self.hints.values()),
        }


def said(report: Mapping[str, Any]) -> str:
    """Return what a person is told, a template to be filled from such a document."""
    lines = ["{accepted} of {read} events accepted; {bad} were bad"]
    if report["unplanned"] and report["accepted"]:  # and no policy can be evaluated from them
        lines[0] += "; {unplanned} queries have no plan of ltrr and teach the memory alone"
    if report["joined"]:
        lines[0] += "; for {joined} actions without a query theirs was found"
    if report["taught"] is not None:
        untaught = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report["not_taught"].items()))
        lines.append("{taught} pages and actions taught something" + (f"; others: {untaught}" if untaught else ""))
    elif report["accepted"]:
        lines.append(_ELSEWHERE)
    if report["queries"] >= _FEWEST and 2 * report["one_result"] > report["queries"]:
        lines.append(_ONE_RESULT)
    hints = list(report["hints"])
    if report["heaviest"] is not None:
        hints.append(_ONE_VISITOR.format(**report["heaviest"]))
    if report["not_in_catalogue"] is not None:
        hints.append(not_in_catalogue(**report["not_in_catalogue"]))
    return "\n".join([*lines, *(hint.replace("{", "{{").replace("}", "}}") for hint in hints)])


def not_in_catalogue(actions: int, sent: str, held: str | None) -> str:
    """Return what is said of actions on entities that the catalogue does not have. sent, held: an id of each side."""
    there = "nothing is in it yet" if held is None else f"it has ids such as {held!r}"
    return (
        f"{actions:,} actions are of entities that the catalogue does not have, such as {sent!r}; {there}: unless "
        "these were deleted since, send its ids, as no search shows others"
    )
