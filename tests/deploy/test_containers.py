"""The container files name what exists. They are read, not run: the tests need no container engine."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from serving.api import create_app
from serving.cli import app
from serving.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PROMETHEUS = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text())
SERVE: dict[str, Any] = COMPOSE["services"]["serve"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

PORT = "8080"
PINNED = re.compile(r"\S+:v?\d+\.\d+\.\d+\S*")


def instructions(name: str) -> list[str]:
    """Return the arguments of a Dockerfile instruction, one for each time that it stands there."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{name} (.*)", joined, re.MULTILINE)


def paths() -> set[str]:
    """Return the paths that the service answers; routes are made without asking it anything."""
    return {route.path for route in create_app(None).routes}


def environment() -> dict[str, str]:
    """Return the settings of the image."""
    return dict(pair.split("=", 1) for line in instructions("ENV") for pair in line.split() if pair.startswith("LTRR_"))


def test_images_are_pinned():
    """Each image has a full version."""
    images = [line.split()[0] for line in instructions("FROM")] + [s["image"] for s in COMPOSE["services"].values()]
    assert [image for image in images if not PINNED.fullmatch(image)] == []
    assert SERVE["image"].endswith(f":{PROJECT['project']['version']}")


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


@pytest.mark.parametrize("names", [environment(), SERVE["environment"]], ids=["image", "compose"])
def test_settings_exist(names: dict[str, str]):
    """Settings exist and can be read, listen on every address at the published port, and keep data in the volume."""
    fields = {name.removeprefix("LTRR_").lower(): value for name, value in names.items()}
    settings = Settings(**fields)
    assert (settings.host, str(settings.port), str(settings.data_dir)) == ("0.0.0.0", PORT, "/data")  # noqa: S104


def test_ports_agree():
    """The exposed, published, checked and scraped port is the one that is listened on, for this machine alone."""
    assert instructions("EXPOSE") == [PORT]
    assert SERVE["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert PROMETHEUS["scrape_configs"][0]["static_configs"] == [{"targets": [f"serve:{PORT}"]}]


def test_paths_exist():
    """Health check and Prometheus ask for paths that are served."""
    (check,) = instructions("HEALTHCHECK")
    assert set(re.findall(rf"{PORT}(/\w+)", check)) == {"/healthz"}
    assert {"/healthz", PROMETHEUS["scrape_configs"][0]["metrics_path"]} <= paths()


def test_command_exists():
    """The image starts a command of ltrr."""
    assert instructions("ENTRYPOINT") == ['["ltrr"]']
    assert PROJECT["project"]["scripts"].keys() == {"ltrr"}
    assert instructions("CMD") == ['["serve"]']
    assert "serve" in {command.name or command.callback.__name__ for command in app.registered_commands}


def test_stops_as_with_ctrl_c():
    """The signal that stops the container is the one that ends `ltrr serve` with its state kept."""
    assert instructions("STOPSIGNAL") == ["SIGINT"]


def test_volumes_are_mounted():
    """Data and metrics outlive their containers; the configuration of Prometheus is this one."""
    mounts = [mount.split(":") for service in COMPOSE["services"].values() for mount in service["volumes"]]
    assert {source for source, *_ in mounts if not source.startswith(".")} == set(COMPOSE["volumes"])
    assert all((ROOT / source).is_file() for source, *_ in mounts if source.startswith("."))
    assert ["data", "/data"] in mounts


@pytest.mark.parametrize("name", ["deploy/Dockerfile", "docker-compose.yml", "deploy/prometheus.yml"])
def test_says_that_it_is_untested(name: str):
    """As long as nothing has been run from these files, they say so."""
    assert "Untested" in (ROOT / name).read_text().partition("\n\n")[0]
