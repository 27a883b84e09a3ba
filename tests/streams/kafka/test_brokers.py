"""Where Kafka is and how it is spoken to: what each client is given, and what is refused."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import faust
import pytest
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth

from ltrr.models.errors import EngineFailed, InvalidSettings
from ltrr.streams.kafka.brokers import Brokers, Login, Mechanism, Protocol, Security
from ltrr.streams.kafka.greeting import greet
from ltrr.streams.workers.faust_app import credentials, faust_app

CERTIFICATES = Path(__file__).parent / "certificates"
OWN, KEY, LOCKED = (CERTIFICATES / name for name in ("localhost.pem", "key.pem", "key-with-passphrase.pem"))
LOGIN = Login(Mechanism.SCRAM_SHA_256, "ann", "hush")
SECURITIES = [
    Security(),
    Security(Protocol.SSL, ca=OWN),
    Security(Protocol.SASL_PLAINTEXT, LOGIN),
    Security(Protocol.SASL_SSL, LOGIN, ca=OWN),
]


@pytest.mark.parametrize("security", SECURITIES, ids=lambda security: str(security.protocol))
def test_clients_are_given_what_their_protocol_needs(security: Security):
    """Aiokafka and kafka-python get the protocol, a context with TLS, a login with SASL; nothing without security."""
    given = Brokers("a:1, b:2", security).client()
    context = given.pop("ssl_context", None)
    assert (context is not None) == security.protocol.has_tls
    expected: dict[str, object] = {"bootstrap_servers": ["a:1", "b:2"]}
    if security.protocol is not Protocol.PLAINTEXT:
        expected["security_protocol"] = security.protocol.value
    if security.protocol.has_sasl:
        expected |= {"sasl_mechanism": "SCRAM-SHA-256", "sasl_plain_username": "ann", "sasl_plain_password": "hush"}
    assert given == expected


@pytest.mark.parametrize("security", SECURITIES, ids=lambda security: str(security.protocol))
def test_faust_is_given_the_same(security: Security):
    """What Faust makes of its credentials for aiokafka is what aiokafka is given elsewhere."""
    made = {name: value for name, value in credentials_to_aiokafka_auth(credentials(security)).items() if value}
    context = made.pop("ssl_context", None)
    given = security.client()
    assert isinstance(context, ssl.SSLContext) == ("ssl_context" in given)
    given.pop("ssl_context", None)
    assert made == {"security_protocol": "PLAINTEXT", **given}


def test_hosts_are_checked_by_default():
    """A broker's certificate is asked for, and has to be for its host unless that is switched off."""
    context = Security(Protocol.SSL).tls()
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    context = Security(Protocol.SSL, check_hostname=False).tls()
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, False)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"protocol": Protocol.SASL_SSL}, "SASL_SSL needs a login: set LTRR_KAFKA_SASL_MECHANISM, LTRR_KAFKA_USER"),
        ({"login": LOGIN}, "PLAINTEXT logs nobody in: set LTRR_KAFKA_SECURITY_PROTOCOL to SASL_SSL or SASL_PLAINTEXT"),
        ({"protocol": Protocol.SSL, "login": LOGIN}, "SSL logs nobody in"),
        ({"ca": OWN}, "PLAINTEXT has no certificates, .* set LTRR_KAFKA_SECURITY_PROTOCOL to SASL_SSL or SSL"),
        ({"check_hostname": False}, "PLAINTEXT has no certificates"),
        (
            {"protocol": Protocol.SASL_PLAINTEXT, "login": LOGIN, "certificate": OWN},
            "SASL_PLAINTEXT has no certificates",
        ),
        ({"protocol": Protocol.SSL, "key": KEY}, "set LTRR_KAFKA_CERTIFICATE too"),
    ],
)
def test_what_cannot_work_together_is_refused(given: dict[str, object], message: str):
    """The message names the variables to set."""
    with pytest.raises(InvalidSettings, match=message):
        Security(**given)  # type: ignore[arg-type]  # of the right kinds


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ca": KEY}, "LTRR_KAFKA_CA: .*key.pem is no PEM file of certificates"),
        ({"ca": Path("/nowhere.pem")}, "LTRR_KAFKA_CA: /nowhere.pem is no PEM file"),
        (
            {"certificate": OWN},
            "LTRR_KAFKA_CERTIFICATE, LTRR_KAFKA_KEY: .*localhost.pem are no certificate and its key",
        ),
        ({"certificate": OWN, "key": LOCKED}, "the key has a passphrase"),
        ({"certificate": KEY, "key": OWN}, "are no certificate and its key"),
    ],
)
def test_bad_files_are_refused(given: dict[str, Path], message: str):
    """A file that holds something else is named; nobody is asked for a passphrase on a terminal."""
    with pytest.raises(InvalidSettings, match=message):
        Security(Protocol.SSL, **given).tls()  # type: ignore[arg-type]  # of the right kinds


def test_a_password_is_not_shown():
    """What is printed in a traceback or a log has no password."""
    assert "hush" not in repr(Brokers("a:1", Security(Protocol.SASL_SSL, LOGIN)))


@contextlib.contextmanager
def listening(*, asks: bool) -> Iterator[tuple[int, list[object]]]:
    """Take one connection by TLS; yield the port, and whose certificate was shown. asks: whether one has to be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(OWN, KEY)
    if asks:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(OWN)
    shown: list[object] = []

    def take() -> None:
        with (
            contextlib.suppress(OSError),
            server.accept()[0] as taken,
            context.wrap_socket(taken, server_side=True) as tls,
        ):
            shown.append(tls.getpeercert())

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield server.getsockname()[1], shown
        finally:
            thread.join()


def test_a_client_shows_its_certificate():
    """Mutual TLS: both know each other by their certificates."""
    context = Security(Protocol.SSL, ca=OWN, certificate=OWN, key=KEY).tls()
    assert context is not None
    with (
        listening(asks=True) as (port, shown),
        socket.create_connection(("127.0.0.1", port), 10) as opened,
        context.wrap_socket(opened, server_hostname="localhost") as tls,
    ):
        assert tls.recv(1) == b""
    (certificate,) = shown
    assert certificate["subject"] == ((("commonName", "localhost"),),)  # type: ignore[index]


@pytest.mark.parametrize(
    ("host", "security", "message"),
    [
        (
            "127.0.0.1",
            Security(Protocol.SSL, ca=OWN),
            "not trusted: IP address mismatch.*is LTRR_KAFKA a name that it is",
        ),
        ("localhost", Security(Protocol.SSL), "not trusted: self.signed certificate; is LTRR_KAFKA_CA the file"),
        (
            "localhost",
            Security(Protocol.SSL, ca=OWN),
            "does not talk to us by SSL: .* LTRR_KAFKA_SECURITY_PROTOCOL right",
        ),
    ],
)
def test_a_greeting_says_why_it_fails(host: str, security: Security, message: str):
    """A certificate for another host, one of an unknown authority, and what is no Kafka are told apart."""
    with listening(asks=False) as (port, _), pytest.raises(EngineFailed, match=message):
        greet(Brokers(f"{host}:{port}", security))


def test_without_security_nothing_is_opened():
    """A greeting without security opens no connection."""
    greet(Brokers("nowhere.invalid:1"))


def test_faust_apps_know_the_brokers(tmp_path: Path):
    """Every address is one of Faust's brokers."""
    app = faust_app("group", Brokers("a:1, b:2", Security(Protocol.SASL_SSL, LOGIN)), "one", tmp_path)
    assert [(url.host, url.port) for url in app.conf.broker] == [("a", 1), ("b", 2)]
    assert isinstance(app.conf.broker_credentials, faust.SASLCredentials)
