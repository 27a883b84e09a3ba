"""What the service asks of a process that searches, and what that answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from prometheus_client import Metric

from ltrr.models.errors import LtrrError
from ltrr.models.records.entity import Entity, Place
from ltrr.models.state.records import RecordKey
from ltrr.serving.search.draws import Drawn
from ltrr.serving.search.messages import SearchRequest


@dataclass(frozen=True, slots=True)
class Search:
    """Make a page, see `Paging.page`."""

    number: int
    request: SearchRequest
    now_s: float
    drawn: Drawn | None


@dataclass(frozen=True, slots=True)
class Change:
    """Make changes of the catalogue."""

    number: int
    changes: Sequence[Entity | Place]


@dataclass(frozen=True, slots=True)
class Look:
    """Answer once all that was sent before is taken over, and what has to be read from elsewhere is."""

    number: int


@dataclass(frozen=True, slots=True)
class Learned:
    """Take over records of the learned state; None: one that is gone."""

    records: Mapping[RecordKey, bytes | None]


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of the message of a number: what it asked for, or why that cannot be."""

    number: int
    value: object = None
    refusal: "Refusal | None" = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a process has counted since its start, and what of it cannot work; empty where all can."""

    counted: Sequence[Metric]
    trouble: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as it is sent: those with arguments of their own cannot be pickled."""

    kind: type[LtrrError]
    said: str
    about: Mapping[str, object]

    @classmethod
    def of(cls, error: LtrrError) -> Self:
        """Return an error to be sent."""
        return cls(type(error), str(error), dict(vars(error)))

    def error(self) -> LtrrError:
        """Return the error that was sent."""
        error = self.kind.__new__(self.kind)
        error.args = (self.said,)
        vars(error).update(self.about)
        return error
