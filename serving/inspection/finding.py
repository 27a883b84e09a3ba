"""What was found of one part of an installation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ltrr.models.errors import LtrrError

State = Literal["ok", "undecided", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing. said: how it is, and where it is not ok what to do.

    undecided: it could not be told, as of searches too few to compare; neither ok nor a reason to do anything.
    """

    what: str
    state: State
    said: str


def finding_of(what: str, look: Callable[[], str], worst: State = "failed") -> Finding:
    """Return what looking at a part says: its answer, or the error that it raised, as `worst`."""
    try:
        return Finding(what, "ok", look())
    except LtrrError as error:
        return Finding(what, worst, str(error))
