"""Open the service that the settings ask for."""

import time

from serving.embedded import EmbeddedService
from serving.on_kafka import KafkaService
from serving.service import Service
from serving.settings import Settings


def open_service(settings: Settings) -> Service:
    """Return a query worker on Kafka where LTRR_KAFKA says where that is, else the whole product in this process."""
    if settings.brokers is None:
        return EmbeddedService(settings, time.time, settings.data_dir)
    return KafkaService(settings, settings.brokers, time.time)
