"""Open the service that the settings ask for."""

import time
from collections.abc import Callable
from contextlib import nullcontext

from ltrr.models.errors import InvalidSettings
from ltrr.serving.access.audit import by_command
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.service.service import Service
from ltrr.serving.settings.settings import Settings


def open_service(
    settings: Settings,
    *,
    accept_shorter_log: bool = False,
    workers: int = 1,
    tell: Callable[[str], None] = lambda _: None,
) -> Service:
    """Return a query worker on Kafka where LTRR_KAFKA says where that is, else the whole product in this process.

    workers: processes that search for it. tell: told, embedded, what takes a while until it is there.
    accept_shorter_log: as EmbeddedService has it. Raises InvalidSettings for the latter on Kafka.
    """
    if settings.brokers is None:
        noted = by_command(settings.audit_path, "accept a shorter log") if accept_shorter_log else nullcontext()
        with noted:
            return EmbeddedService(
                settings,
                time.time,
                settings.data_dir,
                accept_shorter_log=accept_shorter_log,
                workers=workers,
                tell=tell,
            )
    if accept_shorter_log:
        raise InvalidSettings("--accept-shorter-log is for a log in a data folder: leave it out on Kafka")
    from ltrr.serving.service.on_kafka import KafkaService  # noqa: PLC0415  # brings Faust, which takes as long as all else

    return KafkaService(settings, settings.brokers, time.time, workers=workers)
