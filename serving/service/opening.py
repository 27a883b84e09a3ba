"""Open the service that the settings ask for."""

import time

from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.service.on_kafka import KafkaService
from ltrr.serving.service.service import Service
from ltrr.serving.settings.settings import Settings


def open_service(settings: Settings) -> Service:
    """Return a query worker on Kafka where LTRR_KAFKA says where that is, else the whole product in this process."""
    if settings.brokers is None:
        return EmbeddedService(settings, time.time, settings.data_dir)
    return KafkaService(settings, settings.brokers, time.time)
