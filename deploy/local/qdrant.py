"""Qdrant: one node, where the user has its program."""

import json
from pathlib import Path

from deploy.local import ports, web
from deploy.local.server import Place, Server
from deploy.local.software import Own


class Qdrant(Server):
    """Listens on this machine only, without a key: HTTP on its port, gRPC on the next one."""

    name = "qdrant"
    source = Own("QDRANT_BIN")
    port = 6333
    port_count = 2

    def prepare(self, place: Place) -> None:
        """Write the configuration; Qdrant makes its storage itself."""
        Path(self._file(place)).write_text(settings(place), encoding="utf-8")

    def command(self, place: Place) -> list[str]:
        """Return the command of the node."""
        return [str(place.program), "--config-path", self._file(place), "--disable-telemetry"]

    def healthy(self, port: int) -> bool:
        """Return whether it takes requests: its shards are loaded."""
        return web.get(port, "/readyz") is not None

    def address(self, port: int) -> dict[str, str | int]:
        """Return the URL of its HTTP interface, and the port of gRPC."""
        return {"url": f"http://{ports.HOST}:{port}", "grpc_port": port + 1}

    def _file(self, place: Place) -> str:
        return str(place.folder / "config.json")


def settings(place: Place) -> str:
    """Return the text of the configuration, in JSON: Qdrant goes by the file's name."""
    return json.dumps(
        {
            "telemetry_disabled": True,
            "storage": {
                "storage_path": str(place.folder / "storage"),
                "snapshots_path": str(place.folder / "snapshots"),
            },
            "service": {"host": ports.HOST, "http_port": place.port, "grpc_port": place.port + 1},
        },
        indent=2,
    )
