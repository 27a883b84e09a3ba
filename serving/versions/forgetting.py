"""Forget faster, or more slowly, from an event time on: a record that all workers of a version know before that."""

import math
from dataclasses import replace
from typing import Any

from ltrr.models.errors import InvalidInput
from ltrr.models.statistics.decay import Change, Decay
from ltrr.serving.settings.settings import Settings
from ltrr.serving.terminal.moments import moment
from ltrr.serving.versions.half_lives import described
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state.keys import ChangeKey
from ltrr.streams.versions.forgetting import NOTICE_S
from ltrr.streams.versions.promotion import announce, read_board
from ltrr.streams.versions.versions import Board, encode_half_life


async def forget(
    bootstrap: Brokers,
    settings: Settings,
    application: str,
    half_life_s: float,
    *,
    version: str | None,
    from_s: float | None,
    until_s: float | None,
    now_s: float,
) -> dict[str, Any]:
    """Change the half-life under which a version learns an application's impressions from a time until another.

    version: the application's active one where absent; from_s: as soon as can be where absent; until_s: for good, or
    until the next change, where absent. Raises InvalidInput where that cannot be.
    """
    board = await read_board(bootstrap, settings.partitions)
    version = version or board.active.get(application, settings.active).version
    board.known(version)
    learned = of_version(settings, board, version)
    # pages of a time are recorded late_s before it at the earliest
    earliest_s = math.ceil(max(now_s, board.read_s(version)) + learned.late_s + NOTICE_S)
    decay = decay_of(learned, board, version, application)
    changes = planned(decay, half_life_s, earliest_s if from_s is None else from_s, until_s, earliest_s)
    for change in reversed(changes):  # the end goes first: it changes nothing by itself
        key = ChangeKey(version, application, round(change.from_s * 1000))
        await announce(bootstrap, key, encode_half_life(change.half_life_s))
    after = {change.from_s: change for change in (*decay.changes, *changes)}
    return {
        "version": version,
        "application": application,
        "from": moment(changes[0].from_s),
        "half_life": half_life_s,
        "forgetting": described(replace(decay, changes=tuple(sorted(after.values())))),
    }


def planned(
    decay: Decay, half_life_s: float, from_s: float, until_s: float | None, earliest_s: float
) -> tuple[Change, ...]:
    """Return the changes to announce, so that the half-life holds from a time until another.

    Raises InvalidInput where the time is too near, or another change lies between them.
    """
    from_s = round(from_s, 3)  # milliseconds are what a key can say
    if from_s < earliest_s:
        raise InvalidInput(
            f"{moment(from_s)} has passed or is too near: pages of that time may be learned before all workers know; "
            f"the earliest is {moment(earliest_s)}, or leave --from out"
        )
    change = Change(from_s, half_life_s)
    if until_s is None:
        return (change,)
    until_s = round(until_s, 3)
    if until_s <= from_s:
        raise InvalidInput(f"--until {moment(until_s)} is not after {moment(from_s)}")
    between = [other for other in decay.changes if from_s < other.from_s < until_s]
    if between:
        raise InvalidInput(f"there is a change at {moment(between[0].from_s)}: let this one end there or before")
    if any(other.from_s == until_s for other in decay.changes):
        return (change,)
    before = replace(decay, changes=tuple(other for other in decay.changes if other.from_s < from_s))
    return change, Change(until_s, before.half_life_at(from_s))


def of_version(settings: Settings, board: Board, version: str) -> Settings:
    """Return the settings that a version is learned under."""
    recipe = board.recipes.get(version)
    return settings.of_version(recipe.settings) if recipe else settings


def decay_of(settings: Settings, board: Board, version: str, application: str) -> Decay:
    """Return how a version of these settings forgets for an application."""
    return Decay(settings.half_life_s, board.forgetting(version).get(application, ()))
