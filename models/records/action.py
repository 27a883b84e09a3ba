"""What a user did."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One user action on a shown entity (a UBI event; never a bandit's arm).

    time_s: when it happened, seconds since the epoch, by the sender's clock. position: 1-based, where sent.
    application: empty where the sender names none, and means that of the page. event_id: the sender's own, or a hash of
    what identifies the event.
    """

    query_id: str
    object_id: str
    action_name: str
    time_s: float
    application: str = ""
    client_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    position: int | None = None
    event_id: str = ""
