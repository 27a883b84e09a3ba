"""Elasticsearch and Qdrant without Docker: what they are told, and when they count as healthy."""

import json
import os
import sys
from pathlib import Path

import pytest

from deploy.local import elasticsearch, process, servers, users
from deploy.local.__main__ import main
from deploy.local.elasticsearch import Elasticsearch
from deploy.local.failure import Failed
from deploy.local.kafka import Kafka
from deploy.local.qdrant import Qdrant
from deploy.local.server import Place
from deploy.local.servers import Options
from tests.deploy.answers import answering

QDRANT = """#!{python}
import http.server, json, sys
settings = json.load(open(sys.argv[2]))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
service = settings["service"]
http.server.HTTPServer((service["host"], service["http_port"]), Handler).serve_forever()
"""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run something as another user")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a place with the parts of the software that are read."""
    home = tmp_path / "software" / f"elasticsearch-{Elasticsearch.source.version}"
    (home / "config").mkdir(parents=True)
    (home / "lib").mkdir()
    for name in ("jvm.options", "log4j2.properties"):
        (home / "config" / name).write_text(f"# {name}")
    folder = tmp_path / "elasticsearch"
    folder.mkdir()
    return Place(folder, home.parent, Path("/java/bin/java"), 9200, "1g")


@pytest.mark.parametrize(
    ("status", "body", "healthy"),
    [
        (200, '{"status": "green"}', True),
        (200, '{"status": "yellow"}', True),
        (200, '{"status": "red"}', False),
        (503, '{"status": "green"}', False),
        (200, "{}", False),
        (200, "[]", False),
        (200, "hello", False),
    ],
)
def test_health_of_elasticsearch(status: int, body: str, healthy: bool):  # noqa: FBT001  # a table
    """All primary shards have to be there; what is no Elasticsearch is not healthy."""
    with answering(status, body) as port:
        assert Elasticsearch().healthy(port) is healthy
    assert not Elasticsearch().healthy(port)


def test_elasticsearch_listens_here_alone():
    """One node, on this machine, at its port, with nobody to ask for a password."""
    lines = dict(line.split(": ", 1) for line in elasticsearch.settings(9200, 9300).splitlines())
    assert (lines["network.host"], lines["http.port"], lines["transport.port"]) == ("127.0.0.1", "9200", "9300")
    assert lines["discovery.type"] == "single-node"
    assert lines["xpack.security.enabled"] == "false"


def test_elasticsearch_writes_below_its_folder(place: Place):
    """Data, logs, keystore and what is temporary have folders there; the command is known by them."""
    told = Elasticsearch().environment(place, {"JAVA_HOME": "/old", "PATH": "/bin"})
    assert "JAVA_HOME" not in told
    assert (told["ES_JAVA_HOME"], told["ES_JAVA_OPTS"], told["PATH"]) == ("/java", "-Xmx1g", "/bin")
    written = {told["ES_PATH_CONF"], told["ES_TMPDIR"], *(part.partition("=")[2] for part in _options(place))}
    assert written == {str(place.folder / name) for name in ("config", "tmp", "data", "logs")}
    assert all(f"{place.folder}/" in part for part in _options(place))


def _options(place: Place) -> list[str]:
    return Elasticsearch().command(place)[1:]


class AsCaller(Elasticsearch):
    """Runs as whoever runs the tests: no files are given away."""

    def user(self) -> None:
        """Return the caller."""


def test_elasticsearch_is_prepared_again(place: Place):
    """The configuration is written anew at each start, data are kept."""
    AsCaller().prepare(place)
    (place.folder / "data" / "kept").write_text("")
    (place.folder / "config" / "elasticsearch.keystore").write_text("of another version")
    AsCaller().prepare(place)
    assert (place.folder / "data" / "kept").exists()
    assert sorted(path.name for path in (place.folder / "config").iterdir()) == [
        "elasticsearch.yml",
        "jvm.options",
        "log4j2.properties",
    ]


@needs_root
def test_root_gives_away_what_elasticsearch_writes_and_nothing_else(place: Place):
    """The folder itself stays root's: nobody can put a link where root writes."""
    user = users.unprivileged()
    AsCaller().prepare(place)
    (place.folder / "data" / "link").symlink_to(place.software)
    for name in ("config", "data"):
        users.give(user, place.folder / name)
    assert (place.folder / "config" / "jvm.options").stat().st_uid == user.uid
    assert (place.folder / "data" / "link").lstat().st_uid == user.uid
    assert (place.folder.stat().st_uid, place.software.stat().st_uid) == (0, 0)


@needs_root
def test_folder_that_nobody_may_enter(place: Place):
    """The error says who may not read what, and what to do."""
    user = users.unprivileged()
    place.folder.chmod(0o700)
    assert users.reaches(user, Path("/"))
    assert not users.reaches(user, place.folder)
    with pytest.raises(Failed, match=rf"user nobody, who may not read {place.folder}/config; give --folder"):
        Elasticsearch().prepare(place)


@needs_root
def test_process_of_another_user(tmp_path: Path):
    """It has that user's rights, and none of root's groups."""
    log = tmp_path / "log"
    user = users.unprivileged()
    pid = process.start(["sh", "-c", "id -u; id -G; sleep 60"], tmp_path, log, dict(os.environ), user)
    try:
        assert process.wait_until(lambda: log.read_text().count("\n") == 2, 10)
        assert log.read_text().split() == [str(user.uid), str(user.gid)]
    finally:
        process.kill(pid)


def test_qdrant_runs_where_its_program_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """QDRANT_BIN makes it one of the servers; it is told both ports, and ended without the variable too."""
    program = tmp_path / "qdrant"
    program.write_text(QDRANT.format(python=sys.executable))
    program.chmod(0o755)
    folder = ["--folder", str(tmp_path / "data")]
    monkeypatch.setenv("QDRANT_BIN", str(program))
    try:
        assert main(["up", "qdrant", "--json", "--qdrant-port", "0", *folder]) == 0
        told = json.loads(capsys.readouterr().out)["qdrant"]
        port = int(told["url"].rpartition(":")[2])
        assert (told["state"], told["url"], told["grpc_port"]) == ("up", f"http://127.0.0.1:{port}", port + 1)
        held = json.loads((tmp_path / "data" / "qdrant" / "config.json").read_text())
        assert held["service"] == {"host": "127.0.0.1", "http_port": port, "grpc_port": port + 1}
        assert held["telemetry_disabled"] is True
        assert held["storage"]["storage_path"] == str(tmp_path / "data" / "qdrant" / "storage")
    finally:
        monkeypatch.delenv("QDRANT_BIN")
        assert main(["down", *folder]) == 0
    assert "qdrant is down" in capsys.readouterr().err


def test_servers_that_are_meant_where_none_is_named(tmp_path: Path):
    """Those that can be had here: Qdrant is one where its program is named."""
    options = Options(tmp_path, tmp_path, {})
    assert [type(server) for server in servers.usual(options.folder, {})] == [Kafka, Elasticsearch]
    named = servers.usual(options.folder, {"QDRANT_BIN": "qdrant"})
    assert [type(server) for server in named] == [Kafka, Elasticsearch, Qdrant]
