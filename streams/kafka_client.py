"""What kafka-python keeps to itself: why it cannot connect, and what a producer leaves behind."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import (
    IllegalSaslStateError,
    InvalidRecordError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
from kafka.net.compat import KafkaNetClient

from models.errors import EngineFailed
from streams.brokers import Brokers, Protocol

# what Kafka will not take at the next attempt either; an idempotent producer takes nothing more after one of them
REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError)
_LOGIN_REFUSED = (SaslAuthenticationFailedError, UnsupportedSaslMechanismError, IllegalSaslStateError)
_JOIN_S = 3.0
_GREET_MS = 5_000


def greet(bootstrap: Brokers) -> None:
    """Make sure that a broker and we accept each other; clients would try again for all their time, and not say why.

    Does nothing where connections are not secured. Raises EngineFailed.
    """
    security = bootstrap.security
    if security.protocol is Protocol.PLAINTEXT:
        return
    client = KafkaNetClient(**bootstrap.client())
    manager = client._manager  # noqa: SLF001  # the only one that tells why
    reason: KafkaError | None = None
    try:
        for broker in client.cluster.bootstrap_brokers():
            try:
                manager.run(lambda number=broker.node_id: manager.get_connection(number, timeout_ms=_GREET_MS))
            except KafkaError as error:
                reason = error
            else:
                return
    finally:
        client.close()
    raise EngineFailed("kafka", _told(bootstrap, reason)) from reason


def _told(bootstrap: Brokers, reason: KafkaError | None) -> str:
    """Return in words why a broker is not talked to, and what to look at."""
    security = bootstrap.security
    if security.login is not None and isinstance(reason, _LOGIN_REFUSED):
        return (
            f"{bootstrap} refuses the login of {security.login.user} by {security.login.mechanism} ({reason}); are "
            "LTRR_KAFKA_USER, LTRR_KAFKA_PASSWORD and LTRR_KAFKA_SASL_MECHANISM right?"
        )
    if "CERTIFICATE_VERIFY_FAILED" in str(reason):
        return f"the certificate of {bootstrap} is not trusted ({reason}); is LTRR_KAFKA_CA its authority's file?"
    return (
        f"{bootstrap} cannot be talked to by {security.protocol} ({reason}); is LTRR_KAFKA_SECURITY_PROTOCOL right, "
        "and does Kafka ask for LTRR_KAFKA_CERTIFICATE?"
    )


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
