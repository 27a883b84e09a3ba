"""Servers without Docker: what is chosen, and what is said where something is missing or fails."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local import java, kafka, maven, ports, process, servers
from deploy.local.__main__ import main, parser
from deploy.local.failure import Failed
from deploy.local.secured_kafka import SecuredKafka
from deploy.local.server import Place, Server
from deploy.local.servers import Options
from deploy.local.software import Fetched, Own, Software

PROGRAM = """
import signal, socket, sys, time
print("I begin")
if sys.argv[2] == "dies":
    sys.exit("I cannot go on")
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if sys.argv[2] != "silent":
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
time.sleep(60)
"""


class Toy(Server):
    """A server that is a few lines of Python. manner: how it behaves."""

    name = "toy"
    source = Own("TOY_BIN")
    port = 0

    def __init__(self, manner: str = "well") -> None:
        self.manner = manner

    def prepare(self, place: Place) -> None:
        """Write the program."""
        place.folder.joinpath("toy.py").write_text(PROGRAM)

    def command(self, place: Place) -> list[str]:
        """Run the program."""
        return [str(place.program), "-u", str(place.folder / "toy.py"), str(place.port), self.manner]

    def address(self, port: int) -> dict[str, str | int]:
        """Tell a URL."""
        return {"url": f"toy://127.0.0.1:{port}"}

    def healthy(self, port: int) -> bool:
        """Ask whether it listens."""
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0


def script(path: Path, text: str) -> Path:
    """Write a program of the shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def java_home(folder: Path, version: str) -> Path:
    """Return a Java home that only knows its version."""
    script(folder / "bin" / "java", f"echo 'openjdk version \"{version}\" 2025-04-15' >&2")
    return folder


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    """Return options for a toy whose program is there."""
    monkeypatch.setenv("TOY_BIN", sys.executable)
    return Options(tmp_path / "data", tmp_path / "software", {"toy": 0}, wait_s=10.0)


@pytest.fixture
def said() -> list[str]:
    """Return where lines for people are collected."""
    return []


def test_up_status_down(options: Options, said: list[str]):
    """A server is started once, is told in servers.json and by status, and is gone after down."""
    toy = (Toy(),)
    servers.up(options, said.append, toy)
    try:
        published = json.loads((options.folder / "servers.json").read_text())["toy"]
        assert servers.status(options.folder, toy) == {"toy": {"state": "up", **published}}
        assert published["url"].startswith("toy://127.0.0.1:")
        servers.up(options, said.append, toy)
        assert "toy was up already" in said[-1]
        assert servers.find(options.folder, toy[0]).pid == published["pid"]
    finally:
        servers.down(options, said.append, toy)
    assert process.command_line(published["pid"]) == ""
    assert servers.status(options.folder, toy) == {"toy": {"state": "down"}}
    assert json.loads((options.folder / "servers.json").read_text()) == {}
    servers.down(options, said.append, toy)
    assert said[-1] == "toy was down already"


def test_server_that_dies_is_told_with_its_log(options: Options, said: list[str]):
    """The error has the exit code, the log's place and its last lines; nothing is left behind."""
    with pytest.raises(
        Failed, match=r"toy ended with code 1; see .*server.log, which ends:\n  I begin\n  I cannot go on"
    ):
        servers.up(options, said.append, (Toy("dies"),))
    assert not (options.folder / "toy" / "process.json").exists()


def test_server_that_never_answers_is_ended(options: Options, said: list[str]):
    """Waiting is bounded, and what was started in vain is ended."""
    silent = Options(options.folder, options.software, {"toy": 0}, wait_s=0.5)
    with pytest.raises(Failed, match=r"toy did not answer within 0.5 s"):
        servers.up(silent, said.append, (Toy("silent"),))
    assert servers.status(options.folder, (Toy(),)) == {"toy": {"state": "down"}}


def test_stale_file_counts_for_nothing(options: Options, said: list[str]):
    """A number that another process has now is neither believed nor ended."""
    toy = options.folder / "toy"
    toy.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (toy / "process.json").write_text(json.dumps({"pid": other.pid, "port": 1}))
        assert servers.find(options.folder, Toy()) is None
        servers.down(options, said.append, (Toy(),))
        assert said == ["toy was down already"]
        assert other.poll() is None


def test_what_a_killed_launcher_left_is_ended(options: Options, said: list[str]):
    """A child that outlived its launcher holds port and data: it is ended before the next start, and by down."""
    toy = options.folder / "toy"
    toy.mkdir(parents=True)
    running = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"  # it has its command line by then
    child = f"{sys.executable} -c '{running}' {toy}/child"
    for action in (servers.up, servers.down):
        command = ["/bin/sh", "-c", f"{child} & wait"]
        with subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE) as launcher:
            number = int(launcher.stdout.readline())
            launcher.kill()
        (toy / "process.json").write_text(json.dumps({"pid": launcher.pid, "port": 1}))
        try:
            action(options, said.append, (Toy(),))
            assert process.command_line(number) == ""
        finally:
            servers.down(options, said.append, (Toy(),))
            process.kill(launcher.pid)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "port": 1}'])
def test_damaged_file_counts_for_nothing(options: Options, text: str):
    """A file that cannot be read is as none."""
    file = options.folder / "toy" / "process.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert servers.find(options.folder, Toy()) is None


def test_stubborn_process_is_killed(options: Options, said: list[str]):
    """One that ignores SIGTERM is ended by force."""
    toy = Toy("stubborn")
    servers.up(options, said.append, (toy,))
    pid = servers.find(options.folder, toy).pid
    process.stop(pid, f"{options.folder}/toy/", term_s=0.2)
    assert process.command_line(pid) == ""


def test_taken_port(options: Options, said: list[str]):
    """A taken port is an error that names the way out; --free-ports takes another one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        wanted = Options(options.folder, options.software, {"toy": taken})
        with pytest.raises(Failed, match=rf"port {taken} is taken.*--toy-port.*--free-ports"):
            servers.up(wanted, said.append, (Toy(),))
        assert ports.choose("toy", taken, other_if_taken=True) != taken
        with pytest.raises(Failed, match=rf"port ({taken - 1}|{taken}) is taken"):
            ports.choose("toy", taken - 1, other_if_taken=False, count=2)
    with pytest.raises(Failed, match="port 65536 is taken"):
        ports.choose("toy", 65535, other_if_taken=False, count=2)


@pytest.mark.parametrize(
    ("ephemeral", "lasting"),
    [
        ("32768\t60999\n", range(10_000, 32_768)),
        ("1024 50000", range(50_001, 65_536)),
        ("1024 65535", range(10_000, 65_536)),
    ],
)
def test_a_free_port_lasts(ephemeral: str, lasting: range, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """No outgoing connection is given a port that was chosen, before a server listens there."""
    told = tmp_path / "ip_local_port_range"
    told.write_text(ephemeral, encoding="ascii")
    monkeypatch.setattr(ports, "_EPHEMERAL", told)
    assert all(ports.free(count=2) in lasting for _ in range(100))


def test_java_is_chosen_by_its_version(tmp_path: Path):
    """JAVA_HOME goes first, then the PATH, then what is installed; one that is too old is passed over."""
    new, old = java_home(tmp_path / "jvm" / "new", "25"), java_home(tmp_path / "old", "1.8.0_402")
    on_path = java_home(tmp_path / "path", "21.0.2")
    environment = {"JAVA_HOME": str(old), "PATH": str(on_path / "bin")}
    assert java.version(old) == 1
    assert java.find(17, environment, tmp_path / "jvm") == on_path
    assert java.find(25, environment, tmp_path / "jvm") == new
    assert java.find(1, environment, tmp_path / "jvm") == old
    named = {**environment, "ES_JAVA_HOME": str(new)}
    assert java.find(21, named, tmp_path / "none", ("ES_JAVA_HOME", "JAVA_HOME")) == new
    assert java.find(17, named, tmp_path / "none") == on_path
    with pytest.raises(Failed, match=r"Java 26 or newer is needed \(found: 1 in .*old, 21 in .*path, 25 in .*new\)"):
        java.find(26, environment, tmp_path / "jvm")


def test_no_java(tmp_path: Path):
    """Where there is none, the error says what to install."""
    with pytest.raises(Failed, match=r"\(found: none\); install it .*openjdk-17-jre-headless"):
        java.find(17, {"PATH": str(tmp_path), "JAVA_HOME": str(tmp_path / "gone")}, tmp_path)


def test_no_maven(tmp_path: Path):
    """Where Maven is missing, the error says what to install."""
    with pytest.raises(Failed, match="apt-get install maven"):
        maven.fetch("kafka", "copy-dependencies", tmp_path / "kafka", tmp_path, {"PATH": str(tmp_path)})


def test_fetched_software_runs_on_the_java_that_was_found(tmp_path: Path, said: list[str]):
    """It is fetched once, with a word, and needs no more than a new enough Java from then on."""
    home = java_home(tmp_path / "jdk", "21.0.1")
    script(tmp_path / "bin" / "mvn", 'for last; do :; done; mkdir -p "${last#-Dinto=}/config"')
    environment = {"JAVA_HOME": str(home), "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    source = Fetched("elasticsearch", "unpack", java=21)
    into = tmp_path / "software" / f"elasticsearch-{source.version}"
    assert source.get(tmp_path / "software", environment, said.append) == Software(into, home / "bin" / "java")
    assert said == [f"fetching {into.name} from Maven Central"]
    source.get(tmp_path / "software", {"JAVA_HOME": str(home)}, said.append)
    assert len(said) == 1


def test_all_users_may_read_what_was_fetched(tmp_path: Path):
    """Modes of an archive are widened, since a server may run as another user."""
    make = (
        'for last; do :; done; into="${last#-Dinto=}"; mkdir "$into"; cd "$into"; mkdir -m 700 config; touch config/a'
    )
    script(tmp_path / "bin" / "mvn", f"umask 077; {make}")
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    maven.fetch("kafka", "unpack", tmp_path / "kafka", tmp_path, environment)
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "kafka", *sorted((tmp_path / "kafka").rglob("*")))]
    assert modes == [0o755, 0o755, 0o644]


def test_own_program(tmp_path: Path, said: list[str]):
    """A variable names it, by path or by a name on the PATH; what is said where it does not."""
    program = script(tmp_path / "bin" / "toy", "true")
    source, path = Own("TOY_BIN"), {"PATH": str(tmp_path / "bin")}
    for named in (str(program), "toy"):
        assert source.get(tmp_path, {**path, "TOY_BIN": named}, said.append) == Software(program.parent, program)
    assert (source.offered({"TOY_BIN": "toy"}), source.offered({"TOY_BIN": ""}), source.offered({})) == (
        True,
        False,
        False,
    )
    with pytest.raises(Failed, match="let TOY_BIN name it"):
        source.get(tmp_path, path, said.append)
    with pytest.raises(Failed, match="TOY_BIN is gone, which is no program"):
        source.get(tmp_path, {**path, "TOY_BIN": "gone"}, said.append)


def test_maven_fails(tmp_path: Path):
    """The first error of Maven is told, without its decoration, and nothing is left behind."""
    script(
        tmp_path / "bin" / "mvn", "printf '\\033[31m[ERROR]\\033[0m Unknown host -> [Help 1]\\n[ERROR] more\\n'; exit 1"
    )
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    with pytest.raises(Failed, match=r"could not fetch kafka [\d.]+: Unknown host; is Maven Central"):
        maven.fetch("kafka", "copy-dependencies", tmp_path / "software" / "kafka", tmp_path, environment)
    assert list((tmp_path / "software").iterdir()) == []


def test_maven_is_asked_once(tmp_path: Path):
    """What was fetched is not fetched again; Maven is told the execution and the folder."""
    script(tmp_path / "bin" / "mvn", f'echo "$@" >> {tmp_path}/asked; for last; do :; done; mkdir "${{last#-Dinto=}}"')
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    for _ in range(2):
        maven.fetch("kafka", "copy-dependencies", tmp_path / "software" / "kafka", tmp_path, environment)
    (line,) = (tmp_path / "asked").read_text().splitlines()
    assert "dependency:copy-dependencies@kafka" in line
    assert (tmp_path / "software" / "kafka").is_dir()


def test_two_fetch_at_once(tmp_path: Path):
    """The one that comes second takes what the first one put there."""
    into = tmp_path / "software" / "kafka"
    script(
        tmp_path / "bin" / "mvn",
        f'for last; do :; done; mine="${{last#-Dinto=}}"; mkdir "$mine" {into}; touch "$mine/b.jar" {into}/a.jar',
    )
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    maven.fetch("kafka", "copy-dependencies", into, tmp_path, environment)
    assert [path.name for path in into.iterdir()] == ["a.jar"]
    assert [path.name for path in into.parent.iterdir()] == ["kafka"]


def test_pom_has_a_version_and_an_execution_for_each_fetched_server():
    """pom.xml names what the servers' classes ask for."""
    pom = maven.POM.read_text()
    fetched = [server.source for server in servers.SERVERS if isinstance(server.source, Fetched)]
    assert fetched
    for source in fetched:
        assert source.version
        assert f"<id>{source.name}</id>" in pom
        assert f"<goal>{source.goal}</goal>" in pom


def test_options_come_from_flags_then_environment():
    """A flag goes before its variable, a variable before the default."""
    given = parser({"SERVERS_KAFKA_PORT": "1234", "SERVERS_HEAP": "1g", "SERVERS_FREE_PORTS": "1"}).parse_args(
        ["up", "--heap", "2g"]
    )
    assert (given.kafka_port, given.heap, given.free_ports, given.folder) == (1234, "2g", True, Path(".ltrr/servers"))
    given = parser({"SERVERS_FREE_PORTS": "0"}).parse_args(["status"])
    assert (given.kafka_port, given.heap, given.free_ports) == (9092, None, False)


@pytest.mark.parametrize(
    "wrong", [["up", "--kafka-port", "70000"], ["up", "kafak"], ["up", "--kafka-port", "x"], ["sideways"], []]
)
def test_wrong_use(wrong: list[str], capsys: pytest.CaptureFixture[str]):
    """Wrong use ends with code 2 and a line that says what is wrong."""
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_status_and_down_where_nothing_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Both work in an empty folder: status says so with code 1, down has nothing to do."""
    folder = ["--folder", str(tmp_path / "none")]
    assert main(["status", "kafka", "--json", *folder]) == 1
    assert json.loads(capsys.readouterr().out) == {"kafka": {"state": "down"}}
    assert main(["down", *folder]) == 0
    assert "nothing was ever started" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_folder_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """One line, code 1."""
    (tmp_path / "file").write_text("")
    assert main(["up", "--folder", str(tmp_path / "file" / "data")]) == 1
    assert "cannot be written: Not a directory; give --folder another one" in capsys.readouterr().err


def test_folder_of_a_server_that_cannot_be_written(options: Options, said: list[str]):
    """The error names the file and the way out."""
    options.folder.mkdir()
    (options.folder / "toy").write_text("")
    with pytest.raises(Failed, match=rf"toy cannot be started: {options.folder}/toy: File exists; .*--folder"):
        servers.up(options, said.append, (Toy(),))


def test_bad_heap(tmp_path: Path):
    """A heap that Java would not take is refused before anything is started."""
    with pytest.raises(Failed, match="'lots' is no size"):
        kafka.Kafka().command(Place(tmp_path, tmp_path, tmp_path, 9092, "lots"))


def test_kafka_listens_here_alone():
    """Both listeners are on this machine; the log is below the folder."""
    lines = dict(line.split("=", 1) for line in kafka.properties(9092, 9093).splitlines())
    assert lines["listeners"] == "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"
    assert lines["auto.create.topics.enable"] == "false"
    assert lines["log.dirs"] == "log"


def test_a_secured_kafka_listens_here_alone():
    """Clients come by TLS and a login, by each mechanism; the broker itself by the port after."""
    lines = dict(line.split("=", 1) for line in SecuredKafka().properties(9192).splitlines())
    assert lines["advertised.listeners"] == "SASL_SSL://127.0.0.1:9192,INSIDE://127.0.0.1:9193"
    assert {one.partition("://")[2].partition(":")[0] for one in lines["listeners"].split(",")} == {"127.0.0.1"}
    assert lines["sasl.enabled.mechanisms"] == "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"
    assert "SASL_SSL:SASL_SSL" in lines["listener.security.protocol.map"]


def test_a_secured_kafka_is_started_where_it_is_named(tmp_path: Path):
    """It is none of the usual servers; its port has an option and a variable like the others."""
    assert "kafka-tls" not in {server.name for server in servers.usual(tmp_path, {})}
    assert parser({"SERVERS_KAFKA_TLS_PORT": "7"}).parse_args(["up", "kafka-tls"]).kafka_tls_port == 7
    assert parser({}).parse_args(["up", "kafka-tls", "--kafka-tls-port", "0"]).kafka_tls_port == 0


def test_cluster_ids():
    """Ids have Kafka's form and differ."""
    ids = {kafka.cluster_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(one) == 22 and one[0] != "-" for one in ids)


def test_what_is_no_kafka_is_not_healthy(monkeypatch: pytest.MonkeyPatch):
    """Something that listens and does not answer, or nothing at all, is not taken for a broker."""
    assert kafka._ANSWER_S < 5
    monkeypatch.setattr(kafka, "_ANSWER_S", 0.2)
    began_s = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not kafka.Kafka().healthy(port)
    assert not kafka.Kafka().healthy(port)
    assert time.monotonic() - began_s < 5
