"""Where a Kafka cluster is, and how its clients identify it and themselves."""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ltrr.models.errors import InvalidSettings


class Protocol(StrEnum):
    """Kafka's `security.protocol`."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def has_tls(self) -> bool:
        """Return whether connections are encrypted."""
        return self in {Protocol.SSL, Protocol.SASL_SSL}

    @property
    def has_sasl(self) -> bool:
        """Return whether clients log in."""
        return self in {Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL}


class Mechanism(StrEnum):
    """Kafka's `sasl.mechanism`, those that take a user and a password."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in by SASL, and how."""

    mechanism: Mechanism
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Security:
    """How connections are secured.

    login: where the protocol is one of SASL, and there alone. ca: PEM file of certificates to trust, those of the
    system where None; certificate, key: PEM files of the client's own, for mutual TLS; the key may stand in the
    certificate's file. check_hostname: whether a broker's certificate must be for the host it is reached at. Raises
    InvalidSettings, with the variables to set, for a combination that cannot work.
    """

    protocol: Protocol = Protocol.PLAINTEXT
    login: Login | None = None
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    check_hostname: bool = True

    def __post_init__(self) -> None:
        if self.login is None and self.protocol.has_sasl:
            raise InvalidSettings(
                f"{self.protocol} needs a login: set LTRR_KAFKA_SASL_MECHANISM, LTRR_KAFKA_USER and LTRR_KAFKA_PASSWORD"
            )
        if self.login is not None and not self.protocol.has_sasl:
            raise InvalidSettings(f"{self.protocol} logs nobody in: {_set(Protocol.SASL_SSL, Protocol.SASL_PLAINTEXT)}")
        if not self.protocol.has_tls and (self.ca or self.certificate or self.key or not self.check_hostname):
            raise InvalidSettings(
                f"{self.protocol} has no certificates, LTRR_KAFKA_CA, LTRR_KAFKA_CERTIFICATE, LTRR_KAFKA_KEY and "
                f"LTRR_KAFKA_CHECK_HOSTNAME would do nothing: {_set(Protocol.SASL_SSL, Protocol.SSL)}"
            )
        if self.key is not None and self.certificate is None:
            raise InvalidSettings("LTRR_KAFKA_KEY is the key of a certificate: set LTRR_KAFKA_CERTIFICATE too")

    def tls(self) -> ssl.SSLContext | None:
        """Return what to check brokers by, made from the files as they are now; None without TLS."""
        if not self.protocol.has_tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca)
        except (OSError, ValueError) as error:  # an SSLError is an OSError
            raise InvalidSettings(f"LTRR_KAFKA_CA: {self.ca} is no PEM file of certificates: {error}") from error
        context.check_hostname = self.check_hostname
        if self.certificate is not None:
            try:
                context.load_cert_chain(self.certificate, self.key, password=_refuse)
            except (OSError, ValueError) as error:
                files = self.certificate if self.key is None else f"{self.certificate} and {self.key}"
                raise InvalidSettings(
                    f"LTRR_KAFKA_CERTIFICATE, LTRR_KAFKA_KEY: {files} are no certificate and its key without a "
                    f"passphrase, in PEM: {error}"
                ) from error
        return context

    def client(self) -> dict[str, Any]:
        """Return what a client of aiokafka or of kafka-python is given; both have the same names for it."""
        given: dict[str, Any] = {}
        if self.protocol is not Protocol.PLAINTEXT:
            given["security_protocol"] = str(self.protocol)
        context = self.tls()
        if context is not None:
            given["ssl_context"] = context
        if self.login is not None:
            given["sasl_mechanism"] = str(self.login.mechanism)
            given["sasl_plain_username"] = self.login.user
            given["sasl_plain_password"] = self.login.password
        return given


@dataclass(frozen=True, slots=True)
class Brokers:
    """A cluster as clients begin with it. addresses: host:port, several with commas between."""

    addresses: str
    security: Security = Security()

    def __str__(self) -> str:
        return self.addresses

    @property
    def each(self) -> list[str]:
        """Return the addresses one by one."""
        return [address.strip() for address in self.addresses.split(",")]

    def client(self) -> dict[str, Any]:
        """Return what a client of aiokafka or of kafka-python is given."""
        return {"bootstrap_servers": self.each, **self.security.client()}

    def hosts(self) -> list[tuple[str, int]]:
        """Return hosts and ports. Raises InvalidSettings for what is no address."""
        found = []
        for address in self.each:
            host, colon, port = address.rpartition(":")
            if not colon or not host or not port.isdecimal():
                raise InvalidSettings(f"{address!r} is no Kafka address; write host:port, several with commas between")
            found.append((host.strip("[]"), int(port)))
        return found


def _set(*protocols: Protocol) -> str:
    return f"set LTRR_KAFKA_SECURITY_PROTOCOL to {' or '.join(protocols)}"


def _refuse() -> str:
    """Answer where OpenSSL would ask a terminal for a key's passphrase, and wait."""
    raise ValueError("the key has a passphrase")
