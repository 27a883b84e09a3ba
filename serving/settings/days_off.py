"""Public holidays by country, from the calendars of the library `holidays`."""

from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache


def is_holiday(time_s: float, zone: tzinfo = UTC, region: str | None = None) -> bool:
    """Tell whether it is a public holiday where the user is, by the user's own clock.

    region: an ISO 3166 country or subdivision, such as "DE" or "DE-BY"; of one without a calendar nothing is known.
    """
    if not region:
        return False
    country, _, subdivision = region.upper().partition("-")
    local = datetime.fromtimestamp(time_s, zone).date()
    return local in (_days(country, subdivision, local.year) or _days(country, "", local.year))


@lru_cache(maxsize=1_000)
def _days(country: str, subdivision: str, year: int) -> frozenset[date]:
    """Return the holidays of a year, none where there is no calendar."""
    import holidays  # noqa: PLC0415  # whoever names no region needs none of it

    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError:
        return frozenset()
