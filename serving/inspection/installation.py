"""What is here: versions, settings, the data folder and what it was taught, the port."""

import os
import shutil
import socket
from collections import Counter
from pathlib import Path
from typing import Final

from ltrr.models.errors import InvalidSettings, SnapshotMismatch
from ltrr.models.learning.join import Outcome
from ltrr.models.plans.plan import PlanRules
from ltrr.models.state.learning import Learning
from ltrr.models.state.progress import ACTIONS, IMPRESSIONS
from ltrr.models.state.records import check_teaching
from ltrr.models.statistics.snapshot import Snapshot
from ltrr.serving.http.connection import running_server, serves_at
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import Secrets
from ltrr.streams.embedded.checkpoint import read_checkpoint

_LEAST_FREE_BYTES: Final = 1 << 30


def arms(rules: PlanRules) -> str:
    """Return how many arms there are. Raises where none can be tried beside the baseline."""
    budgets = rules.budgets(rules.baseline)
    baseline = ", ".join(f"{arm} {budget}" for arm, budget in budgets.items()) or "none"
    others = set(rules.ranked) - budgets.keys()
    if others and others == set(rules.crowded_out):
        raise InvalidSettings(
            f"the baseline ({baseline}) leaves no other arm room, which chance alone tries, and little is learned of: "
            "give it less (LTRR_BASELINE), or plans more (LTRR_MAX_CANDIDATES, LTRR_MAX_CALLS)"
        )
    return f"{len(rules.ranked)} to choose from, beside the baseline ({baseline})"


def data_folder(folder: Path) -> str:
    """Return where data are kept. Raises InvalidSettings where nothing can be written there, or little."""
    existing = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise InvalidSettings(f"{existing} cannot be written: make it writable, or set LTRR_DATA_DIR")
    free = shutil.disk_usage(existing).free
    if free < _LEAST_FREE_BYTES:
        raise InvalidSettings(f"{free / 1e9:.1f} GB are free at {existing}: free some, or set LTRR_DATA_DIR")
    return f"{folder} {'is there' if folder.exists() else 'will be made'}, {free / 1e9:.0f} GB are free"


def secret(settings: Settings) -> str:
    """Return which secret there is. Raises InvalidSettings where it is not the one that the folder was made with."""
    if Secrets(settings, settings.data_dir).made:
        return "none yet: one is made with the first event, where LTRR_SECRET gives none"
    signs = f"the one in {settings.data_dir}" if settings.secret is None else "LTRR_SECRET"
    return f"{signs} signs and seals; visitors have the names that they always had"


def learned(folder: Path, learning: Learning) -> str:
    """Return what the log has taught up to the checkpoint of a data folder.

    Raises where that will change, or where much was untimely.
    """
    held = (Snapshot.unpack(data).meta for key, data in read_checkpoint(folder / "state.bin") if key.kind == "progress")
    progress = next(held, None)
    if progress is None:
        return "nothing yet, or nothing that was kept"
    counts = Counter({(topic, outcome): count for topic, outcome, count in progress["counts"]})
    taught = " and ".join(f"{counts[topic, Outcome.ACCEPTED]:,} {topic}" for topic in (IMPRESSIONS, ACTIONS))
    others = ", ".join(f"{n:,} {topic} {what}" for (topic, what), n in sorted(counts.items()) if what != "accepted")
    said = f"{taught} had taught at the last checkpoint" + (f"; others: {others}" if others else "")
    try:
        check_teaching(progress.get("teaching", {}), learning.teaching)
    except SnapshotMismatch as error:
        raise InvalidSettings(f"{said}; the next `ltrr serve` learns the log anew, unless it does: {error}") from error
    for topic in (IMPRESSIONS, ACTIONS):
        misplaced = sum(counts[topic, outcome] for outcome in (Outcome.LATE, Outcome.EARLY, Outcome.FUTURE))
        if misplaced > counts[topic, Outcome.ACCEPTED]:
            raise InvalidSettings(
                f"{said}: look at clocks and zones of senders, at the order of a history, and whether LTRR_LATE_S was "
                "raised for it"
            )
    return said


def port(settings: Settings) -> str:
    """Return which server listens, or may. Raises InvalidSettings where something else does."""
    url = running_server(settings.data_dir)
    if url is not None:
        return f"`ltrr serve` runs on this data folder, at {url}"
    try:
        socket.create_server((settings.host, settings.port)).close()
    except OSError as error:
        if serves_at(settings.host, settings.port):
            return f"`ltrr serve` runs on {settings.host}:{settings.port}, over another data folder than this"
        raise InvalidSettings(
            f"`ltrr serve` cannot listen on {settings.host}:{settings.port} ({error.strerror}): set LTRR_PORT"
        ) from error
    return f"{settings.host}:{settings.port} is free for `ltrr serve`"
