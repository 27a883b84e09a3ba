"""The topics: one table."""

from enum import StrEnum


class Topic(StrEnum):
    """Every topic's name."""

    IMPRESSIONS = "ltrr.impressions"
    ACTIONS = "ltrr.actions"
    DEADLETTER = "ltrr.deadletter"

    @property
    def short(self) -> str:
        """Return the name without its prefix, as metrics label it."""
        return self.value.removeprefix("ltrr.")
