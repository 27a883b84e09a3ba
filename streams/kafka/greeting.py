"""Why a secured Kafka does not let us in, which clients keep to themselves: they try again for all their time."""

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import IllegalSaslStateError, KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError

from ltrr.models.errors import EngineFailed
from ltrr.streams.kafka.brokers import Brokers, Protocol

_ANSWER_MS: Final = 5_000
_GOODBYE_S: Final = 2.0
_LOGIN_REFUSED: Final = (SaslAuthenticationFailed, UnsupportedSaslMechanismError, IllegalSaslStateError)
Failure: TypeAlias = OSError | KafkaError  # a TimeoutError is an OSError


def greet(bootstrap: Brokers) -> None:
    """Make sure that one of the brokers and we accept each other. May be called with or without an event loop.

    Does nothing where connections are not secured. Raises EngineFailed that says what to look at.
    """
    if bootstrap.security.protocol is Protocol.PLAINTEXT:
        return
    with ThreadPoolExecutor(1) as pool:
        failure = pool.submit(asyncio.run, _greet(bootstrap)).result()
    if failure is not None:
        raise EngineFailed("kafka", _told(bootstrap, failure)) from failure


async def _greet(bootstrap: Brokers) -> Failure | None:
    """Return why none of the brokers was connected to, None where one was."""
    failure: Failure | None = None
    for host, port in bootstrap.hosts():
        connection = AIOKafkaConnection(host, port, request_timeout_ms=_ANSWER_MS, **bootstrap.security.client())
        failure = None
        try:
            await connection.connect()
        except OSError as error:  # nothing was connected
            failure = error
            continue
        except KafkaError as error:
            failure = error
        await asyncio.wait([connection.close()], timeout=_GOODBYE_S)
        if failure is None:
            return None
    return failure


def _told(bootstrap: Brokers, failure: Failure) -> str:
    """Return in words what happened, and what to look at."""
    security = bootstrap.security
    if security.login is not None and isinstance(failure, _LOGIN_REFUSED):
        return (
            f"{bootstrap} refuses the login of {security.login.user} by {security.login.mechanism}: {_plain(failure)}; "
            "are LTRR_KAFKA_USER, LTRR_KAFKA_PASSWORD and LTRR_KAFKA_SASL_MECHANISM right?"
        )
    if isinstance(failure, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {bootstrap} is not trusted: {failure.verify_message.rstrip('.')}; is LTRR_KAFKA_CA "
            "the file of its authority, is LTRR_KAFKA a name that it is for?"
        )
    return (
        f"{bootstrap} does not talk to us by {security.protocol}: {_plain(failure)}; is LTRR_KAFKA_SECURITY_PROTOCOL "
        "right, does Kafka ask for LTRR_KAFKA_CERTIFICATE?"
    )


def _plain(failure: Failure) -> str:
    """Return a failure's own words on one line."""
    if isinstance(failure, TimeoutError):
        return f"no answer within {_ANSWER_MS / 1000:g} s"
    words = failure.strerror if isinstance(failure, OSError) else str(failure.args[0]) if failure.args else ""
    return " ".join(str(words or type(failure).__name__).split()).rstrip(".")
