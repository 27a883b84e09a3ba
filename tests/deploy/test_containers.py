"""The container files name what exists. They are read, not run: the tests need no container engine."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.elasticsearch import Elasticsearch
from deploy.local.qdrant import Qdrant
from ltrr.serving.commands.cli import command_named
from ltrr.serving.http.api import create_app
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.topics import TOPICS as KINDS
from tests.deploy.answers import answering
from tests.deploy.promql import RULE_FILES, RULES
from tests.serving.shop import Shop

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
COMPOSE_FILE = ROOT / "docker-compose.yml"
KUBERNETES = ROOT / "deploy" / "kubernetes"
PROMETHEUS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
KAFKA, TOPICS, WORKER, SERVE = (SERVICES[name] for name in ("kafka", "topics", "worker", "serve"))
ENGINES = {name: SERVICES[name] for name in ("elasticsearch", "qdrant")}
OURS = {"topics": TOPICS, "worker": WORKER, "serve": SERVE}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

PORT = "8080"
PINNED = re.compile(r"\S+:v?\d+\.\d+\.\d+\S*")


def instructions(name: str) -> list[str]:
    """Return the arguments of a Dockerfile instruction, one for each time that it stands there."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{name} (.*)", joined, re.MULTILINE)


def paths() -> set[str]:
    """Return the paths that the service answers."""
    with Shop() as shop:
        return {route.path for route in create_app(shop.service, close=False).routes if hasattr(route, "path")}


def environment() -> dict[str, str]:
    """Return the settings of the image."""
    return dict(pair.split("=", 1) for line in instructions("ENV") for pair in line.split() if pair.startswith("LTRR_"))


def test_images_are_pinned():
    """Each image has a full version."""
    images = [line.split()[0] for line in instructions("FROM")] + [s["image"] for s in SERVICES.values()]
    assert [image for image in images if not PINNED.fullmatch(image)] == []
    assert {service["image"] for service in OURS.values()} == {f"ltrr:{PROJECT['project']['version']}"}
    assert [name for name, service in SERVICES.items() if "build" in service] == ["topics"]


def test_python_is_supported():
    """The image has a Python that the project allows."""
    versions = {re.search(r"python:(\d+\.\d+)\.", line)[1] for line in instructions("FROM")}
    assert f"Programming Language :: Python :: {versions.pop()}" in PROJECT["project"]["classifiers"]
    assert not versions


def test_packages_are_locked():
    """Dependencies come from the lock file with their hashes, all else is ltrr itself."""
    assert [line for line in instructions("RUN") if "pip install" in line] == [
        "pip install --require-hashes -r requirements.lock",
        "pip install --no-deps .",
    ]


def test_everything_copied_is_there():
    """What is copied into the image exists, and every package is copied."""
    copied = {name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert copied >= set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def test_user_is_not_root():
    """The process runs as a user of its own, made before, and owns the data folder."""
    (user,) = instructions("USER")
    assert user != "root"
    assert any("useradd" in line and line.count(user) > 1 and "/data" in line for line in instructions("RUN"))


@pytest.mark.parametrize("names", [environment(), *(s["environment"] for s in OURS.values())], ids=["image", *OURS])
def test_settings_exist(names: dict[str, str]):
    """Settings exist and can be read, listen on every address at the published port, and keep data in the volume."""
    fields = {name.removeprefix("LTRR_").lower(): value for name, value in names.items()}
    settings = Settings(**fields)
    assert (settings.host, str(settings.port), str(settings.data_dir)) == ("0.0.0.0", PORT, "/data")  # noqa: S104


def test_kafka_is_the_one_that_is_started():
    """All of ltrr talks to the broker's own listener, with the same settings where they decide what is learned."""
    (address,) = {service["environment"]["LTRR_KAFKA"] for service in OURS.values()}
    assert KAFKA["environment"]["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{address}"
    told = [{**service["environment"], "LTRR_PORT": PORT} for service in OURS.values()]
    assert told == [told[0]] * len(told)


def test_topics_are_made_first():
    """Kafka answers before topics are made, and makes none by itself; topics are made before anything uses them."""
    assert TOPICS["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    assert "restart" not in TOPICS
    assert KAFKA["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    for service in (WORKER, SERVE):
        assert service["depends_on"]["topics"] == {"condition": "service_completed_successfully"}


def test_engines_are_those_that_are_started():
    """All of ltrr talks to the engines by their names, and begins when they are healthy."""
    for name, engine in ENGINES.items():
        (address,) = {service["environment"][f"LTRR_{name.upper()}"] for service in OURS.values()}
        port = Elasticsearch.port if name == "elasticsearch" else Qdrant.port
        assert address == f"http://{name}:{port}"
        assert str(port) in str(engine["healthcheck"]["test"])
        assert "ports" not in engine, "there is no password: these services alone"
        for service in (WORKER, SERVE):
            assert service["depends_on"][name] == {"condition": "service_healthy"}


def test_elasticsearch_is_the_one_that_is_tested():
    """The image has the version of the tests; its heap fits its memory."""
    elasticsearch = ENGINES["elasticsearch"]
    assert elasticsearch["image"].rpartition(":")[2] == Elasticsearch.source.version
    assert elasticsearch["environment"]["ES_JAVA_OPTS"] == "-Xms1g -Xmx1g"
    assert elasticsearch["mem_limit"] == "2g"


def test_health_check_of_qdrant_without_curl():
    """Its shell asks whether it is ready, and takes nothing but a 200 for that."""
    *command, program = ENGINES["qdrant"]["healthcheck"]["test"][1:]
    for status, code in ((200, 0), (503, 1)):
        with answering(status, "") as port:
            asked = program.replace(f"/{Qdrant.port} ", f"/{port} ")
            assert asked != program
            assert subprocess.run([*command, asked], check=False, timeout=10).returncode == code
    assert subprocess.run([*command, asked], check=False, capture_output=True, timeout=10).returncode == 1


def test_one_broker_is_enough():
    """The internal topics want no more copies than there are brokers; a copy of ours is what the broker says."""
    copies = {value for name, value in KAFKA["environment"].items() if name.endswith(("REPLICATION_FACTOR", "MIN_ISR"))}
    assert copies == {1}
    assert not any("min.insync.replicas" in kind.settings for kind in KINDS.values())


def test_workers_share_the_partitions():
    """There are several workers, none without a partition, and none of them publishes a port."""
    assert 1 < WORKER["deploy"]["replicas"] <= Settings().partitions
    assert "ports" not in WORKER


def test_ports_agree():
    """The exposed, published, checked and scraped port is the one that is listened on, for this machine alone."""
    assert instructions("EXPOSE") == [PORT]
    assert SERVE["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    serve, worker, qdrant = PROMETHEUS["scrape_configs"]
    assert qdrant["static_configs"] == [{"targets": [SERVE["environment"]["LTRR_QDRANT"].removeprefix("http://")]}]
    assert serve["static_configs"] == [{"targets": [f"serve:{PORT}"]}]
    (found,) = worker["dns_sd_configs"]
    assert found["names"] == ["worker"]
    assert WORKER["command"] == ["worker", "--metrics-port", str(found["port"])]


def test_paths_exist():
    """Health check and Prometheus ask for paths that are served."""
    (check,) = instructions("HEALTHCHECK")
    assert set(re.findall(rf"{PORT}(/\w+)", check)) == {"/healthz"}
    assert {"/healthz", *(config["metrics_path"] for config in PROMETHEUS["scrape_configs"])} <= paths()
    assert "healthcheck" not in SERVE
    assert f":{WORKER['command'][-1]}/readyz" in WORKER["healthcheck"]["test"][-1]


def test_prometheus_finds_its_files():
    """The folder with rules and configuration is where it looks, and it and Grafana say whether they are ready."""
    assert "./deploy/prometheus:/etc/prometheus:ro" in SERVICES["prometheus"]["volumes"]
    assert sorted(PROMETHEUS["rule_files"]) == sorted(RULE_FILES)
    assert all((RULES / name).is_file() for name in PROMETHEUS["rule_files"])
    for name, port in (("prometheus", 9090), ("grafana", 3000)):
        assert SERVICES[name]["ports"] == [f"127.0.0.1:{port}:{port}"]
        assert f"http://localhost:{port}/" in SERVICES[name]["healthcheck"]["test"][-1]
    assert SERVICES["grafana"]["depends_on"] == {"prometheus": {"condition": "service_healthy"}}


def test_grafana_finds_its_files():
    """Dashboards are mounted where their provider looks; nobody comes in with a password that everybody knows."""
    mounted = dict(mount.split(":")[:2] for mount in SERVICES["grafana"]["volumes"])
    assert mounted["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    (provider,) = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/ltrr.yml").read_text())["providers"]
    assert mounted["./deploy/grafana/dashboards"] == provider["options"]["path"]
    told = SERVICES["grafana"]["environment"]
    assert (told["GF_AUTH_ANONYMOUS_ORG_ROLE"], told["GF_AUTH_DISABLE_LOGIN_FORM"]) == ("Viewer", "true")
    assert told["GF_AUTH_BASIC_ENABLED"] == "false"


def test_command_exists():
    """The image and its services start commands of ltrr, with options that there are."""
    assert instructions("ENTRYPOINT") == ['["ltrr"]']
    assert PROJECT["project"]["scripts"].keys() == {"ltrr"}
    assert instructions("CMD") == ['["serve"]']
    assert "command" not in SERVE
    assert command_named("serve")
    assert "--metrics-port" in {option for parameter in command_named("worker").params for option in parameter.opts}
    assert TOPICS["command"][0] == "topics"
    assert TOPICS["command"][1:] == ["create"]
    assert "create" in command_named("topics").commands


def test_stops_as_with_ctrl_c():
    """The signal that stops the container is the one that ends `ltrr serve` with its state kept."""
    assert instructions("STOPSIGNAL") == ["SIGINT"]


def test_memory_is_limited():
    """Each service has a limit, so that one of them takes nothing from the others."""
    assert [name for name, service in SERVICES.items() if "mem_limit" not in service] == []


class Once(yaml.SafeLoader):
    """Refuses a key that stands in a mapping twice, as compose and kubectl do."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  # as PyYAML calls it
        """Return a mapping."""
        names = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        assert len(names) == len(set(names)), f"twice in a mapping: {names}"
        return super().construct_mapping(node, deep)


@pytest.mark.parametrize("name", [COMPOSE_FILE, *sorted(KUBERNETES.rglob("*.yaml"))], ids=lambda path: path.name)
def test_no_key_stands_twice(name: Path):
    """Nothing of a file is lost under a second key of the same name."""
    assert list(yaml.load_all(name.read_text(), Once))


def test_volumes_are_mounted():
    """Log, data and metrics outlive their containers; the configuration of Prometheus is this one."""
    mounts = [mount.split(":") for service in SERVICES.values() for mount in service.get("volumes", ())]
    assert {source for source, *_ in mounts if not source.startswith(".")} == set(COMPOSE["volumes"])
    assert all((ROOT / source).exists() for source, *_ in mounts if source.startswith("."))
    assert SERVE["volumes"] == ["data:/data"]
    assert KAFKA["volumes"] == [f"log:{KAFKA['environment']['KAFKA_LOG_DIRS']}"]
    assert "volumes" not in WORKER, "what it learns is on Kafka"


@pytest.mark.parametrize("name", ["deploy/Dockerfile", "docker-compose.yml", "deploy/prometheus/prometheus.yml"])
def test_says_that_it_is_untested(name: str):
    """As long as nothing has been run from these files, they say so."""
    assert "Untested" in (ROOT / name).read_text().partition("\n\n")[0]
