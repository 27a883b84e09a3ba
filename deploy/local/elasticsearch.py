"""Elasticsearch: one node of Elastic's minimal distribution, the server without the modules of the full one."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.local import ports, users, web
from deploy.local.failure import Failed
from deploy.local.server import Place, Server
from deploy.local.software import Fetched
from deploy.local.users import User

_WRITTEN: Final = ("config", "data", "logs", "tmp")  # below the folder; the keystore goes to config
_COPIED: Final = ("jvm.options", "log4j2.properties")
_SETTINGS: Final = {
    "cluster.name": "ltrr",
    "discovery.type": "single-node",
    "network.host": ports.HOST,
    "xpack.security.enabled": "false",
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # a full disk is the user's affair
}


class Elasticsearch(Server):
    """Listens on this machine only, without passwords. It refuses to be root: root's runs as nobody."""

    name = "elasticsearch"
    source = Fetched("elasticsearch", "unpack", java=21, homes=("ES_JAVA_HOME", "JAVA_HOME"))
    port = 9200
    heap = "1g"

    def prepare(self, place: Place) -> None:
        """Write the configuration anew, and give what Elasticsearch writes to its user."""
        config = place.folder / "config"
        if config.exists():
            shutil.rmtree(config)
        for name in _WRITTEN:
            place.folder.joinpath(name).mkdir(exist_ok=True)
        for name in _COPIED:
            shutil.copyfile(self._home(place) / "config" / name, config / name)
        config.joinpath("elasticsearch.yml").write_text(settings(place.port, ports.free()), encoding="ascii")
        user = self.user()
        if user is None:
            return
        for name in _WRITTEN:
            users.give(user, place.folder / name)
        for path in (config, self._home(place) / "lib", place.program):
            if not users.reaches(user, path):
                raise Failed(
                    f"Elasticsearch refuses root and runs as the user {user.name}, who may not read {path}; give "
                    "--folder one that all may enter, as /var/tmp/servers, or be another user"
                )

    def command(self, place: Place) -> list[str]:
        """Return the command of the launcher; the node is its child, and ends with it."""
        program = self._home(place) / "bin" / "elasticsearch"
        return [str(program), *(f"-Epath.{name}={place.folder / name}" for name in ("data", "logs"))]

    def healthy(self, port: int) -> bool:
        """Return whether the cluster is there with all its primary shards."""
        answer = web.get(port, "/_cluster/health")
        try:
            return answer is not None and json.loads(answer)["status"] in {"yellow", "green"}
        except (ValueError, KeyError, TypeError):
            return False

    def address(self, port: int) -> dict[str, str | int]:
        """Return the URL of its HTTP interface."""
        return {"url": f"http://{ports.HOST}:{port}"}

    def environment(self, place: Place, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the environment to run in: nothing is written outside of the folder."""
        return {
            **{name: value for name, value in environment.items() if name != "JAVA_HOME"},
            "HOME": str(place.folder),
            "ES_JAVA_HOME": place.java_home,
            "ES_JAVA_OPTS": place.java_heap,
            "ES_PATH_CONF": str(place.folder / "config"),
            "ES_TMPDIR": str(place.folder / "tmp"),
        }

    def user(self) -> User | None:
        """Return nobody where the caller is root."""
        return users.unprivileged()

    def _home(self, place: Place) -> Path:
        return place.software / f"elasticsearch-{self.source.version}"


def settings(port: int, transport_port: int) -> str:
    """Return the text of elasticsearch.yml. transport_port: a node alone is asked nothing there."""
    both = {**_SETTINGS, "http.port": str(port), "transport.port": str(transport_port)}
    return "".join(f"{name}: {value}\n" for name, value in both.items())
