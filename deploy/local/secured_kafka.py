"""Apache Kafka as managed clusters are: TLS, and a login by SASL."""

import subprocess
from typing import Final

from deploy.local import ports
from deploy.local.failure import Failed
from deploy.local.kafka import Kafka, properties
from deploy.local.server import Place

USER: Final = "ltrr"
PASSWORD: Final = "ltrr-local"  # noqa: S105  # for trying out: who gets at this machine reads it here
CERTIFICATE: Final = "certificate.pem"
_STORE: Final = "store.p12"
_MECHANISMS: Final = ("SCRAM-SHA-256", "SCRAM-SHA-512")
_TOOL_S: Final = 60
_LOGIN: Final = "org.apache.kafka.common.security"

_SETTINGS: Final = {
    "inter.broker.listener.name": "INSIDE",
    "listener.security.protocol.map": "SASL_SSL:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "sasl.enabled.mechanisms": ",".join(("PLAIN", *_MECHANISMS)),
    "listener.name.sasl_ssl.plain.sasl.jaas.config": (
        f'{_LOGIN}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
    ),
    **{
        f"listener.name.sasl_ssl.{mechanism.lower()}.sasl.jaas.config": f"{_LOGIN}.scram.ScramLoginModule required;"
        for mechanism in _MECHANISMS
    },
    "ssl.keystore.type": "PKCS12",
    "ssl.keystore.location": _STORE,  # in the folder, where the process runs
    "ssl.keystore.password": PASSWORD,
    "ssl.key.password": PASSWORD,
}


class SecuredKafka(Kafka):
    """Listens on this machine only: SASL_SSL on its port, and without any security on the next one, for itself.

    Its certificate signs itself, and lies in `certificate.pem` of its folder.
    """

    name = "kafka-tls"
    port = 9192
    port_count = 2
    usual = False
    format_options = tuple(
        option
        for mechanism in _MECHANISMS
        for option in ("--add-scram", f"{mechanism}=[name={USER},password={PASSWORD}]")
    )

    def prepare(self, place: Place) -> None:
        """Make the certificate where there is none, then as for any Kafka."""
        if not place.folder.joinpath(CERTIFICATE).exists():
            names = f"SAN=ip:{ports.HOST},dns:localhost"
            key = ("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "3650", "-dname", "CN=kafka", "-ext", names)
            place.folder.joinpath(_STORE).unlink(missing_ok=True)
            self._keytool(place, "-genkeypair", *key, "-storetype", "PKCS12", "-keypass", PASSWORD)
            self._keytool(place, "-exportcert", "-rfc", "-file", CERTIFICATE)
        super().prepare(place)

    def properties(self, port: int) -> str:
        """Return the text of server.properties."""
        controller_port = ports.free()
        clients = f"SASL_SSL://{ports.HOST}:{port},INSIDE://{ports.HOST}:{port + 1}"
        listeners = {
            "listeners": f"{clients},CONTROLLER://{ports.HOST}:{controller_port}",
            "advertised.listeners": clients,
        }
        return properties(port, controller_port, {**_SETTINGS, **listeners})

    def healthy(self, port: int) -> bool:
        """Return whether the broker answers a metadata request, which the other port takes from those logged in."""
        return super().healthy(port + 1)

    def address(self, port: int) -> dict[str, str | int]:
        """Return the address that clients begin with, and how they log in."""
        return {**super().address(port), "user": USER, "password": PASSWORD}

    def _keytool(self, place: Place, *command: str) -> None:
        """Run the JDK's keytool on the key store."""
        keytool = place.program.with_name("keytool")
        store = ("-alias", "kafka", "-keystore", _STORE, "-storepass", PASSWORD)
        try:
            subprocess.run(  # noqa: S603  # our own command
                [keytool, *command, *store],
                cwd=place.folder,
                capture_output=True,
                text=True,
                timeout=_TOOL_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise Failed(f"{keytool} did not make a certificate in {place.folder}: {error}") from error
