"""Kubernetes' files fit its schemas and name what exists. They are read, not run: the tests need no cluster."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml

from ltrr.serving.commands.cli import command_named
from ltrr.serving.settings.settings import Settings
from tests.deploy.test_containers import KUBERNETES, PROJECT, environment, paths

VERSION: Final = "1.33"
BASE: Final = KUBERNETES / "base"
KEDA: Final = KUBERNETES / "overlays" / "keda"
Part = dict[str, Any]


def parts(folder: Path) -> list[Part]:
    """Return the resources that a kustomization of a folder names."""
    named = kustomization(folder)["resources"]
    files = [folder / name for name in named if (folder / name).is_file()]
    return [part for path in files for part in yaml.safe_load_all(path.read_text())]


def kustomization(folder: Path) -> Part:
    """Return the kustomization of a folder."""
    found: Part = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return found


PARTS: Final = {f"{part['kind']}/{part['metadata']['name']}": part for part in parts(BASE)}
RUN: Final = {name: part for name, part in PARTS.items() if "template" in part.get("spec", {})}
CONFIG: Final = dict(pair.split("=", 1) for pair in kustomization(BASE)["configMapGenerator"][0]["literals"])


def containers(part: Part) -> Iterator[Part]:
    """Yield the containers of a part that runs."""
    yield from part["spec"]["template"]["spec"]["containers"]


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_parts_fit_the_schemas(part: Part):
    """Each is what Kubernetes takes, and has no field that it does not know."""
    kubernetes_validate.validate(part, VERSION, strict=True)


@pytest.mark.parametrize("folder", [BASE, KEDA], ids=lambda folder: folder.name)
def test_resources_are_there(folder: Path):
    """Every file is named in its kustomization, and what is named is there."""
    named = set(kustomization(folder)["resources"])
    assert [name for name in named if not (folder / name).exists()] == []
    assert {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"} <= named


def test_settings_exist():
    """Configuration names settings that there are, as the image expects them."""
    settings = Settings(**{name.removeprefix("LTRR_").lower(): value for name, value in CONFIG.items()})
    assert environment().items() <= CONFIG.items()
    scaled = PARTS["HorizontalPodAutoscaler/worker"]["spec"]["maxReplicas"]
    (keda,) = parts(KEDA)
    assert settings.partitions == scaled == keda["spec"]["maxReplicaCount"]


def test_commands_exist():
    """Containers run commands of ltrr with options that there are, in the image of this version."""
    assert {image["newTag"] for image in kustomization(BASE)["images"]} == {PROJECT["project"]["version"]}
    asked = {container["name"]: container["args"] for part in RUN.values() for container in containers(part)}
    assert asked == {
        "serve": ["serve"],
        "topics": ["topics", "create"],
        "worker": ["worker", "--metrics-port", "9100"],
    }
    assert "create" in command_named("topics").commands
    assert command_named("serve")
    assert "--metrics-port" in {option for parameter in command_named("worker").params for option in parameter.opts}


@pytest.mark.parametrize("name", ["StatefulSet/serve", "Deployment/worker"])
def test_probes_ask_for_what_is_served(name: str):
    """Ports are those that are listened on, and paths are answered."""
    (container,) = containers(RUN[name])
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    assert list(ports.values()) == [CONFIG["LTRR_PORT"] if container["name"] == "serve" else container["args"][-1]]
    probes = [one["httpGet"] for kind, one in container.items() if kind.endswith("Probe")]
    assert {probe["port"] for probe in probes} == set(ports)
    asked = {probe["path"] for probe in probes}
    assert asked == {"/healthz", "/readyz"}
    assert asked <= paths()


@pytest.mark.parametrize("part", RUN.values(), ids=RUN)
def test_nothing_runs_as_root(part: Part):
    """User, root file system, capabilities and limits are as tight as can be; data and temporary files have room."""
    pod = part["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    volumes = {volume["name"] for volume in (*pod["volumes"], *_claims(part))}
    for container in containers(part):
        tight = container["securityContext"]
        assert (tight["readOnlyRootFilesystem"], tight["allowPrivilegeEscalation"]) == (True, False)
        assert tight["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]
        mounted = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        assert {CONFIG["LTRR_DATA_DIR"], "/tmp"} <= mounted.keys()  # noqa: S108  # of the container
        assert set(mounted.values()) == volumes


def test_what_selects_finds():
    """Services, budgets and autoscalers are for parts that run; query workers keep their folders."""
    labels = {name: part["spec"]["template"]["metadata"]["labels"] for name, part in RUN.items()}
    for name, part in PARTS.items():
        selector = part.get("spec", {}).get("selector", {})
        chosen = selector.get("matchLabels", selector)
        assert not chosen or chosen in labels.values(), name
        target = part.get("spec", {}).get("scaleTargetRef")
        assert target is None or f"{target['kind']}/{target['name']}" in RUN
    serve = PARTS["StatefulSet/serve"]["spec"]
    assert serve["persistentVolumeClaimRetentionPolicy"]["whenScaled"] == "Retain"
    assert f"Service/{serve['serviceName']}" in PARTS
    assert PARTS["Service/serve"]["spec"]["sessionAffinity"] == "ClientIP"


def test_metrics_of_autoscalers_are_brought():
    """What autoscalers ask for is named by the adapter's rules, out of metrics that there are."""
    rules = yaml.safe_load((KUBERNETES / "adapter.yaml").read_text())["rules"]["external"]
    brought = {rule["name"]["as"] for rule in rules}
    asked = {
        metric["external"]["metric"]["name"]
        for part in PARTS.values()
        for metric in part.get("spec", {}).get("metrics", ())
        if metric.get("type") == "External"
    }
    assert asked == brought
    from tests.docs.pages import metrics  # noqa: PLC0415  # makes all of them

    for rule in rules:
        assert rule["seriesQuery"].partition("{")[0].removesuffix("_bucket") in metrics()


@pytest.mark.parametrize("folder", [BASE, KEDA], ids=lambda folder: folder.name)
def test_says_that_it_is_untested(folder: Path):
    """As long as nothing has been run from these files, they say so."""
    assert "Untested" in (folder / "kustomization.yaml").read_text().partition("\n\n")[0]


def _claims(part: Part) -> list[Part]:
    return [claim["metadata"] for claim in part["spec"].get("volumeClaimTemplates", ())]
