"""Opening and giving up kafka-python's producer, which leaves something behind in both."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import InvalidRecordError, KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from kafka.net.compat import KafkaNetClient

# what Kafka will not take at the next attempt either; an idempotent producer takes nothing more after one of them
REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError)
_JOIN_S = 3.0


def connect(settings: Mapping[str, Any]) -> KafkaProducer:
    """Return a producer, or leave nothing open: one that cannot reach Kafka forgets its sockets. Raises KafkaError."""
    clients: list[KafkaNetClient] = []

    def client(**config: Any) -> KafkaNetClient:  # noqa: ANN401  # kafka-python's settings are of any kind
        clients.append(KafkaNetClient(**config))
        return clients[-1]

    try:
        return KafkaProducer(kafka_client=client, **settings)
    except BaseException:
        for opened in clients:
            opened.close()
        raise


def abandon(producer: KafkaProducer) -> None:
    """Close a producer at once: its own close() waits for what cannot be sent, or fails."""
    producer._sender.force_close()  # noqa: SLF001
    producer._sender.join(_JOIN_S)  # noqa: SLF001
    with suppress(KafkaError):
        producer.close(timeout=0)
