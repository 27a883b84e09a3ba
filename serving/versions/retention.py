"""Remove the versions that `LTRR_KEEP_VERSIONS` does not keep, after what made some superfluous."""

import logging

from ltrr.models.errors import LtrrError
from ltrr.serving.settings.settings import Settings
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.versions.retention import prune

_LOG = logging.getLogger(__name__)


async def prune_after(settings: Settings, bootstrap: Brokers, made: str = "") -> list[str]:
    """Return the versions that were removed; where that fails, the log says so, for what came before is done.

    made: a version that was rebuilt just now.
    """
    if settings.keep_versions is None:
        return []
    try:
        pruned = await prune(bootstrap, settings.partitions, settings.keep_versions, settings.version, made=made)
    except LtrrError as error:
        _LOG.warning("old versions were not removed: %s; `ltrr policy prune` tries again", error)
        return []
    return list(pruned.removed)
