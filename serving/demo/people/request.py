"""What one listener asks, with the hidden answer that clicks are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """One search by one listener.

    kind: the hidden intent, for reports only. relevance: object id -> P(click | looked at) in (0, 1]; what is
    not named has 0. time_s: seconds since the epoch. fresh, split: as in the Last.fm query log; every simulated
    request is fresh and of no split.
    """

    text: str
    user_id: str
    kind: str
    relevance: Mapping[str, float]
    time_s: float
    fresh: bool = True
    split: str = ""
