"""What a user did."""

import re
from dataclasses import dataclass

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAP = re.compile(r"[\s\-.:]+")


def plain_name(action_name: str) -> str:
    """Return a name as all spell it: `addToCart`, `add-to-cart` and `Add to cart` are `add_to_cart`."""
    return _GAP.sub("_", _HUMP.sub("_", action_name.strip())).lower()


@dataclass(frozen=True, slots=True)
class Action:
    """One user action on a shown entity (a UBI event; never a bandit's arm).

    time_s: when it happened, seconds since the epoch, by the sender's clock. position: 1-based, where sent.
    event_id: the sender's own, or a hash of what identifies the event.
    """

    query_id: str
    object_id: str
    action_name: str
    time_s: float
    application: str = "default"
    client_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    position: int | None = None
    event_id: str = ""
