"""What learning brings, as the server says that runs here."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from ltrr.models.baseline.regret import LEAST_PAGES, LEAST_SHARE, Standing
from ltrr.models.errors import LtrrError
from ltrr.serving.http.connection import ask, connect, server_url
from ltrr.serving.inspection.finding import Finding
from ltrr.serving.judging.first_places import first_places
from ltrr.serving.settings.settings import Settings
from ltrr.serving.terminal import tables

_ANSWER_S: Final = 10.0
_THE_WAY_BACK: Final = (
    "run the baseline until it is clear why (LTRR_MODE=static; on Kafka `ltrr policy promote VERSION --mode static`, "
    "or `ltrr policy rollback`)"
)
_LEFT: Final = (
    "on the others strategies of the baseline are off, or an engine did not answer (`searches` here), and no log tells "
    "what these would have found: see why they look bad (`ltrr policy show`; `visitors` here), judge answers (`ltrr "
    "judge`), or raise LTRR_CAUTION"
)
_MOST_DEGRADED: Final = 0.05  # of searches, before it is a warning
_FEWEST: Final = 20


def examine_learning(settings: Settings) -> Iterator[Finding]:
    """Yield how searches of each application do beside the baseline, and beside what nothing learned would show."""
    if server_url(settings) is None:
        yield Finding(
            "baseline", "undecided", "not looked at: no `ltrr serve` runs on this data folder; LTRR_URL names another"
        )
        return
    for name in settings.applications:
        of = "" if len(settings.applications) == 1 else f" of {name}"
        try:
            policy = asyncio.run(_policy(settings, name))
        except LtrrError as error:
            yield from (Finding(f"{what}{of}", "warning", str(error)) for what in ("learning", "baseline"))
        else:
            yield _gain(f"learning{of}", policy["baseline"]["unlearned"])
            yield _baseline(f"baseline{of}", policy)
        try:
            yield asyncio.run(_degraded(f"searches{of}", settings, name))
        except LtrrError as error:
            yield Finding(f"searches{of}", "warning", str(error))
        try:
            yield asyncio.run(_first_places(f"first places{of}", settings, name))
        except LtrrError as error:
            yield Finding(f"first places{of}", "warning", str(error))


async def _policy(settings: Settings, application: str) -> dict[str, Any]:
    """Return what the server says of an application's policy."""
    async with connect(settings) as client:
        client.timeout = _ANSWER_S
        found: dict[str, Any] = await ask(client, "GET", "/v1/policy", params={"application": application})
        return found


def _gain(what: str, found: dict[str, Any]) -> Finding:
    """Return what learning brings: a warning where searches surely earn less than with nothing learned."""
    said = tables.unlearned(found)
    if found["standing"] == Standing.WORSE:
        return Finding(what, "warning", f"{said}: {_THE_WAY_BACK}")
    return Finding(what, "undecided" if found["standing"] == Standing.UNDECIDED else "ok", said)


def _baseline(what: str, policy: dict[str, Any]) -> Finding:
    """Return how plans do beside the baseline's.

    A warning where they surely earn less that matters, and where most pages are not compared.
    """
    found = policy["baseline"]
    said = tables.baseline(found)
    if found["plan"] and found["share"] < LEAST_SHARE and found["planned"] >= LEAST_PAGES:
        return Finding(what, "warning", f"{said}; {_LEFT}")
    if found["standing"] == Standing.WORSE:
        said += f": {_THE_WAY_BACK}, or see whether LTRR_BASELINE says what you mean"
        return Finding(what, "warning", said)
    return Finding(what, "undecided" if found["standing"] == Standing.UNDECIDED else "ok", said)


async def _degraded(what: str, settings: Settings, application: str) -> Finding:
    """Return how many of the last day's searches went without an engine: a warning from one in twenty on."""
    async with connect(settings) as client:
        client.timeout = _ANSWER_S
        asked = {"application": application, "span": "24h"}
        counts = (await ask(client, "GET", "/v1/dashboard/history", params=asked))["counts"]
        health = await ask(client, "GET", "/v1/dashboard/health")
    searches, degraded = sum(counts["searches"]), sum(counts["degraded"])
    if not searches:
        return Finding(what, "undecided", "none in the last day, or since the server started")
    engines = ", ".join(f"{one['engine']} {one['count']:,} times" for one in health["degraded"])
    said = f"{degraded:,} of {searches:,} in the last day went without an engine that was late or failed"
    said += f" (since the server started: {engines})" if engines else ""
    if searches < _FEWEST or degraded < _MOST_DEGRADED * searches:
        return Finding(what, "ok", said)
    return Finding(
        what,
        "warning",
        f"{said}: see to the engine, or give it longer (LTRR_TEXT_DEADLINE_S, LTRR_VECTOR_DEADLINE_S); what is said of "
        "learning and baseline leaves these searches out",
    )


async def _first_places(what: str, settings: Settings, application: str) -> Finding:
    """Return what stands first beside the baseline: a warning where many queries do not find first what they name."""
    async with connect(settings) as client:
        client.timeout = _ANSWER_S
        found = await first_places(client, application)
    if not found.firsts:
        return Finding(what, "undecided", "nothing to look at: no searches since the server started, or no baseline")
    if found.many_lost:
        said = f"{found.said()}; see with `ltrr memory QUERY` who took these, {_THE_WAY_BACK}"
        return Finding(what, "warning", said)
    return Finding(what, "ok", found.said())
