"""Hold all processes on one Kafka to one secret: which one is on record on `ltrr.policy`, as a fingerprint of it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from ltrr.models.errors import InvalidSettings
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import OfAll, Secrets, of_all
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state.keys import INSTALLATION, SECRET, ControlKey
from ltrr.streams.versions.promotion import announce, read_board
from ltrr.streams.versions.versions import Board

_KEY = ControlKey(SECRET, INSTALLATION)


def hold_to_secret(settings: Settings, bootstrap: Brokers, held: Secrets | None = None) -> None:
    """Make sure, before anything is kept or learned, that this process has the secret of all others.

    held: of a process that seals pages, None of one that only reads them. The first process puts its secret on record,
    and so does the first that seals with a newer one. May be called with or without an event loop. Raises
    InvalidSettings, which says what to do, and EngineFailed.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _hold(settings, bootstrap, held)).result()


async def _hold(settings: Settings, bootstrap: Brokers, held: Secrets | None) -> None:
    on_record = _on_record(await read_board(bootstrap, settings.partitions))
    news = of_all(held or Secrets(settings, None), on_record, seals=held is not None)
    if news is not None:
        await announce(bootstrap, _KEY, news.encode())


def said_of_secret(settings: Settings, board: Board) -> str:
    """Return whether the secret is that of the others, which changes nothing. Raises InvalidSettings."""
    on_record = _on_record(board)
    of_all(Secrets(settings, None), on_record, seals=False)
    if settings.secret is None:
        return "none: LTRR_SECRET would tell pages of this installation from others"
    if on_record is None:
        return "LTRR_SECRET; the first process that starts puts on record that it is the one of all"
    return "LTRR_SECRET is the one that all processes on this Kafka have"


async def replace_secret(settings: Settings, bootstrap: Brokers) -> None:
    """Put LTRR_SECRET on record in place of what was there. Raises InvalidSettings where it is not set."""
    own = Secrets(settings, None).of_all
    if own is None:
        raise InvalidSettings("LTRR_SECRET is not set: set it to the secret that all processes are to have")
    await announce(bootstrap, _KEY, own.encode())


def _on_record(board: Board) -> OfAll | None:
    """Return which secret is on record; None where that is none, or cannot be read."""
    with suppress(ValueError, TypeError, LookupError):
        return None if board.secret is None else OfAll.decode(board.secret)
    return None
