"""Grafana's dashboards: what it would refuse or show badly. It is not run."""

from itertools import combinations
from typing import Any

import pytest
import yaml

from tests.deploy.promql import DASHBOARDS, DEPLOY, panels

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
PANELS = [(name, panel) for name, panel in panels() if panel["type"] != "row"]
WIDTH = 24


def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
    """Return the cells of the grid that a panel covers."""
    at = panel["gridPos"]
    return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_have_their_places(name: str):
    """Panels have ids and titles of their own, lie within the grid, and cover nothing of each other."""
    found = DASHBOARDS[name]["panels"]
    for key in ("id", "title"):
        assert len({panel[key] for panel in found}) == len(found)
    assert all(x < WIDTH for panel in found for x, _ in cells(panel))
    assert [(a["title"], b["title"]) for a, b in combinations(found, 2) if cells(a) & cells(b)] == []


def test_dashboards_are_known_by_their_own_names():
    """Each has a uid, by which links find it after it is loaded again, and no number of one installation."""
    assert {dashboard["uid"] for dashboard in DASHBOARDS.values()} == {"ltrr-search", "ltrr-operations"}
    assert not any("id" in dashboard for dashboard in DASHBOARDS.values())


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=[f"{name}: {panel['title']}" for name, panel in PANELS])
def test_panels_ask_the_chosen_source(name: str, panel: dict[str, Any]):
    """Panels say what they show, and each query asks the datasource that is chosen, under a letter of its own."""
    assert panel["description"].endswith(".")
    assert panel["datasource"] == SOURCE
    letters = [target["refId"] for target in panel["targets"]]
    assert len(letters) == len(set(letters)) > 0
    assert all(target["datasource"] == SOURCE for target in panel["targets"])
    variables = {variable["name"] for variable in DASHBOARDS[name]["templating"]["list"]}
    assert "datasource" in variables
    for target in panel["targets"]:
        used = target["expr"].replace("$__rate_interval", "")
        assert all(part.startswith(tuple(variables)) for part in used.split("$")[1:])


def test_no_host_is_named():
    """Dashboards name no address: the datasource alone does, that of the compose file."""
    for path in (DEPLOY / "grafana" / "dashboards").glob("*.json"):
        assert "://" not in path.read_text()
        assert ":9090" not in path.read_text()
    provisioning = DEPLOY / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert (source["type"], source["url"]) == ("prometheus", "http://prometheus:9090")
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "ltrr.yml").read_text())["providers"]
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
